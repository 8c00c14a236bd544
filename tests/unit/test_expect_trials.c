/* test_expect_trials: predictions about what happened inside the trials of a cell: in
 * which order, and how much of it failed. */
#include "analysis/expect_judge.h"
#include "analysis/expect_trials.h"
#include "common/json.h"
#include "harness/plan/expect.h"
#include "single_quotes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Threads at 32, four trials of which the last is invalid. */
static json_t *results_made(const char *expect)
{
    static const char *const spans[] = {"[[0,0,200],[1,50,150]]",
                                        "[[0,1,201],[1,50,151]]",
                                        "[[0,0,100],[1,100,150]]", "[]"};
    json_t *trials = json_array();
    for (size_t i = 0; i < 4; i++)
        json_push(trials, json_pack("{s:i,s:b,s:{s:i,s:i,s:o}}", "block", (int)i, "valid",
                                    i < 3, "document", "requests", 40, "ok",
                                    i == 0 ? 40 : 30, "trace_ns", json_quoted(spans[i])));
    return json_pack("{s:[{s:s,s:[o]}],s:[{s:s,s:s,s:i,s:s,s:{s:{s:f,s:i}},s:o}]}",
                     "scenarios", "name", "made", "expect", json_quoted(expect), "cells",
                     "scenario", "made", "model", "threads", "concurrency", 32, "status",
                     "ok", "summary", "wall_ns", "median", 2e8, "n", 3, "trials", trials);
}

static void judged(json_t *results, const char *outcome, const char *inequality,
                   const char *found)
{
    json_auto_t *list = expect_judge(results);
    const json_t *j = json_array_get(list, 0);
    const char *measured = json_string_value(json_object_get(j, "measured"));
    assert_string_equal(json_string_value(json_object_get(j, "outcome")), outcome);
    assert_string_equal(json_string_value(json_object_get(j, "inequality")), inequality);
    assert_string_equal(
        measured ? measured : json_string_value(json_object_get(j, "reason")), found);
    json_decref(results);
}

#define EXPECTED(metric, rest)                                                           \
    "{'says':'x','metric':'" metric "','model':'threads',"                               \
    "'concurrency':32" rest "}"
#define ORDER(events) EXPECTED("trace_order", ",'at_least':1,'trace_order':[" events "]")

/* A trial that was repeated and does not count says nothing: here two more of block 0,
 * disturbed, in another order and with failures of their own. */
static json_t *results_repeated(const char *expect)
{
    json_t *results = results_made(expect);
    json_t *cell = json_array_get(json_object_get(results, "cells"), 0);
    for (size_t i = 0; i < 2; i++)
        json_push(json_object_get(cell, "trials"),
                  json_pack("{s:i,s:b,s:[{s:s}],s:{s:i,s:i,s:[[i,i,i],[i,i,i]]}}",
                            "block", 0, "valid", 1, "disturbed", "reason", "steal",
                            "document", "requests", 40, "ok", 0, "trace_ns", 0, 100, 200,
                            1, 0, 50));
    return results;
}

static void test_order_is_that_of_every_trial(void **state)
{
    (void)state;
    judged(results_made(ORDER("'start 0','start 1','end 1'")), "held",
           "trace_order(threads, 32) >= 1 of start 0, start 1, end 1", "1");
    judged(results_made(ORDER("'start 1','end 1','end 0'")), "not-held",
           "trace_order(threads, 32) >= 1 of start 1, end 1, end 0", "0.667");
    judged(results_made(ORDER("'start 0','end 7'")), "not-held", /* in no trace */
           "trace_order(threads, 32) >= 1 of start 0, end 7", "0");
}

static void test_without_a_trace_nobody_knows(void **state)
{
    (void)state;
    json_t *r = results_made(ORDER("'start 0','end 0'"));
    json_t *cell = json_array_get(json_object_get(r, "cells"), 0);
    json_t *trial = json_array_get(json_object_get(cell, "trials"), 0);
    (void)json_object_del(json_object_get(trial, "document"), "trace_ns");
    judged(r, "unknown", "trace_order(threads, 32) >= 1 of start 0, end 0",
           "threads at 32 has no trace_order: a trial has no trace; options.trace asks "
           "for it");
}

static void test_failures_are_a_share(void **state)
{
    (void)state;
    judged(results_made(EXPECTED("failed_ratio", ",'at_least':0.25,'at_most':0.25")),
           "held", "0.25 <= failed_ratio(threads, 32) <= 0.25", "0.25");
    json_t *r = results_made(EXPECTED("failed_ratio", ",'at_most':0.2"));
    json_put(json_array_get(json_object_get(r, "cells"), 0), "trials", json_array());
    judged(r, "unknown", "failed_ratio(threads, 32) <= 0.2",
           "threads at 32 has no failed_ratio: no valid trial");
}

static void refused(const char *metric, const char *order, const char *said)
{
    struct err err = {0};
    json_auto_t *item = json_object();
    if (order)
        json_put(item, "trace_order", json_quoted(order));
    assert_true(expect_trace_check(item, "expect[0]", metric, &err) != 0);
    assert_int_equal(err.code, EXIT_CODE_USAGE);
    if (!strstr(err.text, said))
        fail_msg("'%s' does not say '%s'", err.text, said);
}

static void test_an_order_needs_its_events(void **state)
{
    (void)state;
    refused("trace_order", NULL, "expect[0].trace_order: missing");
    refused("wall_ns", "['start 0','end 0']", "only with the metric trace_order");
}

static void test_only_trials_that_count_are_asked(void **state)
{
    (void)state;
    judged(results_repeated(ORDER("'start 0','start 1','end 1'")), "held",
           "trace_order(threads, 32) >= 1 of start 0, start 1, end 1", "1");
    judged(results_repeated(EXPECTED("failed_ratio", ",'at_most':0.3")), "held",
           "failed_ratio(threads, 32) <= 0.3", "0.25");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_is_that_of_every_trial),
        cmocka_unit_test(test_only_trials_that_count_are_asked),
        cmocka_unit_test(test_without_a_trace_nobody_knows),
        cmocka_unit_test(test_failures_are_a_share),
        cmocka_unit_test(test_an_order_needs_its_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
