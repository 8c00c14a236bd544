/* Tests of analysis/tune_curve: the smallest number of workers on curves that are known. */
#include "analysis/tune_curve.h"

#include "common/array.h"
#include "common/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

static const struct tune_goal within_5 = {.within = 0.05};
static const uint64_t ladder[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512};

/* Little's law for a delay of 20 ms and a capacity: the knee is at capacity x 20 ms. */
static double limited_by_delay(uint64_t concurrency, double capacity)
{
    return fmin((double)concurrency / 0.02, capacity);
}

static double normal(struct rng *rng)
{
    double sum = -6; /* twelve uniform ones */
    for (int i = 0; i < 12; i++)
        sum += (double)(rng_next(rng) >> 11) * 0x1p-53;
    return sum;
}

/* One trial of each number without noise. */
static struct tune_choice choose(const double *values, size_t count, bool is_less_better,
                                 const struct tune_goal *goal)
{
    struct tune_curve curve = {.is_less_better = is_less_better};
    for (size_t i = 0; i < count; i++)
        tune_curve_add(&curve, ladder[i], values[i]);
    tune_curve_fit(&curve);
    return tune_curve_choose(&curve, goal);
}

static void test_flat(void **state)
{
    (void)state;
    const struct tune_choice choice =
        choose((const double[]){100, 100, 100, 100}, 4, false, &within_5);
    assert_true(choice.is_known && choice.is_met && !choice.is_edge);
    assert_int_equal(choice.chosen, 0);
    assert_int_equal(choice.below, 4); /* nothing is half of 1 */
}

static void test_rising_ends_at_the_edge(void **state)
{
    (void)state;
    const struct tune_choice choice =
        choose((const double[]){50, 100, 200, 400}, 4, false, &within_5);
    assert_true(choice.is_edge);
    assert_int_equal(choice.chosen, 3);
    assert_int_equal(choice.below, 2);
}

static void test_peak_then_decline(void **state)
{
    (void)state;
    const struct tune_choice choice =
        choose((const double[]){50, 100, 190, 200, 150, 100}, 6, false, &within_5);
    assert_int_equal(choice.chosen, 2); /* 190 is 5 % below 200 */
    assert_int_equal(choice.best, 3);
    assert_false(choice.is_edge);
}

static void test_less_is_better(void **state)
{
    (void)state;
    const struct tune_choice choice =
        choose((const double[]){900, 500, 300, 298, 300, 310}, 6, true, &within_5);
    assert_int_equal(choice.chosen, 2);
}

/* A plateau, not the lucky trial at 512, says what the best is. */
static void test_one_lucky_trial(void **state)
{
    (void)state;
    static const double noise[] = {0.97, 1, 1.03};
    struct tune_curve curve = {.count = 0};
    for (size_t i = 0; i < COUNT_OF(ladder); i++) {
        for (size_t t = 0; t < COUNT_OF(noise); t++)
            tune_curve_add(&curve, ladder[i],
                           noise[t] * limited_by_delay(ladder[i], 1000));
    }
    tune_curve_forget(&curve, 512);
    tune_curve_add(&curve, 512, 1060);
    tune_curve_fit(&curve);
    const struct tune_choice choice = tune_curve_choose(&curve, &within_5);
    assert_int_equal(curve.points[choice.chosen].concurrency, 32); /* the knee is at 20 */
    assert_int_equal(curve.points[choice.best].concurrency, 512);
}

static void test_limit(void **state)
{
    (void)state;
    const struct tune_goal limit = {.limit = 50e6};
    const double p99_ns[] = {4e9, 2e9, 90e6, 50e6, 44e6};
    struct tune_choice choice = choose(p99_ns, 5, true, &limit);
    assert_true(choice.is_met);
    assert_int_equal(choice.chosen, 3);
    choice = choose(p99_ns, 3, true, &limit);
    assert_false(choice.is_met); /* 90 ms is the best there is */
    assert_int_equal(choice.chosen, 2);
}

static void test_without_trials(void **state)
{
    (void)state;
    struct tune_curve curve = {.count = 0};
    tune_curve_add(&curve, 1, (double)NAN);
    tune_curve_add(&curve, 2, 0);
    tune_curve_fit(&curve);
    assert_int_equal(curve.count, 2);
    assert_false(tune_curve_choose(&curve, &within_5).is_known);
    tune_curve_add(&curve, 1, 10);
    tune_curve_fit(&curve);
    assert_true(tune_curve_choose(&curve, &within_5).is_edge); /* no larger one worked */
}

static void test_points_stand_in_order(void **state)
{
    (void)state;
    struct tune_curve curve = {.count = 0};
    for (uint64_t i = 0; i < UINT64_C(2) * TUNE_POINTS_MAX; i++)
        tune_curve_add(&curve, 100 - i, 1);
    assert_int_equal(curve.count, TUNE_POINTS_MAX);
    for (size_t i = 1; i < curve.count; i++)
        assert_true(curve.points[i - 1].concurrency < curve.points[i].concurrency);
}

/* The number that a search with that noise chooses, for a knee at capacity x 20 ms. */
static uint64_t search(uint64_t seed, double noise, double capacity)
{
    struct tune_curve curve = {.count = 0};
    struct rng rng = rng_for(seed, 77, 0);
    for (size_t i = 0; i < COUNT_OF(ladder); i++) {
        for (int trial = 0; trial < 3; trial++)
            tune_curve_add(&curve, ladder[i],
                           limited_by_delay(ladder[i], capacity) *
                               exp(noise * normal(&rng)));
    }
    tune_curve_fit(&curve);
    return curve.points[tune_curve_choose(&curve, &within_5).chosen].concurrency;
}

/* Trials with 10 % noise: the number stays within a factor of 2 of the right one, and a
 * plateau of five larger numbers does not draw it out. */
static void test_noise(void **state)
{
    (void)state;
    size_t far = 0;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        const uint64_t chosen = search(seed, 0.10, 800); /* the knee is at 16 */
        far += chosen < 8 || chosen > 32;
    }
    print_message("beyond a factor of 2: %zu of 1000\n", far);
    assert_true(far <= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flat),
        cmocka_unit_test(test_rising_ends_at_the_edge),
        cmocka_unit_test(test_peak_then_decline),
        cmocka_unit_test(test_less_is_better),
        cmocka_unit_test(test_one_lucky_trial),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_without_trials),
        cmocka_unit_test(test_points_stand_in_order),
        cmocka_unit_test(test_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
