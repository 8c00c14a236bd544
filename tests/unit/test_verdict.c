/* test_verdict: each form by rule, and the parts that are told of it. */
#include "verdict_made.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void check(const struct made_model *models, size_t count, long long blocks,
                  const char *parts)
{
    const struct made made = {blocks, models, count, true};
    expect_verdict(made_results(made_journal(&made)), parts);
}

static void test_winner(void **state)
{
    (void)state;
    const struct made_model models[] = {MADE_SEQUENTIAL,
                                        {"threads", 8, 20000, 40, 20000000, .2},
                                        {"coroutines", 8, 10000, 20, 10000000, .2}};
    check(models, 3, 12,
          "{'form': 'winner', 'leaders': ['coroutines'], 'subject': 'coroutines',"
          " 'blocks': 12, 'load': {'concurrency': 8, 'rate_per_s': null, 'task': 'http',"
          "  'origin': {'delay_ms': 20}, 'url': null}, 'models': ["
          " {'model': 'threads', 'concurrency': 8, 'throughput_per_s': 400,"
          "  'cpu_per_request_ns': 40000, 'tree_memory_bytes': 20000000},"
          " {'model': 'coroutines', 'concurrency': 8, 'throughput_per_s': 800},"
          " {'model': 'sequential', 'concurrency': 1, 'throughput_per_s': 50}],"
          " 'ratios': ["
          " {'model': 'coroutines', 'against': 'sequential', 'metric': "
          "  'throughput_per_s', 'quotient': 16, 'ratio': 16, 'low': 16, 'high': 16,"
          "  'verdict': 'different'},"
          " {'against': 'threads', 'metric': 'cpu_per_request_ns', 'ratio': 0.5},"
          " {'against': 'threads', 'metric': 'tree_memory_bytes', 'ratio': 0.5, 'low': "
          "  null, 'verdict': null}],"
          " 'reasons': [], 'caveats': [{'class': 'this-load'}]}");
}

static void test_trade_off(void **state)
{
    (void)state;
    const struct made_model models[] = {MADE_SEQUENTIAL,
                                        {"threads", 8, 10000, 40, 20000000, .2},
                                        {"coroutines", 8, 20000, 20, 10000000, .2}};
    check(models, 3, 12,
          "{'form': 'trade-off', 'leaders': [], 'unbeaten': {"
          "  'throughput_per_s': ['threads'], 'cpu_per_request_ns': ['coroutines'],"
          "  'tree_memory_bytes': ['coroutines']}, 'ratios': ["
          " {'model': 'threads', 'against': 'coroutines', 'ratio': 2},"
          " {'model': 'coroutines', 'against': 'threads', 'ratio': 0.5},"
          " {'model': 'coroutines', 'against': 'threads', 'ratio': 0.5}],"
          " 'caveats': [{'class': 'what-is-scarce'}]}");
}

static void test_tie(void **state)
{
    (void)state;
    const struct made_model models[] = {{"threads", 8, 20000, 20, 10000000, .2},
                                        {"coroutines", 8, 20000, 20, 10500000, .2}};
    check(models, 2, 12,
          "{'form': 'tie', 'tie': 'no-difference', 'leaders': ['threads', 'coroutines'],"
          " 'subject': 'threads', 'ratios': [{'against': 'coroutines', 'ratio': 1},"
          " {'against': 'coroutines', 'ratio': 1}, {'ratio': 0.952}],"
          " 'caveats': [{'class': 'not-equal'}]}");
}

/* Six blocks are too few for so many comparisons: what is twice as fast is not called
 * equal. Who is told of is one of those, not processes, which is beaten in memory. */
static void test_open_tie(void **state)
{
    (void)state;
    const struct made_model models[] = {MADE_SEQUENTIAL,
                                        {"threads", 8, 20000, 20, 10000000, .2},
                                        {"coroutines", 8, 10000, 20, 10000000, .2},
                                        {"callbacks", 8, 10000, 20, 10000000, .2},
                                        {"processes", 8, 5000, 20, 20000000, .2}};
    check(models, 5, 7,
          "{'form': 'tie', 'tie': 'not-settled', 'leaders': ['threads', 'coroutines'],"
          " 'subject': 'coroutines', 'ratios': [{'against': 'sequential', 'ratio': 16,"
          "  'verdict': 'inconclusive'}, {'against': 'threads', 'ratio': 1},"
          "  {'against': 'threads', 'ratio': 1}]}");
    const struct made_model leading[] = {MADE_SEQUENTIAL,
                                         {"threads", 8, 20000, 20, 10000000, .2},
                                         {"coroutines", 8, 10000, 20, 20000000, .2},
                                         {"callbacks", 8, 10000, 20, 20000000, .2}};
    check(leading, 4, 7, /* memory alone does not make the slow one the subject */
          "{'form': 'tie', 'tie': 'not-settled', 'subject': 'coroutines',"
          " 'leaders': ['threads', 'coroutines', 'callbacks']}");
}

static void test_descriptive(void **state)
{
    (void)state;
    const struct made_model models[] = {MADE_SEQUENTIAL,
                                        {"threads", 8, 10000, 40, 20000000, .2},
                                        {"coroutines", 8, 20000, 20, 10000000, .2}};
    check(models, 3, 4,
          "{'form': 'descriptive', 'blocks': 4,"
          " 'reasons': [{'class': 'few-blocks', 'blocks': 4, 'needed': 6}],"
          " 'caveats': [{'class': 'too-little'}]}");
    check(models, 2, 12, "{'form': 'descriptive', 'reasons': [{'class': 'one-model'}]}");
    check(models, 2, 1,
          "{'form': 'descriptive', 'reasons': [{'class': 'one-model'}, {'class': "
          "'few-blocks'}]}");
}

/* Nothing is ranked then, so nobody leads. */
static void test_origin_bound_names_no_winner(void **state)
{
    (void)state;
    const struct made_model models[] = {{"threads", 8, 10000, 40, 20000000, .2},
                                        {"coroutines", 8, 20000, 20, 10000000, .95}};
    const struct made made = {12, models, 2, true};
    json_t *results = made_results(made_journal(&made));
    static const char *const ranking[] = {"leaders", "unbeaten", "ratios", "subject"};
    for (size_t i = 0; i < COUNT_OF(ranking); i++)
        assert_null(json_object_get(made_verdict(results), ranking[i]));
    assert_non_null(made_warning(results, "origin-bound"));
    expect_verdict(results,
                   "{'form': 'not-publishable', 'reasons': [{'class': 'origin-bound',"
                   " 'model': 'coroutines', 'concurrency': 8}],"
                   " 'caveats': [{'class': 'remove-cause'}]}");
}

static void test_invalid_trials_name_no_winner(void **state)
{
    (void)state;
    const struct made_model models[] = {{"threads", 8, 10000, 40, 20000000, .2},
                                        {"coroutines", 8, 10000, 20, 10000000, .95}};
    const struct made made = {8, models, 2, true};
    json_t *journal = made_journal(&made);
    json_put(json_array_get(journal, 1), "valid", json_false());
    json_t *results = made_results(journal);
    assert_non_null(made_warning(results, "trials-invalid"));
    expect_verdict(results, /* all reasons are there, the first is told */
                   "{'form': 'not-publishable', 'reasons': ["
                   " {'class': 'invalid-trials', 'model': 'threads', 'trials': 1},"
                   " {'class': 'origin-bound', 'model': 'coroutines'}]}");
}

static void test_nothing_valid(void **state)
{
    (void)state;
    const struct made_model models[] = {{"threads", 8, 10000, 40, 20000000, .2},
                                        {"coroutines", 8, 10000, 20, 10000000, .2}};
    check(models, 2, 0,
          "{'form': 'not-publishable', 'models': [], 'reasons': ["
          " {'class': 'no-valid-trial', 'model': 'threads', 'concurrency': 8},"
          " {'class': 'no-valid-trial', 'model': 'coroutines'}, {'class': 'no-cell'}]}");
}

static void test_open_loop_goes_by_the_response_time(void **state)
{
    (void)state;
    const struct made_model models[] = {MADE_SEQUENTIAL,
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
    assert_null(made_warning(results, "little-law"));
    assert_null(made_warning(results, "fell-behind"));
    expect_verdict(
        results,
        "{'form': 'winner', 'subject': 'coroutines', 'load': {'rate_per_s': 200},"
        " 'metrics': ['response_p99_ns', 'cpu_per_request_ns', 'tree_memory_bytes'],"
        " 'models': [{'response_p99_ns': 1e9}, {'response_p99_ns': 5e8}, {'model': "
        "'sequential'}], 'caveats': [{'class': 'this-load'}, {'class': 'open-loop'}]}");

    json_t *line = NULL;
    size_t i = 0;
    json_array_foreach (journal, i, line) {
        json_t *document = json_object_get(line, "document");
        if (document) {
            json_put(document, "lag_ns", json_pack("[[i,i]]", 50000000, 1000));
            json_put(document, "response_ns", json_pack("[[i,i]]", 60000000, 500));
        }
    }
    assert_int_equal(aggregate(journal, &results, NULL), 0);
    assert_non_null(made_warning(results, "fell-behind"));
    expect_verdict(results,
                   "{'form': 'not-publishable', 'reasons': ["
                   " {'class': 'few-requests', 'model': 'threads', 'concurrency': 8},"
                   " {'class': 'few-requests', 'model': 'coroutines'},"
                   " {'class': 'few-requests', 'model': 'sequential', 'concurrency': 1}],"
                   " 'models': [{'model': 'threads', 'response_p99_ns': null}, {}, {}],"
                   " 'caveats': [{'class': 'response-time-only'}, {'class': "
                   "'open-loop'}]}");
    json_decref(journal);
}

static void test_what_failed_is_not_served(void **state)
{
    (void)state;
    const struct made_model models[] = {{"threads", 8, 20000, 40, 20000000, .2}};
    const struct made made = {1, models, 1, true};
    json_t *journal = made_journal(&made), *results = NULL;
    json_t *scenario =
        json_array_get(json_object_get(json_array_get(journal, 0), "scenarios"), 0);
    json_t *document = json_object_get(json_array_get(journal, 1), "document");
    json_put(scenario, "failures", json_string("counted"));
    json_put(document, "ok", json_integer(0));
    json_put(document, "failed", json_pack("{s:i}", "connect", 80));
    assert_int_equal(aggregate(journal, &results, NULL), 0);
    expect_verdict(results, "{'form': 'not-publishable', 'reasons': [{'class': "
                            "'failures-counted'}], 'models': [{'throughput_per_s': 0}],"
                            " 'caveats': [{'class': 'nothing-to-fix'}]}");
    json_decref(journal);
}

static void test_what_is_not_known_is_null(void **state)
{
    (void)state;
    const struct made_model models[] = {{"threads", 8, 20000, 40000, 20000000, .2}};
    const struct made made = {2, models, 1, true};
    json_t *journal = made_journal(&made), *results = NULL, *line = NULL;
    size_t i = 0;
    json_array_foreach (journal, i, line) {
        json_t *memory = json_object_get(line, "memory");
        if (memory)
            json_put(memory, "tree_memory_bytes", json_null());
    }
    assert_int_equal(aggregate(journal, &results, NULL), 0);
    expect_verdict(results, "{'form': 'descriptive', 'models': [{'model': 'threads',"
                            " 'tree_memory_bytes': null}]}");
    json_decref(journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_winner),
        cmocka_unit_test(test_trade_off),
        cmocka_unit_test(test_tie),
        cmocka_unit_test(test_open_tie),
        cmocka_unit_test(test_descriptive),
        cmocka_unit_test(test_origin_bound_names_no_winner),
        cmocka_unit_test(test_invalid_trials_name_no_winner),
        cmocka_unit_test(test_nothing_valid),
        cmocka_unit_test(test_open_loop_goes_by_the_response_time),
        cmocka_unit_test(test_what_failed_is_not_served),
        cmocka_unit_test(test_what_is_not_known_is_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
