/* Tests of runtime/timers.c. */
#include "runtime/timers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define COUNT 1000

static void test_nobody_waits(void **state)
{
    (void)state;
    struct timers timers;
    assert_int_equal(timers_init(&timers, 0), 0);
    assert_true(timers_next_ns(&timers) == UINT64_MAX);
    assert_null(timers_take(&timers, UINT64_MAX));
    timers_done(&timers);
    timers_done(&timers);
}

/* More than there was room for, added in a scrambled order, with equal times among them.
 */
static void test_they_come_in_order_of_time(void **state)
{
    (void)state;
    static uint64_t due_ns[COUNT];
    struct timers timers;
    assert_int_equal(timers_init(&timers, 3), 0);
    for (size_t i = 0; i < COUNT; i++) {
        due_ns[i] = i * 7919 % COUNT / 2;
        assert_int_equal(timers_add(&timers, due_ns[i], &due_ns[i]), 0);
    }
    uint64_t last_ns = 0;
    for (size_t i = 0; i < COUNT; i++) {
        uint64_t next_ns = timers_next_ns(&timers);
        const uint64_t *taken = timers_take(&timers, UINT64_MAX);
        assert_non_null(taken);
        assert_true(*taken == next_ns);
        assert_true(*taken >= last_ns);
        last_ns = *taken;
    }
    assert_null(timers_take(&timers, UINT64_MAX));
    timers_done(&timers);
}

static void test_nobody_is_taken_early(void **state)
{
    (void)state;
    struct timers timers;
    int early = 0, late = 0;
    assert_int_equal(timers_init(&timers, 2), 0);
    assert_int_equal(timers_add(&timers, 20, &late), 0);
    assert_int_equal(timers_add(&timers, 10, &early), 0);
    assert_null(timers_take(&timers, 9));
    assert_ptr_equal(timers_take(&timers, 10), &early);
    assert_null(timers_take(&timers, 19));
    assert_int_equal(timers_add(&timers, 5, &early), 0); /* added later, due earlier */
    assert_ptr_equal(timers_take(&timers, 21), &early);
    assert_ptr_equal(timers_take(&timers, 21), &late);
    timers_done(&timers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_waits),
        cmocka_unit_test(test_they_come_in_order_of_time),
        cmocka_unit_test(test_nobody_is_taken_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
