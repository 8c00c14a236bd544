/* test_price: the slope over the number of workers, its interval by blocks, its words. */
#include "analysis/price.h"
#include "analysis/words/phrase.h"
#include "analysis/words/price_words.h"
#include "journal_made.h"
#include "single_quotes.h"

#include <math.h>

static void expect_near(double value, double wanted)
{
    assert_true(fabs(value - wanted) < 1e-6);
}

static void test_the_slope_is_of_the_least_squares(void **state)
{
    (void)state;
    const double x[] = {1, 2, 4, 8};
    const double straight[] = {105, 110, 120, 140}, bent[] = {0, 3, 1, 4};
    expect_near(price_slope(x, straight, 4), 5);
    /* means 3.75 and 2; sum of products 12, of squares 28.75 */
    expect_near(price_slope(x, bent, 4), 12 / 28.75);
}

static void test_no_slope_without_two_places(void **state)
{
    (void)state;
    const double same[] = {4, 4}, x[] = {1, 2}, values[] = {1, 2},
                 gap[] = {1, (double)NAN};
    assert_true(isnan(price_slope(x, values, 1)));
    assert_true(isnan(price_slope(same, values, 2)));
    assert_true(isnan(price_slope(x, gap, 2)));
}

/* Blocks whose level differs a lot, but not what one more worker costs. */
static void test_what_a_block_has_in_common_does_not_count(void **state)
{
    (void)state;
    const double workers[] = {1, 11, 101};
    double values[8 * 3];
    for (int b = 0; b < 8; b++) {
        for (int p = 0; p < 3; p++)
            values[b * 3 + p] = 1000 * b + (40 + 0.1 * b) * workers[p];
    }
    values[3 * 3 + 1] = (double)NAN; /* this block does not count */
    const struct stats_estimate e = price_estimate(workers, 3, values, 8);
    assert_int_equal(e.n, 7);
    assert_true(e.is_bounded && e.coverage >= STATS_COVERAGE);
    assert_true(e.low >= 40 && e.low < e.value && e.value < e.high && e.high <= 40.7001);
    assert_false(price_estimate(workers, 3, values, 3).is_bounded);
    assert_int_equal(price_estimate(workers, 3, values, 0).n, 0);
}

/* Threads take 40 KiB each and 1 MiB together, coroutines a tenth; sequential is alone.
 * Made trials take as much CPU whatever the number of workers. */
static const struct made_model swept[] = {
    {.name = "threads",
     .concurrency = 1,
     .latency_us = 20000,
     .memory_bytes = 1048576 + 40960},
    {.name = "threads",
     .concurrency = 9,
     .latency_us = 20000,
     .memory_bytes = 1048576 + 9 * 40960},
    {.name = "coroutines",
     .concurrency = 1,
     .latency_us = 20000,
     .memory_bytes = 1048576 + 4096},
    {.name = "coroutines",
     .concurrency = 9,
     .latency_us = 20000,
     .memory_bytes = 1048576 + 9 * 4096},
    {.name = "sequential",
     .concurrency = 1,
     .latency_us = 20000,
     .memory_bytes = 1048576},
};

static json_t *swept_results(size_t count)
{
    const struct made made = {8, swept, count, true};
    json_t *journal = made_journal(&made);
    json_t *header = json_array_get(journal, 0);
    json_t *scenario = json_array_get(json_object_get(header, "scenarios"), 0);
    json_put(scenario, "models", json_quoted("['threads', 'coroutines', 'sequential']"));
    return made_results(journal);
}

static void test_the_prices_of_a_scenario(void **state)
{
    (void)state;
    json_t *results = swept_results(5);
    const json_t *scenario = json_array_get(json_object_get(results, "scenarios"), 0);
    const json_t *prices = json_object_get(scenario, "prices");
    const json_t *memory = json_array_get(prices, 0), *cpu = json_array_get(prices, 1);
    const json_t *models = json_object_get(memory, "models");
    const json_t *threads = json_array_get(models, 0);
    assert_string_equal(json_text_of(memory, "text"),
                        "Memory of one more worker: threads 40.0 KiB, coroutines 4.00 "
                        "KiB.");
    assert_int_equal(json_array_size(models), 2); /* sequential is not swept */
    assert_int_equal(json_integer_value(json_object_get(threads, "n")), 1);
    assert_true(json_is_null(json_object_get(threads, "low")));
    assert_string_equal(json_text_of(threads, "reason"),
                        "1 memory pass; an exact 95 % interval needs at least 6");
    assert_string_equal(json_text_of(cpu, "metric"), "cpu_startup_ns");
    assert_int_equal(json_integer_value(json_object_get(
                         json_array_get(json_object_get(cpu, "models"), 0), "n")),
                     8);
    json_decref(results);
}

/* Six more passes, each with another level that all its cells share; the price as a
 * headline stands in each cell but the first. */
static void test_memory_passes_give_an_interval(void **state)
{
    (void)state;
    const struct made made = {6, swept, 2, true};
    json_t *journal = made_journal(&made);
    json_t *scenario =
        json_array_get(json_object_get(json_array_get(journal, 0), "scenarios"), 0);
    json_put(scenario, "models", json_quoted("['threads']"));
    json_put(scenario, "headline",
             json_quoted("{'metric': 'tree_memory_bytes', 'per':"
                         " 'further_worker', 'as': 'memory of one more'}"));
    for (json_int_t pass = 1; pass < 6; pass++) {
        for (size_t i = 0; i < 2; i++)
            made_push(journal, "memory",
                      json_pack("{s:s,s:s,s:I,s:{s:I,s:s}}", "scenario", "made", "model",
                                "threads", "concurrency", swept[i].concurrency, "memory",
                                "tree_memory_bytes",
                                swept[i].memory_bytes + 50000 * pass +
                                    8 * pass * swept[i].concurrency,
                                "source", "pss-sampled"));
    }
    json_t *results = made_results(journal);
    const json_t *cells = json_object_get(results, "cells");
    const char *key = "tree_memory_bytes_per_further_worker";
    const json_t *low =
        json_object_get(json_object_get(json_array_get(cells, 0), "summary"), key);
    const json_t *high =
        json_object_get(json_object_get(json_array_get(cells, 1), "summary"), key);
    const json_t *prices = json_object_get(
        json_array_get(json_object_get(results, "scenarios"), 0), "prices");
    assert_true(json_is_null(json_object_get(low, "median")));
    expect_near(json_number_of(high, "median"), 40960 + 20);
    expect_near(json_number_of(high, "low"), 40960);
    expect_near(json_number_of(high, "high"), 40960 + 40);
    assert_string_equal(json_text_of(json_array_get(prices, 0), "text"),
                        "Memory of one more worker: threads 40.0 KiB [40.0, 40.0].");
    assert_int_equal(
        json_array_size(json_object_get(
            json_object_get(json_array_get(cells, 0), "memory"), "passes_bytes")),
        6);
    json_decref(results);
}

static void test_no_prices_without_a_sweep(void **state)
{
    (void)state;
    const struct made made = {8, &swept[4], 1, true};
    json_t *results = made_results(made_journal(&made));
    const json_t *scenario = json_array_get(json_object_get(results, "scenarios"), 0);
    assert_null(json_object_get(scenario, "prices"));
    json_decref(results);
}

static void test_words(void **state)
{
    (void)state;
    json_auto_t *price = json_quoted(
        "{'metric': 'cpu_startup_ns', 'models': ["
        " {'model': 'threads', 'value': 21000, 'low': 20000, 'high': 22500},"
        " {'model': 'coroutines', 'value': 300, 'low': -20, 'high': 700},"
        " {'model': 'callbacks', 'value': null, 'low': null, 'high': null}]}");
    json_auto_t *phrase = price_words(price);
    json_auto_t *plain = phrase_plain(phrase);
    assert_string_equal(json_string_value(plain),
                        "CPU to make and end one more worker: threads 21.0 µs [20.0, "
                        "22.5], coroutines nothing that shows.");
    json_auto_t *none = json_quoted("{'metric': 'cpu_startup_ns', 'models': []}");
    assert_null(price_words(none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_slope_is_of_the_least_squares),
        cmocka_unit_test(test_no_slope_without_two_places),
        cmocka_unit_test(test_what_a_block_has_in_common_does_not_count),
        cmocka_unit_test(test_the_prices_of_a_scenario),
        cmocka_unit_test(test_memory_passes_give_an_interval),
        cmocka_unit_test(test_no_prices_without_a_sweep),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
