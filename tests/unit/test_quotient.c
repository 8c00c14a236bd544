/* test_quotient: one ratio has one value wherever it is read: beside the medians, in the
 * rows of results.json, in the predictions. */
#include "journal_made.h"

#include "analysis/sentence.h"
#include "analysis/words/phrase.h"
#include "analysis/words/ratio_words.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct made_model models[] = {MADE_SEQUENTIAL,
                                           {"threads", 8, 20000, 40, 20000000, .2},
                                           {"coroutines", 8, 10000, 20, 10000000, .2}};

/* Makes every trial of a model in the blocks from..to so many times slower and costlier.
 */
static void slow_down(json_t *journal, const char *model, long long from, long long to,
                      long long times)
{
    static const char *const keys[] = {"measured_ns", "cpu_measured_ns"};
    size_t i = 0;
    json_t *line = NULL;
    json_array_foreach (journal, i, line) {
        json_t *document = json_object_get(line, "document");
        const long long block = json_integer_value(json_object_get(line, "block"));
        const char *name = json_string_value(json_object_get(line, "model"));
        if (!document || !name || strcmp(name, model) != 0 || block < from || block > to)
            continue;
        for (size_t k = 0; k < COUNT_OF(keys); k++) {
            json_t *value = json_object_get(document, keys[k]);
            json_put(document, keys[k], json_integer(times * json_integer_value(value)));
        }
    }
}

/* A prediction of the ratio that a row is of. */
static void predict(json_t *journal, const char *metric, const char *model,
                    const char *to, long long to_concurrency)
{
    json_t *scenario =
        json_array_get(json_object_get(json_array_get(journal, 0), "scenarios"), 0);
    if (!json_object_get(scenario, "expect"))
        json_put(scenario, "expect", json_array());
    json_push(json_object_get(scenario, "expect"),
              json_pack("{s:s,s:s,s:s,s:i,s:s,s:I,s:i}", "says", "x", "metric", metric,
                        "model", model, "concurrency", 8, "to", to, "to_concurrency",
                        to_concurrency, "at_least", 0));
}

static const json_t *row_of(const json_t *results, const json_t *prediction)
{
    static const char *const keys[][2] = {
        {"model", "model"}, {"baseline", "to"}, {"metric", "metric"}};
    size_t i = 0;
    json_t *row = NULL;
    json_array_foreach (json_object_get(results, "comparisons"), i, row) {
        bool is_it = true;
        for (size_t k = 0; k < COUNT_OF(keys); k++)
            is_it = is_it && json_equal(json_object_get(row, keys[k][0]),
                                        json_object_get(prediction, keys[k][1]));
        if (is_it)
            return row;
    }
    return NULL;
}

static double real_at(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

static void test_a_prediction_has_the_quotient(void **state)
{
    static const char *const metrics[] = {"throughput_per_s", "cpu_per_request_ns",
                                          "cpu_startup_ns",   "max_rss_bytes",
                                          "latency_p50_ns",   "wall_ns",
                                          "tree_memory_bytes"};
    const size_t count = COUNT_OF(metrics);
    const struct made made = {12, models, 3, true};
    json_t *journal = made_journal(&made), *prediction = NULL;
    size_t i = 0;
    (void)state;
    slow_down(journal, "threads", 0, 4, 3);
    slow_down(journal, "coroutines", 5, 9, 2);
    for (size_t m = 0; m < count; m++) {
        predict(journal, metrics[m], "coroutines", "threads", 8);
        predict(journal, metrics[m], "threads", "sequential", 1);
    }
    json_t *results = made_results(journal);
    json_array_foreach (json_object_get(results, "expectations"), i, prediction) {
        const double value = real_at(prediction, "value");
        const json_t *row = row_of(results, prediction);
        assert_true(value > 0);
        assert_non_null(row);
        assert_true(fabs(real_at(row, "quotient") / value - 1) < 1e-12);
    }
    assert_int_equal(i, 2 * count);
    json_decref(results);
}

/* Where five blocks of twelve are unlike the rest, pairs and medians tell two stories. */
static void test_the_quotient_is_of_the_medians(void **state)
{
    const struct made made = {12, models, 3, true};
    json_t *journal = made_journal(&made);
    (void)state;
    slow_down(journal, "threads", 0, 4, 3);
    json_t *results = made_results(journal), *row = NULL;
    size_t i = 0, seen = 0;
    json_array_foreach (json_object_get(results, "comparisons"), i, row) {
        if (strcmp(json_string_value(json_object_get(row, "metric")),
                   "throughput_per_s") != 0 ||
            strcmp(json_string_value(json_object_get(row, "baseline")), "threads") != 0)
            continue;
        seen++; /* coroutines: 800 requests/s against 400 of the median trial */
        assert_true(fabs(real_at(row, "quotient") - 2) < .01);
        assert_true(real_at(row, "ratio") > 2.5);
    }
    assert_int_equal(seen, 1);
    json_decref(results);
}

static void test_what_is_unknown_has_no_quotient(void **state)
{
    const struct made made = {6, models, 3, true};
    json_t *journal = made_journal(&made), *line = NULL, *row = NULL;
    size_t i = 0, j = 0, unknown = 0;
    (void)state;
    json_array_foreach (journal, i, line) {
        json_t *memory = json_object_get(line, "memory");
        const char *model = json_string_value(json_object_get(line, "model"));
        if (memory && !strcmp(model, "threads"))
            json_put(memory, "source", json_string("largest-process"));
    }
    json_t *results = made_results(journal);
    json_array_foreach (json_object_get(results, "comparisons"), j, row) {
        assert_int_equal(json_is_null(json_object_get(row, "quotient")),
                         json_is_null(json_object_get(row, "ratio")));
        unknown += json_is_null(json_object_get(row, "quotient"));
    }
    assert_true(unknown >= 2);
    json_decref(results);
}

/* The same ratio in the row, the sentence and the prediction, either way round. */
static void test_sentence_row_and_prediction_agree(void **state)
{
    const struct made made = {12, models, 3, true};
    json_t *journal = made_journal(&made);
    (void)state;
    slow_down(journal, "coroutines", 0, 4, 3);
    predict(journal, "throughput_per_s", "coroutines", "sequential", 1);
    json_t *results = made_results(journal);
    const json_t *prediction =
        json_array_get(json_object_get(results, "expectations"), 0);
    const json_t *row = row_of(results, prediction);
    const json_t *verdict = json_object_get(
        json_array_get(json_object_get(results, "scenarios"), 0), "verdict");
    const json_t *ratio = json_array_get(json_object_get(verdict, "ratios"), 0);
    assert_string_equal(json_text_of(ratio, "metric"), "throughput_per_s");
    assert_string_equal(json_text_of(ratio, "against"), "sequential");
    assert_true(fabs(real_at(ratio, "quotient") / real_at(prediction, "value") - 1) <
                1e-12);
    assert_true(fabs(real_at(ratio, "ratio") / real_at(row, "ratio") - 1) < 1e-12);
    assert_true(fabs(real_at(ratio, "low") / real_at(row, "low") - 1) < 1e-12);
    json_auto_t *phrase = ratio_words(ratio, phrase_piece("model", "sequential"));
    json_auto_t *words = phrase_plain(phrase);
    assert_non_null(strstr(json_string_value(words), "paired by block"));
    assert_non_null(strstr(json_text_of(verdict, "sentence"), json_string_value(words)));
    json_decref(results);
}

static void test_counts_in_sentences(void **state)
{
    static const struct {
        double value;
        const char *text;
    } wanted[] = {{1.178, "1.2"},   {31.42, "31.4"},       {512.3, "512"},
                  {0.01, "0.0"},    {4571.3, "4,571"},     {9.996, "10.0"},
                  {99.96, "100.0"}, {1234567, "1,234,567"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        struct sentence count = {.used = 0};
        sentence_count(&count, wanted[i].value);
        assert_string_equal(count.bytes, wanted[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_in_sentences),
        cmocka_unit_test(test_a_prediction_has_the_quotient),
        cmocka_unit_test(test_the_quotient_is_of_the_medians),
        cmocka_unit_test(test_what_is_unknown_has_no_quotient),
        cmocka_unit_test(test_sentence_row_and_prediction_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
