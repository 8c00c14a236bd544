/* test_comparisons: the word for an interval at the edges of each rule, and its reason.
 */
#include "analysis/comparisons.h"

#include "analysis/judge.h"
#include "journal_made.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BLOCKS 12

static void test_the_word_of_an_interval(void **state)
{
    const double edge = log1p(.05), least = 1e-6;
    const struct {
        double low, high, p;
        const char *word;
    } cases[] = {
        {edge, 1, .049, "different"},
        {edge, 1, .05, "inconclusive"}, /* p has to be below */
        {edge - least, 1, .001, "small"},
        {-1, -edge, .049, "different"},
        {-1, -edge, .05, "inconclusive"},
        {-1, -edge + least, .001, "small"},
        {-edge + least, edge - least, .001, "same"},
        {-edge, edge - least, .5, "inconclusive"},
        {-edge + least, edge, .5, "inconclusive"},
        {least, edge - least, .001, "same"}, /* within the margin, whatever it excludes */
        {least, edge + least, .001, "small"},
        {0, edge + least, .001, "inconclusive"}, /* a bound that is 1 excludes nothing */
        {1e-15, edge + least, .001, "inconclusive"},
        {4e-10, edge + least, .001, "inconclusive"}, /* is written as 1 */
        {-edge - least, 0, .001, "inconclusive"},
        {-edge - least, -1e-15, .001, "inconclusive"},
        {-edge - least, -least, .001, "small"},
        {-1, 1, 1, "inconclusive"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(judge_word(cases[i].low, cases[i].high, cases[i].p, .05),
                            cases[i].word);
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
    fail_msg("no row of %s against %s", model, baseline);
    return NULL;
}

static void expect_row(const json_t *row, const char *word, const char *reason)
{
    const char *why = json_string_value(json_object_get(row, "reason"));
    assert_string_equal(json_string_value(json_object_get(row, "verdict")), word);
    assert_string_equal(why ? why : "", reason);
}

/* Six blocks of three models are twice as far apart as noise: it is p that is too large.
 * A model without a value is none of those that p is corrected for. */
static void test_the_reason_names_p_where_p_is_the_cause(void **state)
{
    const struct made_model models[] = {{"threads", 8, 40000, 40, 20000000, .2},
                                        {"coroutines", 8, 20000, 20, 10000000, .2},
                                        {"callbacks", 8, 40000, 40, 10000000, .2}};
    const struct made made = {6, models, 3, true};
    json_t *journal = made_journal(&made), *line = NULL;
    size_t i = 0;
    (void)state;
    json_array_foreach (journal, i, line) {
        const char *model = json_string_value(json_object_get(line, "model"));
        if (model && !strcmp(model, "callbacks") && json_object_get(line, "valid"))
            json_put(line, "max_rss_bytes", json_null());
    }
    json_t *results = made_results(journal);
    const json_t *row = row_of(results, "coroutines", "threads", "throughput_per_s");
    expect_row(row, "inconclusive",
               "clear of 1, but p is 0.12 when corrected for 4 comparisons; about 8 "
               "blocks would settle it");
    row = row_of(results, "coroutines", "threads", "max_rss_bytes");
    expect_row(row, "different", "");
    row = row_of(results, "callbacks", "threads", "max_rss_bytes");
    assert_true(json_is_null(json_object_get(row, "verdict")));
    json_decref(results);
}

static void test_same_by_a_coarse_delta_is_called_so(void **state)
{
    static const struct {
        double margin;
        const char *word, *reason;
    } cases[] = {
        {.10, "different", ""},
        {.36, "same", "too coarse: differences of up to 36 % count as none here"}};
    const struct made_model models[] = {{"threads", 8, 20000, 100, 20000000, .2},
                                        {"coroutines", 8, 20000, 125, 10000000, .2}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct made made = {BLOCKS, models, 2, true};
        json_t *journal = made_journal(&made);
        json_put(json_object_get(json_array_get(journal, 0), "run"), "delta",
                 json_pack("{s:{s:f,s:s},s:{s:f,s:s}}", "cpu_per_request_ns", "value",
                           cases[i].margin, "source", "floor", "throughput_per_s",
                           "value", .10, "source", "floor"));
        json_t *results = made_results(journal);
        expect_row(row_of(results, "coroutines", "threads", "cpu_per_request_ns"),
                   cases[i].word, cases[i].reason);
        expect_row(row_of(results, "coroutines", "threads", "throughput_per_s"), "same",
                   ""); /* 10 % is not yet coarse */
        json_decref(results);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_word_of_an_interval),
        cmocka_unit_test(test_the_reason_names_p_where_p_is_the_cause),
        cmocka_unit_test(test_same_by_a_coarse_delta_is_called_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
