/* test_verdict: each form by rule, with its sentence; and the warnings beside it. */
#include "harness/analysis/aggregate.h"
#include "journal_made.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define SEQUENTIAL                                                                       \
    {                                                                                    \
        "sequential", 1, 20000, 30, 5000000, .1                                          \
    }

static json_t *results_of(const struct made *made)
{
    json_t *journal = made_journal(made), *results = NULL;
    struct err err = {0};
    if (aggregate(journal, &results, &err))
        fail_msg("%s", err.text);
    json_decref(journal);
    return results;
}

static void expect(const json_t *results, const char *form, const char *sentence)
{
    const json_t *scenario = json_array_get(json_object_get(results, "scenarios"), 0);
    const json_t *verdict = json_object_get(scenario, "verdict");
    assert_string_equal(json_string_value(json_object_get(verdict, "form")), form);
    assert_string_equal(json_string_value(json_object_get(verdict, "sentence")),
                        sentence);
    assert_true(json_string_length(json_object_get(verdict, "caveat")) > 10);
}

static bool has_warning(const json_t *results, const char *id)
{
    size_t i = 0;
    json_t *warning = NULL;
    json_array_foreach(json_object_get(results, "warnings"), i, warning)
    {
        if (!strcmp(json_string_value(json_object_get(warning, "id")), id))
            return true;
    }
    return false;
}

static void check(const struct made_model *models, size_t count, long long blocks,
                  const char *form, const char *sentence)
{
    const struct made made = {blocks, models, count, true};
    json_t *results = results_of(&made);
    expect(results, form, sentence);
    json_decref(results);
}

static void test_winner(void **state)
{
    (void)state;
    const struct made_model models[] = {SEQUENTIAL,
                                        {"threads", 8, 20000, 40, 20000000, .2},
                                        {"coroutines", 8, 10000, 20, 10000000, .2}};
    check(models, 3, 12, "winner",
          "At concurrency 8 against a 20 ms origin, coroutines served 800 requests/s, "
          "16.0x sequential [16.0, 16.0], with 0.50x the CPU per request [0.50, 0.50] "
          "and 0.50x the memory of threads (n = 12 blocks).");
}

static void test_trade_off(void **state)
{
    (void)state;
    const struct made_model models[] = {SEQUENTIAL,
                                        {"threads", 8, 10000, 40, 20000000, .2},
                                        {"coroutines", 8, 20000, 20, 10000000, .2}};
    check(models, 3, 12, "trade-off",
          "At concurrency 8 against a 20 ms origin, no model is best in all three: "
          "requests/s threads (800, 2.00x coroutines [2.00, 2.00]); CPU per request "
          "coroutines (20.0 µs, 0.50x threads [0.50, 0.50]); memory coroutines (9.5 MiB, "
          "0.50x threads) (n = 12 blocks).");
}

static void test_tie(void **state)
{
    (void)state;
    const struct made_model models[] = {{"threads", 8, 20000, 20, 10000000, .2},
                                        {"coroutines", 8, 20000, 20, 10500000, .2}};
    check(models, 2, 12, "tie",
          "At concurrency 8 against a 20 ms origin, threads and coroutines tie: neither "
          "requests/s, CPU per request nor memory sets one above the other; threads "
          "served 400 requests/s, 1.00x coroutines [1.00, 1.00], with 1.00x the CPU per "
          "request [1.00, 1.00] and 0.95x the memory of coroutines (n = 12 blocks).");
}

static void test_descriptive(void **state)
{
    (void)state;
    const struct made_model models[] = {SEQUENTIAL,
                                        {"threads", 8, 10000, 40, 20000000, .2},
                                        {"coroutines", 8, 20000, 20, 10000000, .2}};
    check(models, 3, 4, "descriptive",
          "At concurrency 8 against a 20 ms origin: threads 800 requests/s, 40.0 µs CPU "
          "per request, 19.1 MiB; coroutines 400 requests/s, 20.0 µs CPU per request, "
          "9.5 MiB (n = 4 blocks).");
    check(models, 2, 12, "descriptive",
          "At concurrency 8 against a 20 ms origin: threads 800 requests/s, 40.0 µs CPU "
          "per request, 19.1 MiB (n = 12 blocks).");
}

static void test_origin_bound_names_no_winner(void **state)
{
    (void)state;
    const struct made_model models[] = {{"threads", 8, 10000, 40, 20000000, .2},
                                        {"coroutines", 8, 20000, 20, 10000000, .95}};
    const struct made made = {12, models, 2, true};
    json_t *results = results_of(&made);
    expect(results, "not-publishable",
           "At concurrency 8 against a 20 ms origin no winner is named: with coroutines "
           "the origin's CPU was the limit. Measured: threads 800 requests/s, 40.0 µs "
           "CPU per request, 19.1 MiB; coroutines 400 requests/s, 20.0 µs CPU per "
           "request, 9.5 MiB (n = 12 blocks).");
    assert_true(has_warning(results, "origin-bound"));
    json_decref(results);
}

static void test_invalid_trials_name_no_winner(void **state)
{
    (void)state;
    const struct made_model models[] = {{"threads", 8, 10000, 40, 20000000, .2},
                                        {"coroutines", 8, 10000, 20, 10000000, .2}};
    const struct made made = {8, models, 2, true};
    json_t *journal = made_journal(&made), *results = NULL;
    json_put(json_array_get(journal, 1), "valid", json_false());
    assert_int_equal(aggregate(journal, &results, NULL), 0);
    json_decref(journal);
    const json_t *scenario = json_array_get(json_object_get(results, "scenarios"), 0);
    const json_t *verdict = json_object_get(scenario, "verdict");
    assert_string_equal(json_string_value(json_object_get(verdict, "form")),
                        "not-publishable");
    assert_true(has_warning(results, "trials-invalid"));
    json_decref(results);
}

static void test_nothing_valid(void **state)
{
    (void)state;
    const struct made_model models[] = {{"threads", 8, 10000, 40, 20000000, .2},
                                        {"coroutines", 8, 10000, 20, 10000000, .2}};
    check(models, 2, 0, "not-publishable",
          "At concurrency 8 against a 20 ms origin no winner is named: threads has no "
          "valid trial.");
}

static void test_warnings_are_quiet_on_a_sound_run(void **state)
{
    (void)state;
    const struct made_model models[] = {SEQUENTIAL,
                                        {"threads", 8, 10000, 40, 20000000, .2}};
    const struct made made = {12, models, 2, true};
    json_t *results = results_of(&made);
    assert_int_equal(json_array_size(json_object_get(results, "warnings")), 0);
    json_decref(results);
}

static void test_little_and_few_blocks(void **state)
{
    (void)state;
    const struct made_model models[] = {{"threads", 8, 10000, 40, 20000000, .2}};
    const struct made made = {4, models, 1, true};
    json_t *journal = made_journal(&made), *results = NULL;
    for (size_t i = 1; i <= 4; i++) {
        json_t *document = json_object_get(json_array_get(journal, i), "document");
        json_put(document, "latency_sum_ns", json_integer(80LL * 5000000));
    }
    json_t *header = json_array_get(journal, 0);
    json_put(json_object_get(header, "run"), "build_type", json_string("Debug"));
    assert_int_equal(aggregate(journal, &results, NULL), 0);
    assert_true(has_warning(results, "little-law"));
    assert_true(has_warning(results, "few-blocks"));
    assert_true(has_warning(results, "debug-build"));
    assert_false(has_warning(results, "steal"));
    json_decref(journal);
    json_decref(results);
}

static void test_open_loop_goes_by_the_response_time(void **state)
{
    (void)state;
    const struct made_model models[] = {SEQUENTIAL,
                                        {"threads", 8, 10000, 40, 20000000, .2},
                                        {"coroutines", 8, 10000, 20, 10000000, .2}};
    const struct made made = {12, models, 3, true};
    json_t *journal = made_journal(&made), *results = NULL;
    made_open_loop(journal, "threads");
    for (size_t i = 1; i < json_array_size(journal); i++) {
        json_t *document = json_object_get(json_array_get(journal, i), "document");
        if (document) /* off Little's law, which does not matter here */
            json_put(document, "latency_sum_ns", json_integer(80LL * 5000000));
    }
    assert_int_equal(aggregate(journal, &results, NULL), 0);
    expect(
        results, "winner",
        "At 200 requests/s, open loop, with 8 workers against a 20 ms origin, coroutines "
        "answered 99 % within 501 ms, 1.00x sequential [1.00, 1.00], with 0.50x the CPU "
        "per request [0.50, 0.50] and 0.50x the memory of threads (n = 12 blocks).");
    assert_false(has_warning(results, "little-law"));
    assert_false(has_warning(results, "fell-behind"));
    json_decref(results);

    json_t *line = NULL;
    size_t i = 0;
    json_array_foreach(journal, i, line)
    {
        json_t *document = json_object_get(line, "document");
        if (document) {
            json_put(document, "lag_ns", json_pack("[[i,i]]", 50000000, 1000));
            json_put(document, "response_ns", json_pack("[[i,i]]", 60000000, 500));
        }
    }
    assert_int_equal(aggregate(journal, &results, NULL), 0);
    assert_true(has_warning(results, "fell-behind"));
    expect(results, "not-publishable",
           "At 200 requests/s, open loop, with 8 workers against a 20 ms origin no "
           "winner is named: a trial of threads has too few requests for the 99 % of its "
           "response time, which takes 1,000. Measured: threads 99 % within unknown, "
           "40.0 µs CPU per request, 19.1 MiB; coroutines 99 % within unknown, 20.0 µs "
           "CPU per request, 9.5 MiB (n = 12 blocks).");
    json_decref(results);
    json_decref(journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_winner),
        cmocka_unit_test(test_trade_off),
        cmocka_unit_test(test_tie),
        cmocka_unit_test(test_descriptive),
        cmocka_unit_test(test_origin_bound_names_no_winner),
        cmocka_unit_test(test_invalid_trials_name_no_winner),
        cmocka_unit_test(test_nothing_valid),
        cmocka_unit_test(test_warnings_are_quiet_on_a_sound_run),
        cmocka_unit_test(test_little_and_few_blocks),
        cmocka_unit_test(test_open_loop_goes_by_the_response_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
