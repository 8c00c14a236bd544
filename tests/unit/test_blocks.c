/* test_blocks: which attempt of a block counts, alone and through a whole journal, whose
 * summaries, counts, warnings and verdict all have to go by the same one. */
#include "analysis/blocks.h"

#include "journal_made.h"
#include "single_quotes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Every order of up to three attempts, and the index of the one that counts; -1: none.
 * Written by hand, so that the rule is not tested by itself. */
static const struct {
    const char *attempts;
    int counting;
} orders[] = {
    {"v", 0},   {"d", 0},   {"i", -1},  {"vv", 1},   {"vd", 0},  {"vi", 0},  {"dv", 1},
    {"dd", 1},  {"di", 0},  {"iv", 1},  {"id", 1},   {"ii", -1}, {"vvv", 2}, {"vvd", 1},
    {"vvi", 1}, {"vdv", 2}, {"vdd", 0}, {"vdi", 0},  {"viv", 2}, {"vid", 0}, {"vii", 0},
    {"dvv", 2}, {"dvd", 1}, {"dvi", 1}, {"ddv", 2},  {"ddd", 2}, {"ddi", 1}, {"div", 2},
    {"did", 2}, {"dii", 0}, {"ivv", 2}, {"ivd", 1},  {"ivi", 1}, {"idv", 2}, {"idd", 2},
    {"idi", 1}, {"iiv", 2}, {"iid", 2}, {"iii", -1},
};
#define ORDERS COUNT_OF(orders)

static size_t count_of(const char *attempts, char kind)
{
    size_t count = 0;
    for (const char *p = attempts; *p; p++)
        count += *p == kind;
    return count;
}

static json_t *disturbance(void)
{
    return json_pack("[{s:s,s:f,s:f}]", "reason", "steal", "value", .5, "limit", .02);
}

static void test_one_attempt_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ORDERS; i++) {
        json_auto_t *trials = json_array();
        for (const char *p = orders[i].attempts; *p; p++) {
            json_t *trial = json_pack("{s:i,s:b}", "block", 5, "valid", *p != 'i');
            if (*p == 'd')
                json_put(trial, "disturbed", disturbance());
            json_push(trials, trial);
        }
        struct blocks blocks;
        blocks_of(trials, &blocks);
        assert_int_equal(blocks.count, 1);
        assert_int_equal(blocks.items[0].number, 5);
        assert_int_equal(blocks.items[0].attempts, strlen(orders[i].attempts));
        assert_int_equal(blocks.failed, orders[i].counting < 0);
        assert_ptr_equal(blocks.items[0].counting,
                         orders[i].counting < 0
                             ? NULL
                             : json_array_get(trials, (size_t)orders[i].counting));
        blocks_done(&blocks);
    }
}

/* A journal may come together in any order of blocks; nothing is not a trial. */
static void test_blocks_ascend(void **state)
{
    (void)state;
    json_auto_t *trials = json_quoted("[{'block':2,'valid':false},"
                                      "{'block':0,'valid':true},"
                                      "{'block':2,'valid':true},"
                                      "{'block':1,'valid':false}, 7]");
    struct blocks blocks;
    blocks_of(trials, &blocks);
    assert_int_equal(blocks.count, 3);
    assert_int_equal(blocks.failed, 1);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(blocks.items[i].number, i);
    assert_ptr_equal(blocks.items[0].counting, json_array_get(trials, 1));
    assert_null(blocks.items[1].counting);
    assert_ptr_equal(blocks.items[2].counting, json_array_get(trials, 2));
    blocks_done(&blocks);
    blocks_of(NULL, &blocks);
    assert_int_equal(blocks.count, 0);
    blocks_done(&blocks);
    assert_false(blocks_is_disturbed(NULL));
}

#define BLOCKS 8
#define MODEL  "coroutines"

/* Eight blocks of two models; in the third the coroutines make these attempts, of which
 * attempt k takes 3 + k times as long as usual, and needs as much more CPU. */
static json_t *results_with(const char *attempts)
{
    const struct made_model models[] = {{"threads", 8, 20000, 40, 20000000, .2},
                                        {MODEL, 8, 10000, 20, 10000000, .2}};
    const struct made made = {BLOCKS, models, 2, true};
    json_t *journal = made_journal(&made);
    size_t at = 1;
    for (;; at++) {
        const json_t *line = json_array_get(journal, at);
        if (!strcmp(json_string_value(json_object_get(line, "model")), MODEL) &&
            json_integer_value(json_object_get(line, "block")) == 2)
            break;
    }
    assert_int_equal(json_array_remove(journal, at), 0);
    for (int k = 0; attempts[k]; k++) {
        const struct made_model m = {MODEL,          8,        10000LL * (3 + k),
                                     20LL * (3 + k), 10000000, .2};
        json_t *trial = made_trial(&m, "timed", 2, k, attempts[k] != 'i');
        json_put(trial, "type", json_string("trial"));
        if (attempts[k] == 'd')
            json_put(trial, "disturbed", disturbance());
        if (attempts[k] == 'i') /* would be seen by whatever takes it for valid */
            json_put(json_object_get(trial, "document"), "latency_sum_ns",
                     json_integer(1));
        assert_int_equal(json_array_insert_new(journal, at++, trial), 0);
    }
    return made_results(journal);
}

static const json_t *cell_with(const json_t *results)
{
    return json_array_get(json_object_get(results, "cells"), 1);
}

static json_int_t number_at(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void check_counts(const json_t *results, const char *attempts, int counting)
{
    const bool failed = counting < 0;
    const json_t *run = json_object_get(results, "run");
    const json_t *summary = json_object_get(cell_with(results), "summary");
    const json_t *cpu = json_object_get(summary, "cpu_per_request_ns");
    const json_t *latency = json_object_get(summary, "latency_ns");
    assert_int_equal(number_at(run, "trials_invalid"), failed);
    assert_int_equal(number_at(run, "trials_run"), 2 * BLOCKS - 1 + strlen(attempts));
    assert_int_equal(number_at(cpu, "n"), BLOCKS - failed);
    assert_int_equal(number_at(latency, "count"), 80 * (BLOCKS - failed));
    /* the longest is that of the attempt that counts */
    assert_int_equal(number_at(latency, "max"),
                     failed ? 10007000 : 10000000LL * (3 + counting) + 2000);
}

static void check_words(const json_t *results, const char *attempts, int counting)
{
    const json_t *scenario = json_array_get(json_object_get(results, "scenarios"), 0);
    const json_t *verdict = json_object_get(scenario, "verdict");
    const char *form = json_string_value(json_object_get(verdict, "form"));
    const char *disturbed = made_warning(results, "disturbed");
    const size_t shaken = count_of(attempts, 'd');
    const bool shaken_counts = counting >= 0 && attempts[counting] == 'd';
    char text[120] = "";
    assert_int_equal(!strcmp(form, "not-publishable"), counting < 0);
    assert_int_equal(made_warning(results, "trials-invalid") != NULL, counting < 0);
    assert_int_equal(disturbed != NULL, shaken > 0);
    if (shaken_counts)
        (void)snprintf(text, sizeof text, "disturbed 1 of %d trials (kept)", 2 * BLOCKS);
    else if (shaken > 0)
        (void)snprintf(text, sizeof text, "disturbed %zu trial%s (repeated)", shaken,
                       shaken == 1 ? "" : "s");
    assert_true(!disturbed || strstr(disturbed, text));
    assert_null(made_warning(results, "little-law"));
}

static void test_a_journal_counts_one_attempt_a_block(void **state)
{
    (void)state;
    for (size_t i = 0; i < ORDERS; i++) {
        json_t *results = results_with(orders[i].attempts);
        check_counts(results, orders[i].attempts, orders[i].counting);
        check_words(results, orders[i].attempts, orders[i].counting);
        json_decref(results);
    }
}

/* Little's law is asked of the trials that count: here every one that does not is off. */
static void test_littles_law_is_of_the_trials_that_count(void **state)
{
    const struct made_model models[] = {{"threads", 8, 20000, 40, 20000000, .2}};
    const struct made made = {6, models, 1, true};
    json_t *journal = made_journal(&made);
    (void)state;
    for (long long b = 0; b < made.blocks; b++) {
        for (long long attempt = 1; attempt < 3; attempt++) {
            json_t *trial = made_trial(&models[0], "timed", b, attempt, true);
            json_put(trial, "type", json_string("trial"));
            json_put(trial, "disturbed", disturbance());
            json_put(json_object_get(trial, "document"), "latency_sum_ns",
                     json_integer(80LL * 1000000));
            assert_int_equal(json_array_insert_new(
                                 journal, 2 + 3 * (size_t)b + (size_t)attempt - 1, trial),
                             0);
        }
    }
    json_t *results = made_results(journal);
    assert_null(made_warning(results, "little-law"));
    json_decref(results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_attempt_counts),
        cmocka_unit_test(test_blocks_ascend),
        cmocka_unit_test(test_a_journal_counts_one_attempt_a_block),
        cmocka_unit_test(test_littles_law_is_of_the_trials_that_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
