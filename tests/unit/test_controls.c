/* test_controls: a model against itself: where it stands in the results, what it may
 * stop, what becomes of it as a noise floor; and the winner that few blocks cannot name.
 */
#include "analysis/margin.h"
#include "analysis/noise_floor.h"
#include "cli/check.h"
#include "common/json.h"
#include "harness/plan/plan.h"
#include "single_quotes.h"
#include "verdict_made.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static const struct made_model models[] = {{"threads", 8, 20000, 40, 20000000, .2},
                                           {"coroutines", 8, 10000, 20, 10000000, .2}};

static void near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-6))
        fail_msg("got %.9g, want %.9g", got, want);
}

/* What block b does to the control's measured time, as a factor. */
static double even(long long block)
{
    return 1 + .002 * (double)(block % 3 - 1);
}

static double worse(long long block)
{
    return 1.10 + .002 * (double)(block % 3);
}

static double far(long long block)
{
    return block % 2 ? 20 : 60;
}

/* The first model once more, its trials' time changed. */
static json_t *journal_with_control(long long blocks, double (*factor)(long long))
{
    const struct made made = {blocks, models, 2, true};
    json_t *journal = made_journal(&made);
    json_t *plan = json_object_get(json_array_get(journal, 0), "plan");
    json_t *entry = json_deep_copy(json_array_get(plan, 0));
    json_put(entry, "arm", json_string(PLAN_ARM));
    json_push(plan, entry);
    for (long long b = blocks - 1; b >= 0; b--) {
        json_t *line = made_trial(&models[0], "timed", b, 0, true);
        json_t *document = json_object_get(line, "document");
        json_int_t ns = json_integer_value(json_object_get(document, "measured_ns"));
        json_put(document, "measured_ns",
                 json_uint((uint64_t)(((double)ns * factor(b)))));
        json_put(line, "arm", json_string(PLAN_ARM));
        json_put(line, "type", json_string("trial"));
        if (json_array_insert_new(journal, 1,
                                  line)) /* order does not matter across arms */
            abort();
    }
    return journal;
}

static const json_t *control_row(const json_t *results, const char *metric)
{
    const json_t *control = json_array_get(json_object_get(results, "controls"), 0);
    size_t i = 0;
    json_t *row = NULL;
    json_array_foreach (json_object_get(control, "comparisons"), i, row) {
        if (!strcmp(json_string_value(json_object_get(row, "metric")), metric))
            return row;
    }
    fail_msg("no row of %s", metric);
    return NULL;
}

static bool has_warning(const json_t *results, const char *id)
{
    size_t i = 0;
    json_t *warning = NULL;
    bool has = false;
    json_array_foreach (json_object_get(results, "warnings"), i, warning) {
        has = has || !strcmp(json_string_value(json_object_get(warning, "id")), id);
    }
    return has;
}

static void test_a_control_stands_apart(void **state)
{
    (void)state;
    json_t *r = made_results(journal_with_control(12, even));
    assert_int_equal(json_array_size(json_object_get(r, "controls")), 1);
    assert_int_equal(json_array_size(json_object_get(r, "cells")), 2);
    const json_t *row = control_row(r, "throughput_per_s");
    assert_int_equal(json_integer_value(json_object_get(row, "n")), 12);
    assert_string_equal(json_string_value(json_object_get(row, "verdict")), "same");
    assert_false(has_warning(r, "aa-different"));
    size_t i = 0;
    json_t *other = NULL;
    json_array_foreach (json_object_get(r, "comparisons"), i, other)
        assert_string_equal(json_string_value(json_object_get(other, "model")),
                            "coroutines");
    expect_verdict(r, "{'form': 'winner', 'caveats': [{'class': 'this-load'}, {'class': "
                      "'noise-control', 'model': 'threads', 'concurrency': 8, "
                      "'comparisons': [{'metric': 'throughput_per_s', 'verdict': 'same'},"
                      "                {'metric': 'cpu_per_request_ns'}]}]}");
}

static void test_a_failed_control_ranks_nothing(void **state)
{
    (void)state;
    char reason[200] = "";
    json_t *r = made_results(journal_with_control(12, worse));
    assert_true(has_warning(r, "aa-different"));
    json_t *noise_floor = noise_floor_make(r);
    assert_true(check_unfit(r, noise_floor, reason, sizeof reason));
    assert_non_null(strstr(reason, "threads differed from itself in throughput_per_s"));
    json_decref(noise_floor);
    expect_verdict(r, "{'form': 'not-publishable', 'reasons': [{'class': "
                      "'control-differs', 'model': 'threads', 'concurrency': 8, "
                      "'control': true, 'metric': 'throughput_per_s'}]}");
}

static void test_floor_becomes_margin(void **state)
{
    (void)state;
    char directory[] = "/tmp/concbench-floor-XXXXXX", path[64], reason[200];
    json_t *r = made_results(journal_with_control(12, worse));
    json_t *noise_floor = noise_floor_make(r);
    const json_t *environment = json_object_get(r, "environment");
    assert_true(noise_floor_is_measured(noise_floor));
    assert_non_null(mkdtemp(directory));
    assert_int_equal(noise_floor_write(directory, noise_floor, NULL), 0);
    json_t *floors = noise_floor_read(directory, environment, "Release");
    const json_t *row = control_row(r, "throughput_per_s");
    double off = 1 / json_number_value(json_object_get(row, "ratio")) - 1;
    json_t *margin = margin_json(0, floors), *run = json_pack("{s:O}", "delta", margin);
    near(margin_value(run, "throughput_per_s"), off); /* the estimate, beyond the width */
    near(margin_value(run, "max_rss_bytes"), .01);
    near(margin_value(NULL, "throughput_per_s"), .01);
    json_t *other = json_pack("{s:{s:i}}", "cpu", "count", 64);
    assert_null(noise_floor_read(directory, other, "Release")); /* another machine */
    assert_null(noise_floor_read(directory, environment, "Debug"));
    assert_null(noise_floor_read("/nowhere", environment, "Release"));
    (void)snprintf(path, sizeof path, "%s/" NOISE_FLOOR_FILE, directory);
    (void)unlink(path);
    (void)rmdir(directory);
    json_decref(other);
    json_decref(run);
    json_decref(margin);
    json_decref(floors);
    json_decref(noise_floor);
    json_decref(r);
    r = made_results(journal_with_control(4, even));
    noise_floor = noise_floor_make(r);
    assert_true(check_unfit(r, noise_floor, reason, sizeof reason)); /* too few blocks */
    json_decref(noise_floor);
    json_decref(r);
}

static void test_a_high_floor_is_said(void **state)
{
    (void)state;
    const struct made made = {12, models, 2, true};
    for (int i = 0; i < 2; i++) {
        json_t *journal = made_journal(&made);
        json_put(json_object_get(json_array_get(journal, 0), "run"), "delta",
                 json_pack("{s:{s:f,s:s}}", "cpu_per_request_ns", "value", i ? .08 : .02,
                           "source", "floor"));
        json_t *r = made_results(journal);
        assert_int_equal(has_warning(r, "floor-high"), i == 1);
        json_decref(r);
    }
}

/* Every other block a model is 30 % faster, then as much slower: nobody can tell. */
static void test_what_is_not_settled_is_said(void **state)
{
    (void)state;
    const struct made made = {12, models, 2, true};
    json_t *journal = made_journal(&made), *line = NULL;
    size_t i = 0;
    json_array_foreach (journal, i, line) {
        const char *model = json_string_value(json_object_get(line, "model"));
        if (!model || strcmp(model, "coroutines") != 0)
            continue;
        json_t *document = json_object_get(line, "document");
        bool fast = json_integer_value(json_object_get(line, "block")) % 2;
        if (document)
            json_put(document, "measured_ns", json_integer(fast ? 140000000 : 260000000));
    }
    json_t *r = made_results(journal);
    expect_verdict(
        r, "{'ratios': [{'verdict': 'inconclusive', 'model': 'coroutines'}, {}, {}],"
           " 'caveats': [{}, {'class': 'not-settled', 'more': 0, 'comparisons': ["
           "  {'model': 'coroutines', 'against': 'threads', 'metric': "
           "'throughput_per_s'}]}]}");
}

/* Six blocks are too few for Holm's correction, not for the noise: 20 to 60 times as much
 * is no question of thousands of blocks, however unsteady it is. */
static void test_a_large_difference_needs_few_blocks(void **state)
{
    (void)state;
    json_t *r = made_results(journal_with_control(6, far));
    const json_t *row = control_row(r, "throughput_per_s");
    assert_string_equal(json_string_value(json_object_get(row, "verdict")),
                        "inconclusive");
    const json_int_t needed = json_integer_value(json_object_get(row, "blocks_needed"));
    assert_true(needed >= 7 && needed <= 20);
    json_decref(r);
}

static void test_delta_option(void **state)
{
    (void)state;
    double margin = 0;
    assert_int_equal(margin_parse("--delta", "2.5%", &margin, NULL), 0);
    near(margin, .025);
    static const char *const wrong[] = {"",     "0%",   "51%",    "-1%", "2",  "%",
                                        "1e1%", "nan%", "1.2.3%", "2%%", "2 %"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_int_not_equal(margin_parse("--delta", wrong[i], &margin, NULL), 0);
    json_t *all = margin_json(.03, NULL);
    const json_t *one = json_object_get(all, "cpu_per_request_ns");
    near(json_number_value(json_object_get(one, "value")), .03);
    assert_string_equal(json_string_value(json_object_get(one, "source")), "option");
    json_decref(all);
}

/* With 7 blocks and two rivals in speed and CPU, Holm's correction leaves no `different`
 * against the first; the model with the least memory is then no winner. */
static void test_seven_blocks_name_no_winner_among_three(void **state)
{
    (void)state;
    const struct made_model three[] = {{"threads", 8, 20000, 40, 20000000, .2},
                                       {"processes", 8, 20000, 40, 40000000, .2},
                                       {"coroutines", 8, 10000, 20, 10000000, .2}};
    const struct made made = {7, three, 3, true}, more = {8, three, 3, true};
    json_t *r = made_results(made_journal(&made));
    const json_t *open = json_array_get(json_object_get(made_verdict(r), "caveats"), 1);
    const json_t *first = json_array_get(json_object_get(open, "comparisons"), 0);
    assert_int_equal(json_integer_value(json_object_get(first, "blocks_needed")), 8);
    expect_verdict(r, "{'form': 'tie'}");
    expect_verdict(made_results(made_journal(&more)), "{'form': 'winner'}");
}

static void test_what_a_check_concludes(void **state)
{
    (void)state;
    static const struct {
        const char *floors, *warnings, *sentence;
    } cases[] = {
        {"{'cpu_per_request_ns': {'floor_ratio': 0.1512},"
         " 'throughput_per_s': {'floor_ratio': 0.92}}",
         "[{'id': 'dirty-tree', 'text': 'x'}, {'id': 'disturbed', 'text': 'y'},"
         " {'id': 'load-high', 'text': 'the load was 11; stop it'}]",
         "Here differences below 15 % in CPU and 92 % in speed mean nothing: the load "
         "was "
         "11; stop it."},
        {"{'cpu_per_request_ns': {'floor_ratio': 0.0124},"
         " 'throughput_per_s': {'floor_ratio': 0.0996}}",
         "[]",
         "Here differences below 1.2 % in CPU and 10 % in speed mean nothing; larger "
         "ones "
         "count."},
        {"{'throughput_per_s': {'floor_ratio': 0.004}}", "[]",
         "Here differences below 0.4 % in speed mean nothing; larger ones count."},
        {"{'cpu_per_request_ns': {'floor_ratio': null}}", "[]", ""},
        {"{}", "[{'id': 'load-high', 'text': 'x'}]", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[200];
        json_auto_t *results = json_object(), *document = json_object();
        json_put(results, "warnings", json_quoted(cases[i].warnings));
        json_put(document, "metrics", json_quoted(cases[i].floors));
        check_sentence(results, document, text, sizeof text);
        assert_string_equal(text, cases[i].sentence);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_check_concludes),
        cmocka_unit_test(test_a_control_stands_apart),
        cmocka_unit_test(test_a_failed_control_ranks_nothing),
        cmocka_unit_test(test_floor_becomes_margin),
        cmocka_unit_test(test_a_high_floor_is_said),
        cmocka_unit_test(test_what_is_not_settled_is_said),
        cmocka_unit_test(test_a_large_difference_needs_few_blocks),
        cmocka_unit_test(test_delta_option),
        cmocka_unit_test(test_seven_blocks_name_no_winner_among_three),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
