/* Tests of runtime/channel: between threads, between processes, and when some of
 * them die. */
#include "runtime/channel.h"

#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define MEMBERS 8
#define ITEMS   20000

static struct channel *new_channel(uint64_t slots, uint64_t members)
{
    struct channel *channel = channel_new(slots, members);
    assert_non_null(channel);
    return channel;
}

static bool put(struct channel *channel, uint64_t number)
{
    struct channel_op op = {.kind = CHANNEL_PUT, .item = {.number = number}};
    channel_do(channel, &op);
    return !op.is_over;
}

/* 0: nothing will come */
static uint64_t get(struct channel *channel)
{
    struct channel_op op = {.kind = CHANNEL_GET};
    channel_do(channel, &op);
    return op.is_over ? 0 : op.item.number;
}

static void test_first_in_first_out(void **state)
{
    (void)state;
    struct channel *channel = new_channel(3, 2);
    for (uint64_t round = 0; round < 5; round++) {
        for (uint64_t i = 1; i <= 3; i++)
            assert_true(put(channel, 10 * round + i));
        assert_false(channel_push(channel, (struct item){.number = 1}));
        for (uint64_t i = 1; i <= 3; i++)
            assert_int_equal(get(channel), 10 * round + i);
        struct item item;
        assert_false(channel_pop(channel, &item));
    }
    assert_int_equal(channel->producer_waits, 0);
    assert_int_equal(channel->consumer_waits, 0);
    channel_free(channel);
    channel_free(NULL);
}

static void test_what_is_in_it_is_not_lost_when_producers_leave(void **state)
{
    (void)state;
    struct channel *channel = new_channel(3, 3); /* member 1 is the only producer */
    assert_true(put(channel, 7));
    assert_true(put(channel, 8));
    channel_leave(channel, 1);
    channel_leave(channel, 1);
    assert_int_equal(get(channel), 7);
    assert_int_equal(get(channel), 8);
    assert_int_equal(get(channel), 0);
    channel_free(channel);
}

static void test_producers_are_told_when_nobody_takes(void **state)
{
    (void)state;
    struct channel *channel = new_channel(3, 3);
    channel_leave(channel, 0);
    assert_true(put(channel, 1));
    channel_leave(channel, 2);
    assert_false(put(channel, 2));
    channel_free(channel);
}

static void test_a_closed_channel_is_of_no_use(void **state)
{
    (void)state;
    struct channel *channel = new_channel(3, 2);
    assert_true(put(channel, 1));
    channel_close(channel);
    assert_false(put(channel, 2));
    assert_int_equal(get(channel), 0);
    channel_free(channel);
}

struct crew {
    struct channel *channel;
    _Atomic uint64_t next, got, sum;
    uint64_t items;
};

static void work_on(struct crew *crew, size_t member)
{
    struct channel *channel = crew->channel;
    channel_join(channel, member);
    uint64_t number = 0;
    if (channel_is_producer(member)) {
        while ((number = 1 + atomic_fetch_add(&crew->next, 1)) <= crew->items)
            assert_true(put(channel, number));
    } else {
        while ((number = get(channel))) {
            (void)atomic_fetch_add(&crew->got, 1);
            (void)atomic_fetch_add(&crew->sum, number);
        }
    }
    channel_leave(channel, member);
}

struct party {
    struct crew *crew;
    size_t member;
    pthread_t id;
};

static void *party_main(void *arg)
{
    const struct party *self = arg;
    work_on(self->crew, self->member);
    return NULL;
}

static void run_threads(uint64_t slots, uint64_t items)
{
    struct crew crew = {.channel = new_channel(slots, MEMBERS), .items = items};
    struct party parties[MEMBERS];
    for (size_t i = 0; i < MEMBERS; i++) {
        parties[i] = (struct party){.crew = &crew, .member = i};
        assert_int_equal(pthread_create(&parties[i].id, NULL, party_main, &parties[i]),
                         0);
    }
    for (size_t i = 0; i < MEMBERS; i++)
        assert_int_equal(pthread_join(parties[i].id, NULL), 0);
    assert_int_equal(atomic_load(&crew.got), items);
    assert_int_equal(atomic_load(&crew.sum), items * (items + 1) / 2);
    assert_int_equal(crew.channel->put, items);
    assert_int_equal(crew.channel->taken, items);
    channel_free(crew.channel);
}

static void test_threads_pass_each_item_once(void **state)
{
    (void)state;
    run_threads(1, ITEMS);
    run_threads(7, ITEMS);
    run_threads(1000, ITEMS);
    run_threads(64, 1);
}

static pid_t fork_child(void (*function)(struct channel *), struct channel *channel)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        function(channel);
        _exit(0);
    }
    return pid;
}

static int end_of(pid_t pid)
{
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

/* Returns when so many wait for an item, or for room. */
static void until_waiting(const struct condition *condition, uint32_t count)
{
    const volatile uint32_t *waiting = &condition->waiting;
    while (*waiting < count)
        (void)sched_yield();
}

static void sit_0_and_get(struct channel *channel)
{
    channel_join(channel, 0);
    if (get(channel))
        _exit(1);
}

static void sit_1_and_fill(struct channel *channel)
{
    channel_join(channel, 1);
    while (put(channel, 1))
        continue;
}

static void test_a_killed_consumer_is_not_waited_for(void **state)
{
    (void)state;
    struct channel *channel = new_channel(1, 2);
    pid_t consumer = fork_child(sit_0_and_get, channel);
    until_waiting(&channel->has_items, 1);
    assert_int_equal(kill(consumer, SIGKILL), 0);
    (void)end_of(consumer);
    pid_t producer = fork_child(sit_1_and_fill, channel);
    until_waiting(&channel->has_room, 1);
    channel_lose(channel, consumer);
    assert_int_equal(end_of(producer), 0);
    channel_free(channel);
}

static void test_a_killed_producer_is_not_waited_for(void **state)
{
    (void)state;
    struct channel *channel = new_channel(1, 2);
    pid_t producer = fork_child(sit_1_and_fill, channel);
    until_waiting(&channel->has_room, 1);
    assert_int_equal(kill(producer, SIGKILL), 0);
    (void)end_of(producer);
    assert_int_equal(get(channel), 1);
    pid_t consumer = fork_child(sit_0_and_get, channel);
    until_waiting(&channel->has_items, 1);
    channel_lose(channel, producer);
    assert_int_equal(end_of(consumer), 0);
    channel_free(channel);
}

static void die_with_the_lock(struct channel *channel)
{
    channel_join(channel, 0);
    (void)pthread_mutex_lock(&channel->lock);
    channel->consumers = 99; /* in the middle of something */
}

static void test_who_dies_with_the_lock_leaves_it_usable(void **state)
{
    (void)state;
    struct channel *channel = new_channel(1, 2);
    pid_t pid = fork_child(die_with_the_lock, channel);
    assert_int_equal(end_of(pid), 0);
    assert_true(put(channel, 5));
    channel_lose(channel, pid);
    assert_int_equal(channel->consumers, 0);
    assert_int_equal(channel->producers, 1);
    assert_false(put(channel, 6));
    channel_free(channel);
}

static void test_a_death_before_the_seat_closes_it(void **state)
{
    (void)state;
    struct channel *channel = new_channel(1, 4);
    channel_lose(channel, getpid());
    assert_false(put(channel, 1));
    assert_int_equal(get(channel), 0);
    channel_free(channel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_in_first_out),
        cmocka_unit_test(test_what_is_in_it_is_not_lost_when_producers_leave),
        cmocka_unit_test(test_producers_are_told_when_nobody_takes),
        cmocka_unit_test(test_a_closed_channel_is_of_no_use),
        cmocka_unit_test(test_threads_pass_each_item_once),
        cmocka_unit_test(test_a_killed_consumer_is_not_waited_for),
        cmocka_unit_test(test_a_killed_producer_is_not_waited_for),
        cmocka_unit_test(test_who_dies_with_the_lock_leaves_it_usable),
        cmocka_unit_test(test_a_death_before_the_seat_closes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
