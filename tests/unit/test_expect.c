/* test_expect: predictions are read strictly and written out, and compared with made-up
 * results: what was not measured has not held. */
#include "analysis/aggregate.h"
#include "analysis/expect_judge.h"
#include "cli/expectations.h"
#include "common/json.h"
#include "common/schema.h"
#include "harness/plan/expect.h"
#include "journal_made.h"
#include "single_quotes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define BEGIN                                                                            \
    "{'title':'t','question':'q','models':['sequential','threads',"                      \
    "'coroutines'],'origin':{'bytes':1},'load':{'concurrency':[4,32],"                   \
    "'requests':40},'expect':"

static json_t *json_of(const char *expect)
{
    char text[4000];
    (void)snprintf(text, sizeof text, BEGIN "%s}", expect);
    return json_quoted(text);
}

/* The scenario, or NULL and the error. */
static struct scenario *read_it(const char *expect, struct err *err)
{
    json_t *json = json_of(expect);
    struct scenario *s = NULL;
    int status = scenario_from_json("made", json, &s, err);
    assert_int_equal(status != 0, s == NULL);
    json_decref(json);
    return s;
}

static void refuses(const char *expect, const char *said)
{
    struct err err = {0};
    struct scenario *s = read_it(expect, &err);
    if (s)
        (void)expect_check_cells(s, &err);
    scenario_free(s);
    assert_int_equal(err.code, EXIT_CODE_USAGE);
    if (!strstr(err.text, said))
        fail_msg("'%s' does not say '%s'", err.text, said);
}

#define ITEM(rest) "[{'says':'x','metric':'wall_ns'," rest "}]"

static void test_wrong_ones_are_refused_with_their_path(void **state)
{
    (void)state;
    static const char *const orders[] = {"'start 0','stop 0'", "'start 0','end 10000'",
                                         "'start 0','end'"};
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        char text[200];
        (void)snprintf(text, sizeof text,
                       "[{'says':'x','metric':'trace_order','trace_order':[%s],"
                       "'model':'threads','concurrency':4,'at_least':1}]",
                       orders[i]);
        refuses(text, "expect[0].trace_order[1]: expected \"start N\" or \"end N\"");
    }
    refuses("[{'trace_order':['start 0']}]", "trace_order: expected an array of 2 to 32");
    refuses("{}", "expect");
    refuses("[]", "expect: expected an array of 1");
    refuses("[7]", "expect[0]: expected an object");
    refuses("[{'says':'x','metric':'speed','model':'threads','concurrency':1}]",
            "expect[0].metric: 'speed'");
    refuses("[{'metric':'wall_ns'}]", "expect[0].says: missing");
    refuses("[{'says':'a\\nb','metric':'wall_ns'}]", "expect[0].says");
    refuses(ITEM("'because':'a\\tb'"), "expect[0].because");
    refuses(ITEM("'modell':'threads'"), "expect[0].modell");
    refuses(ITEM("'model':'threads','concurrency':4"), "expect[0]: expected a bound");
    refuses(ITEM("'at_least':1,'concurrency':4"), "expect[0].model");
    refuses(ITEM("'at_least':1,'model':[],'concurrency':4"), "expect[0].model");
    refuses(ITEM("'at_least':1,'model':['threads','/'],'concurrency':4"),
            "expect[0].model[1]");
    refuses(ITEM("'at_least':1,'model':'threads'"), "expect[0].concurrency");
    refuses(ITEM("'at_least':1,'model':'threads','concurrency':0"),
            "expect[0].concurrency");
    refuses(ITEM("'at_least':1,'model':'threads','concurrency':'lowest'"),
            "expect[0].concurrency");
    refuses(ITEM("'at_least':'1','model':'threads','concurrency':4"),
            "expect[0].at_least");
    refuses(ITEM("'at_least':2,'at_most':1,'model':'threads','concurrency':4"),
            "at_least <= at_most");
    refuses(ITEM("'at_least':-1,'model':'threads','concurrency':4"),
            "expect[0].at_least: expected a number of at least 0");
    refuses(ITEM("'at_least':1,'model':'threads','concurrency':4,'to':7"),
            "expect[0].to");
    refuses(ITEM("'at_least':1,'model':'threads','concurrency':4,'to':'threads'"),
            "compares threads with itself");
}

static void test_cells_have_to_be_the_scenarios(void **state)
{
    (void)state;
    refuses(ITEM("'at_least':1,'model':'processes','concurrency':4"),
            "'processes' is not one of models");
    refuses(ITEM("'at_least':1,'model':'threads','concurrency':8"),
            "threads has no cell at concurrency 8");
    refuses(ITEM("'at_least':1,'model':'threads','concurrency':4,'to':'null'"),
            "'null' is not one of models");
    refuses(ITEM("'at_least':1,'model':'threads','concurrency':4,'to_concurrency':1"),
            "threads has no cell at concurrency 1");
}

static void check_written(const json_t *item, const char *model, json_int_t concurrency,
                          const char *to, json_int_t to_concurrency)
{
    assert_string_equal(json_string_value(json_object_get(item, "model")), model);
    assert_int_equal(json_integer_value(json_object_get(item, "concurrency")),
                     concurrency);
    if (to)
        assert_string_equal(json_string_value(json_object_get(item, "to")), to);
    else
        assert_null(json_object_get(item, "to"));
    assert_int_equal(json_integer_value(json_object_get(item, "to_concurrency")),
                     to_concurrency);
}

static void test_it_is_written_out(void **state)
{
    (void)state;
    struct err err = {0};
    struct scenario *s =
        read_it("[{'says':'x','metric':'throughput_per_s','model':['threads',"
                "'coroutines'],'concurrency':'highest','to':'sequential','at_least':8},"
                "{'says':'y','metric':'wall_ns','model':'threads','concurrency':4,"
                "'to_concurrency':'highest','at_most':1.5},"
                "{'says':'z','metric':'measured_ns','model':'sequential',"
                "'concurrency':4,'at_least':1}]",
                &err);
    assert_non_null(s);
    assert_int_equal(expect_check_cells(s, &err), 0);
    json_t *list = json_object_get(s->json, "expect");
    assert_int_equal(json_array_size(list), 4);
    check_written(json_array_get(list, 0), "threads", 32, "sequential", 1);
    check_written(json_array_get(list, 1), "coroutines", 32, "sequential", 1);
    check_written(json_array_get(list, 2), "threads", 4, "threads", 32);
    check_written(json_array_get(list, 3), "sequential", 1, NULL, 0);
    json_t *before = json_deep_copy(list);
    assert_int_equal(expect_read(s, &err), 0); /* a second time changes nothing */
    assert_true(json_equal(before, json_object_get(s->json, "expect")));
    json_decref(before);
    scenario_free(s);
}

/* Results with sequential at 1 (400 requests/s, 200 ms) and threads at 32. */
static json_t *results_made(void)
{
    return json_pack(
        "{s:{s:n},s:[{s:s,s:[]}],s:["
        "{s:s,s:s,s:i,s:s,s:n,s:{s:{s:f,s:i},s:{s:f,s:i},s:{s:f,s:i},s:{s:n,s:s}}},"
        "{s:s,s:s,s:i,s:s,s:n,s:{s:{s:f,s:i},s:{s:f,s:i},s:{s:f,s:i}, s:{s:i,s:n}}},"
        "{s:s,s:s,s:i,s:s,s:s,s:n}]}",
        "run", "url", "scenarios", "name", "made", "expect", "cells", "scenario", "made",
        "model", "sequential", "concurrency", 1, "status", "ok", "reason", "summary",
        "wall_ns", "median", 2.1e8, "n", 4, "measured_ns", "median", 2e8, "n", 4,
        "throughput_per_s", "median", 400.0, "n", 4, "tree_memory_bytes", "median",
        "reason", "no memory pass", "scenario", "made", "model", "threads", "concurrency",
        32, "status", "ok", "reason", "summary", "wall_ns", "median", 2.2e8, "n", 4,
        "measured_ns", "median", 0.0, "n", 4, "throughput_per_s", "median", 10000.0, "n",
        4, "latency_ns", "p50", 20500000, "p99", "scenario", "made", "model",
        "coroutines", "concurrency", 32, "status", "skipped", "reason",
        "needs 99 open files", "summary");
}

/* Judges one written-out prediction; returns its judgement, borrowed from *out_list. */
static const json_t *judge(json_t *results, const char *item, json_t **out_list)
{
    json_t *scenario = json_array_get(json_object_get(results, "scenarios"), 0);
    json_t *list = json_array();
    json_push(list, json_quoted(item));
    json_put(scenario, "expect", list);
    *out_list = expect_judge(results);
    assert_int_equal(json_array_size(*out_list), 1);
    return json_array_get(*out_list, 0);
}

/* Of said, outcome, inequality, and measured or reason. */
static void judged(json_t *results, const char *item, const char *outcome,
                   const char *inequality, const char *found)
{
    json_t *list = NULL;
    const json_t *j = judge(results, item, &list);
    const char *measured = json_string_value(json_object_get(j, "measured"));
    const char *reason = json_string_value(json_object_get(j, "reason"));
    assert_true(!measured != !reason);
    assert_string_equal(json_string_value(json_object_get(j, "outcome")), outcome);
    assert_string_equal(json_string_value(json_object_get(j, "inequality")), inequality);
    assert_string_equal(measured ? measured : reason, found);
    assert_int_equal(json_is_null(json_object_get(j, "value")), !measured);
    json_decref(list);
}

#define SEQ(metric, bounds)                                                              \
    "{'says':'x','metric':'" metric "','model':'sequential',"                            \
    "'concurrency':1," bounds "}"
#define RATIO(metric, bounds)                                                            \
    "{'says':'x','metric':'" metric "','model':'threads','concurrency':32,"              \
    "'to':'sequential','to_concurrency':1," bounds "}"

static void test_bounds(void **state)
{
    (void)state;
    json_t *r = results_made();
    judged(r, SEQ("measured_ns", "'at_least':1.9e8"), "held",
           "measured_ns(sequential, 1) >= 190 ms", "200 ms");
    judged(r, SEQ("measured_ns", "'at_least':2e8"), "held", /* the bound itself */
           "measured_ns(sequential, 1) >= 200 ms", "200 ms");
    judged(r, SEQ("measured_ns", "'at_least':2.5e9"), "not-held",
           "measured_ns(sequential, 1) >= 2.5 s", "200 ms");
    judged(r, SEQ("measured_ns", "'at_most':1.5e3"), "not-held",
           "measured_ns(sequential, 1) <= 1.5 µs", "200 ms");
    judged(r, SEQ("throughput_per_s", "'at_least':300,'at_most':1234"), "held",
           "300/s <= throughput_per_s(sequential, 1) <= 1,234/s", "400/s");
    judged(r, RATIO("throughput_per_s", "'at_least':8"), "held",
           "throughput_per_s(threads, 32) / throughput_per_s(sequential, 1) >= 8", "25");
    judged(
        r, RATIO("throughput_per_s", "'at_least':0.9,'at_most':1.1"), "not-held",
        "0.9 <= throughput_per_s(threads, 32) / throughput_per_s(sequential, 1) <= 1.1",
        "25");
    judged(r,
           "{'says':'x','metric':'latency_p50_ns','model':'threads',"
           "'concurrency':32,'at_most':3e7}",
           "held", "latency_p50_ns(threads, 32) <= 30 ms", "20.5 ms");
    json_decref(r);
}

static void test_what_was_not_measured_has_not_held(void **state)
{
    (void)state;
    json_t *r = results_made();
    judged(r, SEQ("tree_memory_bytes", "'at_most':1048576"), "unknown",
           "tree_memory_bytes(sequential, 1) <= 1 MiB",
           "sequential at 1 has no tree_memory_bytes: no memory pass");
    judged(r, SEQ("response_p99_ns", "'at_most':1e9"), "unknown",
           "response_p99_ns(sequential, 1) <= 1 s",
           "sequential at 1 has no response_p99_ns: not measured in this kind of load");
    judged(r,
           "{'says':'x','metric':'wall_ns','model':'coroutines',"
           "'concurrency':32,'at_most':1e18}",
           "unknown", "wall_ns(coroutines, 32) <= 1,000,000,000 s",
           "coroutines at 32 was skipped: needs 99 open files");
    judged(r,
           "{'says':'x','metric':'wall_ns','model':'threads',"
           "'concurrency':4,'at_least':1}",
           "unknown", "wall_ns(threads, 4) >= 1 ns", "threads at 4 is not in this run");
    judged(r,
           "{'says':'x','metric':'measured_ns','model':'sequential',"
           "'concurrency':1,'to':'threads','to_concurrency':32,'at_least':1}",
           "unknown", "measured_ns(sequential, 1) / measured_ns(threads, 32) >= 1",
           "threads at 32 measured 0, so there is no ratio to it");
    json_decref(r);
}

static void test_too_few_trials_say_nothing(void **state)
{
    (void)state;
    json_t *r = results_made();
    json_t *summary =
        json_object_get(json_array_get(json_object_get(r, "cells"), 0), "summary");
    json_put(json_object_get(summary, "wall_ns"), "n", json_integer(1));
    judged(r, SEQ("measured_ns", "'at_least':1"), "unknown",
           "measured_ns(sequential, 1) >= 1 ns",
           "sequential at 1 has 1 valid trial; 2 are needed");
    judged(r, RATIO("throughput_per_s", "'at_least':8"), "unknown",
           "throughput_per_s(threads, 32) / throughput_per_s(sequential, 1) >= 8",
           "sequential at 1 has 1 valid trial; 2 are needed");
    json_decref(r);
}

static void test_another_load_is_not_what_was_predicted(void **state)
{
    (void)state;
    json_t *r = results_made();
    json_t *scenario = json_array_get(json_object_get(r, "scenarios"), 0);
    json_put(scenario, "overridden", json_pack("[s,s]", "--requests", "--rate"));
    judged(r, SEQ("measured_ns", "'at_least':1"), "unknown",
           "measured_ns(sequential, 1) >= 1 ns",
           "the load was changed with --requests, --rate");
    json_put(json_object_get(r, "run"), "url", json_string("http://h/"));
    judged(r, SEQ("measured_ns", "'at_least':1"), "unknown",
           "measured_ns(sequential, 1) >= 1 ns",
           "measured against another server (--url)");
    json_decref(r);
}

/* From a journal to results.json, under the schema. */
static void test_results_carry_them(void **state)
{
    (void)state;
    const struct made_model models[] = {{"sequential", 1, 20000, 30, 5000000, .1},
                                        {"threads", 8, 20000, 40, 20000000, .2}};
    const struct made made = {4, models, 2, true};
    json_t *journal = made_journal(&made), *results = NULL;
    struct err err = {0};
    json_t *header = json_array_get(journal, 0);
    json_put(json_array_get(json_object_get(header, "scenarios"), 0), "expect",
             json_pack("[{s:s,s:s,s:s,s:i,s:s,s:i,s:f},{s:s,s:s,s:s,s:s,s:i,s:i},"
                       "{s:s,s:s,s:s,s:i,s:i}]",
                       "says", "8 wait together", "metric", "throughput_per_s", "model",
                       "threads", "concurrency", 8, "to", "sequential", "to_concurrency",
                       1, "at_least", 7.5, "says", "small", "because", "of nothing",
                       "metric", "tree_memory_bytes", "model", "threads", "concurrency",
                       8, "at_most", 10000000, "says", "gone", "metric", "wall_ns",
                       "model", "coroutines", "concurrency", 8, "at_least", 1));
    assert_int_equal(aggregate(journal, &results, &err), 0);
    assert_int_equal(json_array_size(json_object_get(results, "expectations")), 3);
    assert_int_equal(expectations_count(results, "held"), 1);
    assert_int_equal(expectations_count(results, "not-held"), 1);
    assert_int_equal(expectations_count(results, "unknown"), 1);
    if (schema_check("results", NULL, results, &err))
        fail_msg("%s", err.text);
    json_decref(results);
    json_decref(journal);
}

static void test_without_predictions_there_is_no_key(void **state)
{
    (void)state;
    const struct made_model models[] = {{"threads", 8, 20000, 40, 20000000, .2}};
    const struct made made = {4, models, 1, true};
    json_t *journal = made_journal(&made), *results = NULL;
    assert_int_equal(aggregate(journal, &results, NULL), 0);
    assert_null(json_object_get(results, "expectations"));
    json_decref(results);
    json_decref(journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_ones_are_refused_with_their_path),
        cmocka_unit_test(test_cells_have_to_be_the_scenarios),
        cmocka_unit_test(test_it_is_written_out),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_what_was_not_measured_has_not_held),
        cmocka_unit_test(test_too_few_trials_say_nothing),
        cmocka_unit_test(test_another_load_is_not_what_was_predicted),
        cmocka_unit_test(test_results_carry_them),
        cmocka_unit_test(test_without_predictions_there_is_no_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
