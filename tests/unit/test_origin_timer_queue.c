/* Tests of origin/timer_queue: entries fire in order of time, removed ones never. All
 * times are in the past, so the timer rings at once and nothing waits. */
#include "origin/timer_queue.h"

#include "common/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ENTRIES 1000

static struct timer_queue queue;
static struct timer_entry entries[ENTRIES];
static size_t fired;
static uint64_t last_ns;
static bool is_in_order;

static void on_fire(struct timer_entry *entry)
{
    assert_int_equal(entry->place, 0);
    is_in_order = is_in_order && entry->at_ns >= last_ns;
    last_ns = entry->at_ns;
    fired++;
}

static struct event_base *start(void)
{
    struct event_base *base = event_base_new();
    struct err err = {.code = EXIT_CODE_OK};
    assert_non_null(base);
    assert_int_equal(timer_queue_init(&queue, base, on_fire, &err), 0);
    assert_int_equal(timer_queue_reserve(&queue, ENTRIES), 0);
    fired = 0;
    last_ns = 0;
    is_in_order = true;
    for (size_t i = 0; i < ENTRIES; i++)
        entries[i] = (struct timer_entry){0};
    return base;
}

static void end(struct event_base *base)
{
    timer_queue_done(&queue);
    event_base_free(base);
}

/* A permutation of 1..ENTRIES: 617 shares no factor with 1000. */
static uint64_t shuffled(size_t i)
{
    return 1 + i * 617 % ENTRIES;
}

static void test_fires_in_order(void **state)
{
    (void)state;
    struct event_base *base = start();
    for (size_t i = 0; i < ENTRIES; i++)
        timer_queue_add(&queue, &entries[i], shuffled(i));
    while (queue.count > 0)
        (void)event_base_loop(base, EVLOOP_ONCE);
    assert_int_equal(fired, ENTRIES);
    assert_true(is_in_order);
    end(base);
}

static void test_removed_entries_do_not_fire(void **state)
{
    (void)state;
    struct event_base *base = start();
    for (size_t i = 0; i < ENTRIES; i++)
        timer_queue_add(&queue, &entries[i], shuffled(i));
    for (size_t i = 0; i < ENTRIES; i++) {
        if (i % 3)
            timer_queue_remove(&queue, &entries[i]);
    }
    timer_queue_remove(&queue, &entries[1]); /* again: no effect */
    while (queue.count > 0)
        (void)event_base_loop(base, EVLOOP_ONCE);
    assert_int_equal(fired, (ENTRIES + 2) / 3);
    assert_true(is_in_order);
    end(base);
}

static void test_far_entries_wait(void **state)
{
    (void)state;
    struct event_base *base = start();
    uint64_t far_ns = clock_ns() + 3600 * NS_PER_S;
    timer_queue_add(&queue, &entries[0], far_ns);
    timer_queue_add(&queue, &entries[1], 1);
    timer_queue_add(&queue, &entries[2], far_ns - 1);
    (void)event_base_loop(base, EVLOOP_ONCE);
    assert_int_equal(fired, 1);
    assert_int_equal(queue.count, 2);
    (void)event_base_loop(base, EVLOOP_NONBLOCK);
    assert_int_equal(fired, 1);
    assert_int_equal(queue.armed_ns, far_ns - 1);
    end(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fires_in_order),
        cmocka_unit_test(test_removed_entries_do_not_fire),
        cmocka_unit_test(test_far_entries_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
