/* test_schedule.c: arrivals of an open loop. */
#include "runtime/schedule.h"

#include "common/clock.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT 20000

/* Due times from the first one on. */
static void take_all(uint64_t rate_per_s, bool is_poisson, uint64_t seed,
                     uint64_t due_ns[COUNT])
{
    struct schedule schedule;
    schedule_init(&schedule, COUNT, rate_per_s, is_poisson, seed);
    uint64_t number = 0;
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(schedule_take(&schedule, &number, &due_ns[i]));
        assert_int_equal(number, i);
    }
    uint64_t none = 0;
    assert_false(schedule_take(&schedule, &number, &none));
    for (size_t i = COUNT; i-- > 0;)
        due_ns[i] -= due_ns[0];
}

static void fixed_gaps_are_equal(void **state)
{
    (void)state;
    static uint64_t due_ns[COUNT];
    take_all(1000, false, 1, due_ns);
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(due_ns[i], i * NS_PER_MS);
}

static void poisson_gaps_have_the_rate_and_its_spread(void **state)
{
    (void)state;
    static uint64_t due_ns[COUNT];
    take_all(1000, true, 7, due_ns);
    double sum = 0, squares = 0;
    size_t above_mean = 0;
    for (size_t i = 1; i < COUNT; i++) {
        double gap_ms = (double)(due_ns[i] - due_ns[i - 1]) / (double)NS_PER_MS;
        sum += gap_ms;
        squares += gap_ms * gap_ms;
        above_mean += gap_ms > 1;
    }
    double n = COUNT - 1;
    double mean = sum / n;
    double sd = sqrt(squares / n - mean * mean);
    /* exponential: mean = sd = 1 ms, P(gap > mean) = 1/e; 5 standard errors of room */
    assert_true(fabs(mean - 1) < 5 / sqrt(n));
    assert_true(fabs(sd - 1) < 8 / sqrt(n));
    assert_true(fabs((double)above_mean / n - exp(-1)) < 5 * 0.49 / sqrt(n));
}

static void a_seed_gives_the_same_arrivals_again(void **state)
{
    (void)state;
    static uint64_t one[COUNT], two[COUNT], other[COUNT];
    take_all(500, true, 3, one);
    take_all(500, true, 3, two);
    take_all(500, true, 4, other);
    assert_memory_equal(one, two, sizeof one);
    assert_memory_not_equal(one, other, sizeof one);
}

static void the_first_is_due_at_once(void **state)
{
    (void)state;
    struct schedule schedule;
    uint64_t before_ns = clock_ns();
    uint64_t number = 0;
    uint64_t due_ns = 0;
    schedule_init(&schedule, 1, 1, true, 1);
    assert_true(schedule_take(&schedule, &number, &due_ns));
    assert_true(due_ns >= before_ns && due_ns <= clock_ns());
}

static void used_up_is_used_up(void **state)
{
    (void)state;
    struct schedule schedule;
    uint64_t number = 0;
    uint64_t due_ns = 0;
    schedule_init(&schedule, 5, 1, true, 1);
    schedule_use_up(&schedule);
    assert_false(schedule_take(&schedule, &number, &due_ns));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_gaps_are_equal),
        cmocka_unit_test(poisson_gaps_have_the_rate_and_its_spread),
        cmocka_unit_test(a_seed_gives_the_same_arrivals_again),
        cmocka_unit_test(the_first_is_due_at_once),
        cmocka_unit_test(used_up_is_used_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
