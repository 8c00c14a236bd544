/* Tests of origin/delay: the draws are a function of seed and number, lie within
 * their range and have the shape that was asked for. No clock is read here. */
#include "origin/delay.h"

#include "common/clock.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define DRAWS 200000

static void test_constant(void **state)
{
    (void)state;
    const struct delay none = {0};
    const struct delay some = {.delay_ms = 20};
    assert_int_equal(delay_ns(&none, 1, 0), 0);
    for (uint64_t k = 0; k < 100; k++)
        assert_int_equal(delay_ns(&some, k, k), 20 * NS_PER_MS);
}

static void test_any(void **state)
{
    (void)state;
    const struct delay none = {.tail_ppm = 5};
    const struct delay jitter = {.jitter_ms = 1};
    const struct delay tail = {.tail_ppm = 1, .tail_ms = 1};
    assert_false(delay_is_any(&none));
    assert_true(delay_is_any(&jitter));
    assert_true(delay_is_any(&tail));
}

/* Written down, so that a change of the generator, which would make old and new runs
 * meet different delays, does not pass unseen. */
static void test_known_draws(void **state)
{
    (void)state;
    const struct delay delay = {.jitter_ms = 1000};
    assert_int_equal(delay_ns(&delay, 1, 0), 749748242);
    assert_int_equal(delay_ns(&delay, 1, 1), 438283906);
    assert_int_equal(delay_ns(&delay, 2, 0), 254213819);
}

static void test_jitter_is_uniform(void **state)
{
    (void)state;
    const struct delay delay = {.delay_ms = 5, .jitter_ms = 10};
    unsigned bins[10] = {0};
    for (uint64_t k = 0; k < DRAWS; k++) {
        uint64_t ns = delay_ns(&delay, 42, k);
        assert_true(ns >= 5 * NS_PER_MS && ns <= 15 * NS_PER_MS);
        size_t bin = (size_t)((ns - 5 * NS_PER_MS) / NS_PER_MS);
        bins[bin < 10 ? bin : 9]++;
    }
    /* 6 standard deviations of a binomial count; the seed is fixed, so never flaky */
    double expected = DRAWS / 10.0;
    for (size_t i = 0; i < 10; i++)
        assert_true(fabs(bins[i] - expected) < 6 * sqrt(expected));
}

/* Mean and median of an exponential with mean 10 ms; nothing else is moved by it. */
static void test_exponential_is_exponential(void **state)
{
    (void)state;
    const struct delay delay = {.delay_ms = 5, .jitter_ms = 3, .exp_ms = 10};
    const struct delay without = {.delay_ms = 5, .jitter_ms = 3};
    double sum = 0;
    unsigned below = 0, above = 0;
    assert_true(delay_is_any(&(struct delay){.exp_ms = 1}));
    for (uint64_t k = 0; k < DRAWS; k++) {
        const uint64_t ns = delay_ns(&delay, 42, k) - delay_ns(&without, 42, k);
        assert_true(ns <= 370 * NS_PER_MS);
        sum += (double)ns / (double)NS_PER_MS;
        below += (double)ns < 10 * log(2) * (double)NS_PER_MS;
        above += (double)ns > 10 * log(100) * (double)NS_PER_MS;
    }
    assert_true(fabs(sum / DRAWS - 10) < 6 * 10 / sqrt(DRAWS));
    assert_true(fabs(below - DRAWS / 2.0) < 6 * sqrt(DRAWS / 4.0));
    assert_true(fabs(above - DRAWS / 100.0) < 6 * sqrt(DRAWS / 100.0));
}

static void test_tail_is_as_rare_as_asked(void **state)
{
    (void)state;
    const struct delay delay = {.delay_ms = 1, .tail_ppm = 10000, .tail_ms = 100};
    unsigned slow = 0;
    for (uint64_t k = 0; k < DRAWS; k++) {
        uint64_t ns = delay_ns(&delay, 42, k);
        assert_true(ns == NS_PER_MS || ns == 101 * NS_PER_MS);
        slow += ns > NS_PER_MS;
    }
    assert_true(fabs(slow - 2000.0) < 6 * sqrt(2000.0));
    const struct delay always = {.tail_ppm = DELAY_PPM_MAX, .tail_ms = 1};
    const struct delay never = {.tail_ppm = 0, .tail_ms = 1};
    for (uint64_t k = 0; k < 1000; k++) {
        assert_int_equal(delay_ns(&always, 42, k), NS_PER_MS);
        assert_int_equal(delay_ns(&never, 42, k), 0);
    }
}

/* The jitter of a request is the same with and without a tail. */
static void test_tail_does_not_move_the_jitter(void **state)
{
    (void)state;
    const struct delay plain = {.jitter_ms = 10};
    const struct delay tailed = {.jitter_ms = 10, .tail_ppm = 500000, .tail_ms = 100};
    for (uint64_t k = 0; k < 1000; k++) {
        uint64_t jitter = delay_ns(&plain, 3, k);
        uint64_t both = delay_ns(&tailed, 3, k);
        assert_true(both == jitter || both == jitter + 100 * NS_PER_MS);
    }
}

static void test_seeds_and_numbers_differ(void **state)
{
    (void)state;
    const struct delay delay = {.jitter_ms = DELAY_MS_MAX};
    unsigned same = 0;
    for (uint64_t k = 0; k < 1000; k++) {
        same += delay_ns(&delay, 1, k) == delay_ns(&delay, 2, k);
        same += delay_ns(&delay, 1, k) == delay_ns(&delay, 1, k + 1);
        /* a seed that is the generator's own step away must not be the same stream */
        same += delay_ns(&delay, UINT64_C(0x9e3779b97f4a7c15), k) ==
                delay_ns(&delay, UINT64_C(0x3c6ef372fe94f82a), k);
    }
    assert_int_equal(same, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constant),
        cmocka_unit_test(test_any),
        cmocka_unit_test(test_known_draws),
        cmocka_unit_test(test_jitter_is_uniform),
        cmocka_unit_test(test_exponential_is_exponential),
        cmocka_unit_test(test_tail_is_as_rare_as_asked),
        cmocka_unit_test(test_tail_does_not_move_the_jitter),
        cmocka_unit_test(test_seeds_and_numbers_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
