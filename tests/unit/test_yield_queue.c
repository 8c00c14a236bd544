/* Tests of runtime/loop/yield_queue: turns go round, and the loop still has its own. */
#include "runtime/loop/yield_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#define USERS 200 /* more than the queue has room for at first */

struct fixture {
    struct event_base *base;
    struct yield_queue turns;
    int users[USERS];    /* its own index */
    size_t count;        /* of turns */
    size_t out_of_order; /* turns that were not the next one's */
    size_t passes;       /* of the loop, while users had turns to come */
    size_t last;         /* turns before the socket was served */
};

static void on_turn(void *owner, void *user)
{
    struct fixture *f = owner;
    const int *index = user;
    f->out_of_order += (size_t)*index != f->count % USERS;
    f->count++;
    assert_true(yield_queue_add(&f->turns, user));
}

static void start(struct fixture *f)
{
    *f = (struct fixture){.base = event_base_new()};
    assert_non_null(f->base);
    yield_queue_init(&f->turns, f->base, on_turn, f);
    for (int i = 0; i < USERS; i++) {
        f->users[i] = i;
        assert_true(yield_queue_add(&f->turns, &f->users[i]));
    }
}

static void finish(struct fixture *f)
{
    yield_queue_done(&f->turns);
    event_base_free(f->base);
}

/* In every pass of the loop: a byte that nobody takes keeps the socket readable. */
static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct fixture *f = arg;
    assert_true(f->count - f->last <= YIELDS_A_PASS);
    f->last = f->count;
    if (++f->passes == 5)
        (void)event_base_loopbreak(f->base);
}

static void test_turns_go_round_and_sockets_get_theirs(void **state)
{
    (void)state;
    struct fixture f;
    int ends[2];
    start(&f);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    struct event *event =
        event_new(f.base, ends[0], EV_READ | EV_PERSIST, on_readable, &f);
    assert_non_null(event);
    assert_int_equal(event_add(event, NULL), 0);
    assert_int_equal(event_base_loop(f.base, 0), 0);
    assert_int_equal(f.passes, 5);
    assert_int_equal(f.out_of_order, 0);
    assert_true(f.count >= 3 * (size_t)YIELDS_A_PASS);
    event_free(event);
    (void)close(ends[0]);
    (void)close(ends[1]);
    finish(&f);
}

static void on_time(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct fixture *f = arg;
    (void)event_base_loopbreak(f->base);
}

/* The loop would not end if it were not served. */
static void test_times_get_theirs(void **state)
{
    (void)state;
    struct fixture f;
    const struct timeval soon = {0, 2000};
    start(&f);
    struct event *event = evtimer_new(f.base, on_time, &f);
    assert_non_null(event);
    assert_int_equal(evtimer_add(event, &soon), 0);
    assert_int_equal(event_base_loop(f.base, 0), 0);
    assert_int_equal(f.out_of_order, 0);
    assert_true(f.count >= USERS);
    event_free(event);
    finish(&f);
}

static void test_none_takes_nothing(void **state)
{
    (void)state;
    struct yield_queue none = {.base = NULL};
    yield_queue_done(&none);
    struct event_base *base = event_base_new();
    yield_queue_init(&none, base, on_turn, NULL);
    assert_null(none.event);
    assert_null(none.ring);
    assert_int_equal(event_base_loop(base, 0), 1); /* nothing to wait for */
    yield_queue_done(&none);
    event_base_free(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_turns_go_round_and_sockets_get_theirs),
        cmocka_unit_test(test_times_get_theirs),
        cmocka_unit_test(test_none_takes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
