/* test_resample: percentile intervals from whole trials: what they hold, when there are
 * none, and that they are the same again. */
#include "analysis/resample.h"

#include "common/json.h"
#include "common/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define TRIALS 12

/* A result document with `count` latencies in each of two buckets. */
static json_t *document(json_int_t low_ns, json_int_t high_ns, json_int_t count,
                        json_int_t overflow)
{
    return json_pack("{s:[[I,I],[I,I]],s:I}", "latency_ns", low_ns, count, high_ns, count,
                     "overflow", overflow);
}

static void intervals_of(json_t *const *documents, size_t n,
                         struct resample_interval *out_three)
{
    static const double quantiles[] = {.5, .9, .99};
    const json_t *borrowed[TRIALS];
    for (size_t i = 0; i < n; i++)
        borrowed[i] = documents[i];
    struct resample *r = resample_new(borrowed, n, METRICS_LATENCY);
    resample_quantiles(r, quantiles, 3, out_three);
    resample_free(r);
}

static void release(json_t **documents, size_t n)
{
    for (size_t i = 0; i < n; i++)
        json_decref(documents[i]);
}

static void test_equal_trials_have_no_width(void **state)
{
    (void)state;
    json_t *documents[TRIALS];
    struct resample_interval i[3];
    for (size_t t = 0; t < TRIALS; t++)
        documents[t] = document(1000000, 2000000, 500, 0);
    intervals_of(documents, TRIALS, i);
    assert_true(i[0].is_known && i[1].is_known && i[2].is_known);
    assert_true(i[0].low_ns >= 1000000 && i[0].high_ns < 1020000); /* one bucket */
    assert_true(i[1].low_ns >= 2000000 * .985 && i[1].high_ns < 2050000);
    release(documents, TRIALS);
}

/* One trial of twelve was slow: the p99 of all may be it or may not, the p50 not. */
static void test_one_bad_trial_widens_the_tail(void **state)
{
    (void)state;
    json_t *documents[TRIALS];
    struct resample_interval i[3], again[3];
    for (size_t t = 0; t < TRIALS; t++)
        documents[t] = document(1000000, t == 5 ? 50000000 : 1100000, 500, 0);
    intervals_of(documents, TRIALS, i);
    assert_true(i[0].high_ns < 1200000);
    assert_true(i[2].low_ns < 1200000 && i[2].high_ns > 45000000);
    intervals_of(documents, TRIALS, again);
    for (int q = 0; q < 3; q++)
        assert_true(again[q].low_ns <= i[q].low_ns && again[q].low_ns >= i[q].low_ns &&
                    again[q].high_ns <= i[q].high_ns && again[q].high_ns >= i[q].high_ns);
    release(documents, TRIALS);
}

static void test_none_without_enough_trials_or_in_the_overflow(void **state)
{
    (void)state;
    json_t *documents[TRIALS];
    struct resample_interval i[3];
    for (size_t t = 0; t < TRIALS; t++)
        documents[t] = document(1000000, 2000000, 500, 30);
    intervals_of(documents, 5, i);
    assert_false(i[0].is_known);
    intervals_of(documents, 6, i);
    assert_true(i[0].is_known);
    assert_false(i[2].is_known); /* 2.9 % lie beyond the histogram */
    release(documents, TRIALS);
}

static void test_put_says_why_not(void **state)
{
    (void)state;
    json_t *object = json_pack("{s:i,s:n,s:n}", "p50", 1000000, "p90", "p99");
    json_t *trial = json_pack("{s:o}", "document", document(1000000, 1000000, 500, 0));
    const json_t *trials[TRIALS];
    for (size_t t = 0; t < TRIALS; t++)
        trials[t] = trial;
    resample_put(object, trials, 4, METRICS_LATENCY);
    assert_true(json_is_null(json_object_get(object, "p50_low")));
    assert_string_equal(json_string_value(json_object_get(object, "interval_reason")),
                        "4 trials; resampling them needs 6");
    resample_put(object, trials, TRIALS, METRICS_LATENCY);
    assert_int_equal(json_integer_value(json_object_get(object, "p50_low")), 1000000);
    assert_true(json_integer_value(json_object_get(object, "p50_high")) < 1020000);
    assert_true(json_is_null(json_object_get(object, "p99_low"))); /* as p99 itself */
    assert_true(json_is_null(json_object_get(object, "interval_reason")));
    json_decref(object);
    json_decref(trial);
}

/* A bucket reaches beyond what was seen; the exact ends hold the interval in. */
static void test_no_bound_lies_beyond_what_was_seen(void **state)
{
    (void)state;
    json_t *object = json_pack("{s:i,s:i,s:n,s:i,s:i}", "p50", 1000020, "p90", 1000030,
                               "p99", "min", 1000010, "max", 1000040);
    json_t *trial = json_pack("{s:o}", "document", document(900000, 1200000, 500, 0));
    const json_t *trials[TRIALS];
    for (size_t t = 0; t < TRIALS; t++)
        trials[t] = trial;
    resample_put(object, trials, TRIALS, METRICS_LATENCY);
    assert_int_equal(json_integer_value(json_object_get(object, "p50_low")), 1000010);
    assert_int_equal(json_integer_value(json_object_get(object, "p90_high")), 1000040);
    json_put(object, "min", json_null()); /* of a lag neither end is known */
    json_put(object, "max", json_null());
    resample_put(object, trials, TRIALS, METRICS_LATENCY);
    assert_true(json_integer_value(json_object_get(object, "p50_low")) < 1000000);
    assert_true(json_integer_value(json_object_get(object, "p90_high")) > 1100000);
    json_decref(object);
    json_decref(trial);
}

/* Over 600 made-up runs of 12 trials whose level varies, the interval of the median holds
 * the true one about as often as a percentile interval of 12 clusters does: near 90 %. */
static void test_coverage_by_simulation(void **state)
{
    (void)state;
    struct rng rng = rng_for(3, 1, 4);
    int held = 0;
    for (int round = 0; round < 600; round++) {
        json_t *documents[TRIALS];
        struct resample_interval i[3];
        for (size_t t = 0; t < TRIALS; t++) {
            json_int_t level = 1000000 + (json_int_t)(rng_next(&rng) % 1000001);
            documents[t] = document(level, level, 100, 0);
        }
        intervals_of(documents, TRIALS, i);
        held += i[0].low_ns <= 1500000 && i[0].high_ns >= 1500000;
        release(documents, TRIALS);
    }
    print_message("held in %d of 600\n", held);
    assert_true(held >= 510);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_trials_have_no_width),
        cmocka_unit_test(test_one_bad_trial_widens_the_tail),
        cmocka_unit_test(test_none_without_enough_trials_or_in_the_overflow),
        cmocka_unit_test(test_put_says_why_not),
        cmocka_unit_test(test_no_bound_lies_beyond_what_was_seen),
        cmocka_unit_test(test_coverage_by_simulation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
