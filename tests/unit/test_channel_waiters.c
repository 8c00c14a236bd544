/* Tests of runtime/loop/channel_waiters: who waits, who goes on, and in which order. */
#include "runtime/loop/channel_waiters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct office {
    struct event_base *base;
    struct channel_waiters waiters;
    struct channel *channel;
    struct channel_op *told[8]; /* in order */
    size_t told_count;
};

static void on_done(void *owner, void *user)
{
    struct office *office = owner;
    assert_true(office->told_count < 8);
    office->told[office->told_count++] = user;
}

static void open_office(struct office *office, uint64_t slots)
{
    *office = (struct office){.base = event_base_new()};
    assert_non_null(office->base);
    office->channel = channel_new(slots, 5); /* producers have the members 1 and 3 */
    assert_non_null(office->channel);
    assert_int_equal(
        channel_waiters_init(&office->waiters, office->base, on_done, office), 0);
}

static void close_office(struct office *office)
{
    channel_waiters_done(&office->waiters);
    channel_free(office->channel);
    event_base_free(office->base);
}

static bool serve(struct office *office, struct channel_op *op)
{
    return channel_waiters_serve(&office->waiters, office->channel, op, op);
}

static void turn(struct office *office)
{
    (void)event_base_loop(office->base, EVLOOP_NONBLOCK);
}

static struct channel_op putting(uint64_t number)
{
    return (struct channel_op){.kind = CHANNEL_PUT, .item = {.number = number}};
}

static void test_producers_wait_in_line_for_room(void **state)
{
    (void)state;
    struct office office;
    open_office(&office, 1);
    struct channel_op puts[3] = {putting(1), putting(2), putting(3)};
    struct channel_op get = {.kind = CHANNEL_GET};
    assert_false(serve(&office, &puts[0]));
    assert_true(serve(&office, &puts[1]));
    assert_true(serve(&office, &puts[2]));
    for (uint64_t i = 1; i <= 3; i++) {
        assert_false(serve(&office, &get));
        assert_int_equal(get.item.number, i);
    }
    assert_int_equal(office.told_count, 0); /* not within anybody's call */
    turn(&office);
    assert_int_equal(office.told_count, 2);
    assert_ptr_equal(office.told[0], &puts[1]);
    assert_ptr_equal(office.told[1], &puts[2]);
    assert_int_equal(office.channel->producer_waits, 2);
    assert_int_equal(office.channel->consumer_waits, 0);
    close_office(&office);
}

static void test_consumers_wait_in_line_for_items(void **state)
{
    (void)state;
    struct office office;
    open_office(&office, 4);
    struct channel_op gets[2] = {{.kind = CHANNEL_GET}, {.kind = CHANNEL_GET}};
    struct channel_op puts[3] = {putting(1), putting(2), putting(3)};
    assert_true(serve(&office, &gets[0]));
    assert_true(serve(&office, &gets[1]));
    for (size_t i = 0; i < 3; i++)
        assert_false(serve(&office, &puts[i]));
    turn(&office);
    assert_int_equal(office.told_count, 2);
    assert_ptr_equal(office.told[0], &gets[0]);
    assert_int_equal(gets[0].item.number, 1);
    assert_int_equal(gets[1].item.number, 2);
    assert_false(serve(&office, &gets[0]));
    assert_int_equal(gets[0].item.number, 3);
    assert_int_equal(office.channel->consumer_waits, 2);
    close_office(&office);
}

static void test_the_last_producer_ends_the_waiting(void **state)
{
    (void)state;
    struct office office;
    open_office(&office, 4);
    struct channel_op get = {.kind = CHANNEL_GET};
    struct channel_op leave = {.kind = CHANNEL_LEAVE, .member = 1};
    assert_true(serve(&office, &get));
    assert_false(serve(&office, &leave));
    turn(&office);
    assert_int_equal(office.told_count, 0);
    leave.member = 3;
    assert_false(serve(&office, &leave));
    turn(&office);
    assert_int_equal(office.told_count, 1);
    assert_true(get.is_over);
    struct channel_op late = {.kind = CHANNEL_GET};
    assert_false(serve(&office, &late));
    assert_true(late.is_over);
    close_office(&office);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_producers_wait_in_line_for_room),
        cmocka_unit_test(test_consumers_wait_in_line_for_items),
        cmocka_unit_test(test_the_last_producer_ends_the_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
