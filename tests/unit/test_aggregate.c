/* test_aggregate: known numbers in, the right results out; and the same bytes again. */

#include "common/cleanup.h"
#include "journal_made.h"
#include "single_quotes.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* sequential 20 ms at 1; threads twice the CPU and memory of coroutines at 8 */
static const struct made_model models[] = {
    {"sequential", 1, 20000, 30, 5000000, .1},
    {"threads", 8, 20000, 40, 20000000, .2},
    {"coroutines", 8, 20000, 20, 10000000, .2},
};

static json_t *cell_of(const json_t *results, const char *model)
{
    size_t i = 0;
    json_t *cell = NULL;
    json_array_foreach (json_object_get(results, "cells"), i, cell) {
        if (!strcmp(json_string_value(json_object_get(cell, "model")), model))
            return cell;
    }
    fail_msg("no cell of %s", model);
    return NULL;
}

static double metric_of(const json_t *results, const char *model, const char *metric,
                        const char *key)
{
    const json_t *summary = json_object_get(cell_of(results, model), "summary");
    const json_t *value = json_object_get(json_object_get(summary, metric), key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static const json_t *row_of(const json_t *results, const char *model,
                            const char *baseline, const char *metric)
{
    size_t i = 0;
    json_t *row = NULL;
    json_array_foreach (json_object_get(results, "comparisons"), i, row) {
        if (!strcmp(json_string_value(json_object_get(row, "model")), model) &&
            !strcmp(json_string_value(json_object_get(row, "baseline")), baseline) &&
            !strcmp(json_string_value(json_object_get(row, "metric")), metric))
            return row;
    }
    return NULL;
}

static void near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-6 * fabs(want)))
        fail_msg("got %.9g, want %.9g", got, want);
}

static void test_open_loop(void **state)
{
    (void)state;
    const struct made made = {12, models, 3, true};
    json_t *journal = made_journal(&made);
    made_open_loop(journal, "threads");
    json_t *results = made_results(journal);
    double p50_ns = metric_of(results, "coroutines", "response_p50_ns", "median");
    assert_true(p50_ns > 19e6 && p50_ns < 21e6);
    double p99_ns = metric_of(results, "coroutines", "response_p99_ns", "median");
    assert_true(p99_ns > 490e6 && p99_ns < 510e6);
    double lag_ns = metric_of(results, "coroutines", "lag_p99_ns", "median");
    assert_true(lag_ns > 9.8e3 && lag_ns < 10.2e3);
    const json_t *summary = json_object_get(cell_of(results, "threads"), "summary");
    const json_t *response = json_object_get(summary, "response_ns");
    assert_int_equal(json_integer_value(json_object_get(response, "count")), 12000);
    assert_int_equal(json_integer_value(json_object_get(response, "max")), 1000011000);
    assert_true(json_is_null(json_object_get(response, "mean")));
    assert_int_equal(json_array_size(json_object_get(response, "histogram")), 2);
    const json_t *lag = json_object_get(summary, "lag_ns");
    assert_int_equal(json_integer_value(json_object_get(lag, "count")), 12000);
    const json_t *row = row_of(results, "coroutines", "threads", "response_p99_ns");
    double ratio = json_number_value(json_object_get(row, "ratio"));
    assert_true(ratio > .49 && ratio < .51);
    assert_null(row_of(results, "coroutines", "threads", "lag_p99_ns"));
    json_decref(results);

    results = made_results(made_journal(&made)); /* and a closed loop has none of it */
    summary = json_object_get(cell_of(results, "threads"), "summary");
    assert_null(json_object_get(summary, "response_ns"));
    assert_null(json_object_get(summary, "response_p99_ns"));
    assert_null(row_of(results, "coroutines", "threads", "response_p99_ns"));
    json_decref(results);
}

static void test_summary(void **state)
{
    (void)state;
    const struct made made = {12, models, 3, true};
    json_t *r = made_results(made_journal(&made));
    /* medians over blocks 0..11 lie at 5.5 */
    near(metric_of(r, "threads", "cpu_per_request_ns", "median"), 40005.5);
    near(metric_of(r, "threads", "cpu_per_request_ns", "low"), 40002);
    near(metric_of(r, "threads", "cpu_per_request_ns", "high"), 40009);
    near(metric_of(r, "threads", "cpu_per_request_ns", "n"), 12);
    near(metric_of(r, "threads", "voluntary_switches_per_request", "median"), 2);
    near(metric_of(r, "threads", "origin_cpu_ratio", "median"), .2);
    near(metric_of(r, "threads", "tree_memory_bytes", "median"), 20000000);
    near(metric_of(r, "threads", "tree_memory_bytes", "n"), 1);
    near(metric_of(r, "threads", "latency_ns", "count"), 12 * 80);
    near(metric_of(r, "threads", "latency_ns", "mean"), 20005500);
    near(metric_of(r, "threads", "latency_ns", "min"), 20000000);
    assert_true(metric_of(r, "threads", "latency_ns", "p50") >= 20000000);
    assert_true(metric_of(r, "threads", "latency_ns", "p50") <= 20011000);
    assert_true(isnan(metric_of(r, "threads", "latency_ns", "p99"))); /* 960 requests */
    const json_t *summary = json_object_get(cell_of(r, "threads"), "summary");
    assert_string_equal(json_string_value(json_object_get(summary, "bound")),
                        "waiting-bound");
    const json_t *environment = json_object_get(r, "environment");
    assert_string_equal(json_string_value(json_object_get(
                            json_object_get(environment, "libraries"), "libcurl")),
                        "7.88.1");
    json_decref(r);
}

static void test_comparisons(void **state)
{
    (void)state;
    const struct made made = {12, models, 3, true};
    json_t *r = made_results(made_journal(&made));
    const json_t *row = row_of(r, "threads", "sequential", "throughput_per_s");
    near(json_number_value(json_object_get(row, "ratio")), 8);
    assert_string_equal(json_string_value(json_object_get(row, "verdict")), "different");
    near(json_number_value(json_object_get(row, "baseline_concurrency")), 1);
    row = row_of(r, "coroutines", "threads", "cpu_per_request_ns");
    near(json_number_value(json_object_get(row, "n")), 12);
    assert_true(fabs(json_number_value(json_object_get(row, "ratio")) - .5) < 1e-3);
    assert_string_equal(json_string_value(json_object_get(row, "verdict")), "different");
    row = row_of(r, "coroutines", "threads", "throughput_per_s");
    assert_string_equal(json_string_value(json_object_get(row, "verdict")), "same");
    row = row_of(r, "coroutines", "threads", "tree_memory_bytes");
    near(json_number_value(json_object_get(row, "ratio")), .5);
    assert_true(json_is_null(json_object_get(row, "verdict")));
    assert_null(row_of(r, "sequential", "sequential", "throughput_per_s"));
    assert_null(row_of(r, "threads", "coroutines", "throughput_per_s"));
    json_decref(r);
}

static void test_few_blocks(void **state)
{
    (void)state;
    const struct made made = {4, models, 3, true};
    json_t *r = made_results(made_journal(&made));
    assert_true(isnan(metric_of(r, "threads", "cpu_per_request_ns", "low")));
    const json_t *row = row_of(r, "coroutines", "threads", "cpu_per_request_ns");
    assert_true(json_is_null(json_object_get(row, "verdict")));
    assert_true(json_is_null(json_object_get(row, "low")));
    assert_string_equal(json_string_value(json_object_get(row, "reason")),
                        "not judged: fewer than 6 blocks");
    json_decref(r);
}

static long long run_number(const json_t *results, const char *key)
{
    return json_integer_value(json_object_get(json_object_get(results, "run"), key));
}

static void test_retries_and_invalid_trials(void **state)
{
    (void)state;
    const struct made made = {6, models, 3, true};
    json_t *journal = made_journal(&made);
    size_t before_footer = json_array_size(journal) - 1;
    json_t *retried = made_trial(&models[1], "timed", 6, 0, false);
    json_t *repeated = made_trial(&models[1], "timed", 6, 1, true);
    json_put(retried, "type", json_string("trial"));
    json_put(repeated, "type", json_string("trial"));
    assert_int_equal(json_array_insert_new(journal, before_footer, retried), 0);
    assert_int_equal(json_array_insert_new(journal, before_footer + 1, repeated), 0);
    for (long long attempt = 0; attempt < 3; attempt++) {
        json_t *failed = made_trial(&models[2], "timed", 6, attempt, false);
        json_put(failed, "type", json_string("trial"));
        assert_int_equal(json_array_insert_new(journal, before_footer + 2, failed), 0);
    }
    json_t *r = made_results(journal);
    assert_int_equal(run_number(r, "trials_run"), 18 + 5);
    assert_int_equal(run_number(r, "trials_invalid"), 1);
    assert_int_equal(json_array_size(json_object_get(cell_of(r, "threads"), "trials")),
                     8);
    near(metric_of(r, "threads", "wall_ns", "n"), 7);
    near(metric_of(r, "coroutines", "wall_ns", "n"), 6);
    const json_t *row = row_of(r, "coroutines", "threads", "throughput_per_s");
    near(json_number_value(json_object_get(row, "n")), 6); /* block 6 has no pair */
    json_decref(r);
}

static void push_attempt(json_t *journal, long long attempt, bool valid, bool disturbed,
                         long long setup_ns)
{
    json_t *trial = made_trial(&models[1], "timed", 6, attempt, valid);
    json_put(trial, "type", json_string("trial"));
    json_put(json_object_get(trial, "document"), "setup_ns", json_integer(setup_ns));
    if (disturbed)
        json_put(
            trial, "disturbed",
            json_pack("[{s:s,s:f,s:f}]", "reason", "steal", "value", .5, "limit", .02));
    assert_int_equal(json_array_insert_new(journal, json_array_size(journal) - 1, trial),
                     0);
}

/* The seventh block of one cell, attempt by attempt, and which of them counts. */
static void test_of_disturbed_attempts_the_last_quiet_one_counts(void **state)
{
    static const struct {
        const char *attempts; /* q quiet, d disturbed, i invalid */
        int counts;           /* index, or -1 */
    } cases[] = {{"q", 0},   {"d", 0},  {"dq", 1},  {"dd", 1},   {"ddd", 2},
                 {"ddq", 2}, {"di", 0}, {"idq", 2}, {"iii", -1}, {"dqd", 1}};
    const struct made made = {6, models, 3, true};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_t *journal = made_journal(&made);
        for (int a = 0; cases[i].attempts[a]; a++)
            push_attempt(journal, a, cases[i].attempts[a] != 'i',
                         cases[i].attempts[a] == 'd', 5000000 + a);
        json_t *r = made_results(journal);
        /* all others have 1 ms: the top of the interval, and only it, is the new one */
        near(metric_of(r, "threads", "setup_ns", "n"), cases[i].counts < 0 ? 6 : 7);
        if (cases[i].counts >= 0)
            near(metric_of(r, "threads", "setup_ns", "high"), 5000000 + cases[i].counts);
        assert_int_equal(run_number(r, "trials_invalid"), cases[i].counts < 0);
        json_decref(r);
    }
}

static void test_memory_by_two_sources_has_no_ratio(void **state)
{
    const struct made made = {6, models, 3, true};
    (void)state;
    json_t *journal = made_journal(&made), *line = NULL;
    size_t at = 0;
    json_array_foreach (journal, at, line) {
        json_t *memory = json_object_get(line, "memory");
        const char *model = json_string_value(json_object_get(line, "model"));
        if (memory && !strcmp(model, "coroutines"))
            json_put(memory, "source", json_string("largest-process"));
    }
    json_t *r = made_results(journal);
    const json_t *row = row_of(r, "coroutines", "threads", "tree_memory_bytes");
    assert_true(json_is_null(json_object_get(row, "ratio")));
    assert_non_null(
        strstr(json_string_value(json_object_get(row, "reason")), "two different ways"));
    json_decref(r);
}

static void test_counters_come_from_the_warm_block(void **state)
{
    const struct made made = {6, models, 3, true};
    (void)state;
    json_t *journal = made_journal(&made);
    json_t *warm = made_trial(&models[1], "warm", 0, 0, true);
    json_put(warm, "type", json_string("trial"));
    json_put(warm, "counters",
             json_pack("{s:{s:i,s:f,s:n},s:{s:n,s:n,s:s}}", "instructions", "value", 8000,
                       "running_ratio", .5, "reason", "cycles", "value", "running_ratio",
                       "reason", "refused"));
    assert_int_equal(json_array_insert_new(journal, 1, warm), 0);
    json_t *r = made_results(journal);
    near(metric_of(r, "threads", "instructions_per_request", "median"), 8000 / .5 / 80);
    near(metric_of(r, "threads", "instructions_per_request", "n"), 1);
    assert_true(isnan(metric_of(r, "threads", "cycles_per_request", "median")));
    assert_true(isnan(metric_of(r, "coroutines", "cycles_per_request", "median")));
    assert_true(isnan(metric_of(r, "threads", "energy_per_request_uj", "median")));
    assert_true(json_is_object(json_object_get(cell_of(r, "threads"), "counters")));
    assert_true(json_is_null(json_object_get(cell_of(r, "coroutines"), "counters")));
    json_decref(r);
}

static void test_without_footer_it_was_interrupted(void **state)
{
    (void)state;
    const struct made made = {6, models, 3, false};
    json_t *r = made_results(made_journal(&made));
    const json_t *run = json_object_get(r, "run");
    assert_true(json_is_false(json_object_get(run, "complete")));
    assert_true(json_is_null(json_object_get(run, "finished")));
    const json_t *first = json_array_get(json_object_get(r, "warnings"), 0);
    assert_string_equal(json_string_value(json_object_get(first, "id")), "interrupted");
    json_decref(r);
}

static void test_no_trials_at_all(void **state)
{
    (void)state;
    const struct made made = {0, models, 3, false};
    json_t *r = made_results(made_journal(&made));
    const json_t *cell = cell_of(r, "threads");
    assert_string_equal(json_string_value(json_object_get(cell, "status")), "invalid");
    assert_true(json_is_null(json_object_get(cell, "summary")));
    const json_t *row = row_of(r, "coroutines", "threads", "throughput_per_s");
    assert_true(json_is_null(json_object_get(row, "ratio")));
    assert_true(json_is_string(json_object_get(row, "reason")));
    json_decref(r);
}

static void test_same_journal_same_bytes(void **state)
{
    (void)state;
    const struct made made = {12, models, 3, true};
    json_t *one = made_results(made_journal(&made));
    (void)setlocale(LC_ALL, "de_DE.UTF-8"); /* where it exists */
    json_t *two = made_results(made_journal(&made));
    AUTO_FREE char *a = json_dumps(one, JSON_SORT_KEYS);
    AUTO_FREE char *b = json_dumps(two, JSON_SORT_KEYS);
    (void)setlocale(LC_ALL, "C");
    assert_string_equal(a, b);
    json_decref(one);
    json_decref(two);
}

static void test_hostile_journals(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "[]",
        "[1]",
        "[{'type':'trial'}]",
        "[{'type':'header'}]",
        "[{'type':'header','plan':[1],'scenarios':[],'environment':{}}]",
        "[{'type':'header','plan':[],'scenarios':[],'environment':{}}]",
        "[{'type':'header','plan':[],'scenarios':[],'environment':[],'run':{}}]",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        json_t *journal = json_quoted(texts[i]), *results = NULL;
        struct err err = {0};
        assert_true(aggregate(journal, &results, &err) < 0);
        assert_int_equal(err.code, EXIT_CODE_USAGE);
        assert_null(results);
        json_decref(journal);
    }
    /* trials with nothing in them are read as missing numbers */
    const struct made made = {6, models, 3, true};
    json_t *journal = made_journal(&made);
    for (size_t i = 1; i < json_array_size(journal); i++)
        (void)json_object_del(json_array_get(journal, i), "document");
    json_t *r = made_results(journal);
    assert_true(isnan(metric_of(r, "threads", "throughput_per_s", "median")));
    near(metric_of(r, "threads", "throughput_per_s", "n"), 0);
    json_decref(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_loop),
        cmocka_unit_test(test_summary),
        cmocka_unit_test(test_comparisons),
        cmocka_unit_test(test_few_blocks),
        cmocka_unit_test(test_retries_and_invalid_trials),
        cmocka_unit_test(test_of_disturbed_attempts_the_last_quiet_one_counts),
        cmocka_unit_test(test_memory_by_two_sources_has_no_ratio),
        cmocka_unit_test(test_counters_come_from_the_warm_block),
        cmocka_unit_test(test_without_footer_it_was_interrupted),
        cmocka_unit_test(test_no_trials_at_all),
        cmocka_unit_test(test_same_journal_same_bytes),
        cmocka_unit_test(test_hostile_journals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
