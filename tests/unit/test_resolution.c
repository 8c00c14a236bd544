/* test_resolution: percentiles are not compared finer than a histogram's buckets,
 * wherever the edge of one happens to lie; nor are ranks decided by the last bit. */
#include "journal_made.h"

#include "analysis/margin.h"
#include "analysis/stats.h"
#include "common/hist.h"
#include "common/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BLOCKS   12
#define REQUESTS 1000

static const struct made_model models[] = {{"threads", 8, 20000, 20, 10000000, .2},
                                           {"coroutines", 8, 20000, 20, 10000000, .2}};

/* Gives a document the times of a histogram. */
static void put_times(json_t *document, const char *key, const struct hist *hist)
{
    json_t *pairs = json_array();
    for (size_t i = 0; i < HIST_BUCKETS; i++) {
        if (hist->counts[i] > 0)
            json_push(pairs, json_pack("[I,I]", (json_int_t)hist_lower_edge_ns(i),
                                       (json_int_t)hist->counts[i]));
    }
    json_put(document, key, pairs);
}

/* Between 0 and 1. */
static double uniform(struct rng *rng)
{
    return (double)(rng_next(rng) >> 11) * 0x1p-53;
}

/* A journal in which the requests of threads take `true_ns`, give or take `spread`, those
 * of coroutines `ratio` times that; each trial is off by `noise`. */
static json_t *results_of(double true_ns, double ratio, double spread, double noise,
                          struct rng *rng)
{
    const struct made made = {BLOCKS, models, 2, true};
    json_t *journal = made_journal(&made), *line = NULL;
    size_t i = 0;
    made_open_loop(journal, "");
    json_array_foreach (journal, i, line) {
        json_t *document = json_object_get(line, "document");
        const char *model = json_string_value(json_object_get(line, "model"));
        struct hist hist = {0};
        if (!document)
            continue;
        double level = true_ns * (strcmp(model, "coroutines") != 0 ? 1 : ratio) *
                       (1 + noise * (2 * uniform(rng) - 1));
        for (int r = 0; r < REQUESTS; r++)
            hist_add(&hist, (uint64_t)(level * (1 + spread * (2 * uniform(rng) - 1))));
        put_times(document, "latency_ns", &hist);
        put_times(document, "response_ns", &hist);
    }
    return made_results(journal);
}

/* How many of the four percentiles are called different. */
static size_t different(json_t *results)
{
    size_t i = 0, found = 0, seen = 0;
    json_t *row = NULL;
    json_array_foreach (json_object_get(results, "comparisons"), i, row) {
        const char *metric = json_string_value(json_object_get(row, "metric"));
        const char *word = json_string_value(json_object_get(row, "verdict"));
        if (!strstr(metric, "_p50_ns") && !strstr(metric, "_p99_ns"))
            continue;
        seen++;
        found += word && !strcmp(word, "different");
    }
    assert_int_equal(seen, 4);
    json_decref(results);
    return found;
}

/* Two models whose times are a thousandth apart, on both sides of an edge. */
static void test_a_bucket_edge_makes_no_difference(void **state)
{
    static const double spreads[] = {0, .0002, .01, .2};
    struct rng rng = rng_for(1, 2, 3);
    (void)state;
    for (size_t bucket = 300; bucket < 1900; bucket += 37) {
        for (size_t s = 0; s < COUNT_OF(spreads); s++) {
            const double edge_ns = (double)hist_lower_edge_ns(bucket);
            assert_int_equal(
                different(results_of(edge_ns * .9995, 1.001, spreads[s], .0002, &rng)),
                0);
        }
    }
}

/* And one of 5 % is still found. */
static void test_a_difference_is_found(void **state)
{
    struct rng rng = rng_for(1, 2, 3);
    (void)state;
    for (size_t bucket = 300; bucket < 1900; bucket += 370)
        assert_int_equal(different(results_of((double)hist_lower_edge_ns(bucket), 1.05,
                                              .01, .002, &rng)),
                         4);
}

/* The middles of neighbouring buckets lie closer than the margin, whichever they are. */
static void test_no_bucket_is_wider_than_delta(void **state)
{
    const double edge = log1p(margin_value(NULL, "latency_p50_ns"));
    (void)state;
    for (size_t i = 128; i + 2 < HIST_BUCKETS; i++) {
        struct hist one = {0}, next = {0};
        one.counts[i] = next.counts[i + 1] = 1;
        assert_true(log((double)hist_quantile_ns(&next, .5)) -
                        log((double)hist_quantile_ns(&one, .5)) <
                    edge);
    }
}

static void test_delta_is_never_finer_than_the_metric(void **state)
{
    static const char *const coarse[] = {"latency_p50_ns", "latency_p99_ns",
                                         "response_p50_ns", "response_p99_ns"};
    json_auto_t *all = margin_json(.005, NULL);
    json_auto_t *floors = json_pack("{s:{s:f},s:{s:f}}", "latency_p50_ns", "floor_ratio",
                                    .05, "latency_p99_ns", "floor_ratio", .012);
    json_auto_t *found = margin_json(0, floors);
    json_auto_t *run =
        json_pack("{s:{s:{s:f}}}", "delta", "latency_p50_ns", "value", .01);
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        const json_t *entry = json_object_get(all, coarse[i]);
        assert_true(json_number_value(json_object_get(entry, "value")) == .016);
        assert_string_equal(json_string_value(json_object_get(entry, "source")),
                            "resolution");
    }
    const json_t *entry = json_object_get(all, "throughput_per_s");
    assert_true(json_number_value(json_object_get(entry, "value")) == .005);
    entry = json_object_get(found, "latency_p50_ns");
    assert_true(json_number_value(json_object_get(entry, "value")) == .05);
    assert_string_equal(json_string_value(json_object_get(entry, "source")), "floor");
    entry = json_object_get(found, "latency_p99_ns");
    assert_string_equal(json_string_value(json_object_get(entry, "source")),
                        "resolution");
    assert_true(margin_value(run, "latency_p50_ns") == .016); /* of an older run */
    assert_true(margin_value(run, "throughput_per_s") == .01);
}

/* ln(a/b) and ln(b/a) differ in the last bit, and so do 2/1 and 6/3: they are ties. */
static void test_equal_magnitudes_tie(void **state)
{
    const struct {
        double top, bottom;
    } pairs[] = {{3, 1}, {1, 3}, {9, 3}, {7, 21}, {1e9, 3e9}, {.3, .1}};
    double differences[6], exact[6];
    (void)state;
    for (size_t i = 0; i < 6; i++) {
        differences[i] = log(pairs[i].top) - log(pairs[i].bottom);
        exact[i] = pairs[i].top > pairs[i].bottom ? 1 : -1;
    }
    assert_true(stats_signed_rank_p(differences, 6) == stats_signed_rank_p(exact, 6));
    const double nothing[] = {1e-16, 1e-15, 0, 3e-14, 1e-13, 1e-16};
    assert_true(stats_signed_rank_p(nothing, 6) == 1);
    const double large[] = {1e6, -1e6 * (1 + 1e-14), 1e6 * (1 - 1e-14), -1e6, -1e6, 1e6};
    assert_true(stats_signed_rank_p(large, 6) == stats_signed_rank_p(exact, 6));
    const double apart[] = {1, -1 - 1e-9, 1 + 2e-9, 1 + 3e-9, 1 + 4e-9, -1 - 5e-9};
    const double ranks[] = {1, -2, 3, 4, 5, -6};
    assert_true(stats_signed_rank_p(apart, 6) == stats_signed_rank_p(ranks, 6));
}

/* The same, through the paired rows: two models that change places from block to block
 * are the same distance apart in each. */
static void test_models_that_change_places_tie(void **state)
{
    const struct made made = {BLOCKS, models, 2, true};
    json_t *journal = made_journal(&made), *line = NULL, *row = NULL;
    size_t i = 0;
    (void)state;
    json_array_foreach (journal, i, line) {
        json_t *document = json_object_get(line, "document");
        const char *model = json_string_value(json_object_get(line, "model"));
        const json_int_t block = json_integer_value(json_object_get(line, "block"));
        const bool is_first = document && !strcmp(model, "threads");
        if (document) /* 9 of 12 times the first needs a third of the time */
            json_put(document, "measured_ns",
                     json_integer(is_first == (block % 4 > 0) ? 100000007 : 300000021));
    }
    json_t *results = made_results(journal);
    json_array_foreach (json_object_get(results, "comparisons"), i, row) {
        if (strcmp(json_string_value(json_object_get(row, "metric")),
                   "throughput_per_s") != 0)
            continue;
        const double ratio = json_number_value(json_object_get(row, "ratio"));
        const double low = json_number_value(json_object_get(row, "low"));
        const double high = json_number_value(json_object_get(row, "high"));
        assert_true(fabs(ratio * 3 - 1) < 1e-9);
        assert_true(fabs(low * 3 - 1) < 1e-9);
        assert_true(high == 1); /* exactly, since ln a - ln b is */
        /* it does not exclude 1, so `small` it is not */
        assert_string_equal(json_string_value(json_object_get(row, "verdict")),
                            "inconclusive");
    }
    json_decref(results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_bucket_edge_makes_no_difference),
        cmocka_unit_test(test_a_difference_is_found),
        cmocka_unit_test(test_no_bucket_is_wider_than_delta),
        cmocka_unit_test(test_delta_is_never_finer_than_the_metric),
        cmocka_unit_test(test_equal_magnitudes_tie),
        cmocka_unit_test(test_models_that_change_places_tie),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
