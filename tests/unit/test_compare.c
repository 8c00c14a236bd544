/* test_compare: what compare computes from files with known numbers, and what it makes of
 * strings and environments. */
#include "analysis/compare/compare.h"

#include "analysis/compare/compare_environment.h"
#include "analysis/compare/compare_rows.h"
#include "analysis/compare/compare_text.h"
#include "common/file.h"
#include "common/json.h"
#include "common/markdown.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("got %.9g, want %.9g", got, want);
}

/* A trial of 10 requests that took `seconds`, and CPU of half of that. */
static json_t *trial(double seconds, int block)
{
    return json_pack("{s:s, s:b, s:i, s:i, s:f, s:f, s:i, s:{s:i, s:f, s:f, s:[[i, i]], "
                     "s:i}}",
                     "pass", "timed", "valid", 1, "block", block, "requests", 10,
                     "wall_ns", seconds * 1e9, "cpu_total_ns", seconds * 6e8,
                     "max_rss_bytes", 1000000, "document", "ok", 10, "measured_ns",
                     seconds * 1e9, "cpu_measured_ns", seconds * 5e8, "latency_ns", 1000,
                     10, "overflow", 0);
}

/* One run of one cell whose trials took these seconds. */
static json_t *run(const char *id, const char *cpu, const double *seconds, int count)
{
    json_t *trials = json_array();
    for (int i = 0; i < count; i++)
        json_push(trials, trial(seconds[i], i));
    return json_pack("{s:i, s:{s:s, s:s}, s:{s:{s:s}, s:{s:s, s:f}}, s:[{s:s, s:{s:i}, "
                     "s:{s:i}}], s:[{s:s, s:s, s:i, s:i, s:o}]}",
                     "schema_version", 1, "run", "id", id, "started",
                     "2026-11-20T07:00:00Z", "environment", "host", "name", "vm", "cpu",
                     "model", cpu, "load1_at_start", seconds[0], "scenarios", "name", "s",
                     "origin", "bytes", 1, "load", "requests", 10, "cells", "scenario",
                     "s", "model", "threads", "concurrency", 4, "requests", 10, "trials",
                     trials);
}

static void add(struct compare_set *set, json_t *document)
{
    struct err err = {0};
    char path[64];
    (void)snprintf(path, sizeof path, "/tmp/test_compare.%d.json", (int)getpid());
    assert_int_equal(file_write_json(path, document, &err), 0);
    if (compare_set_add(set, path, &err))
        fail_msg("%s", err.text);
    (void)unlink(path);
    json_decref(document);
}

static const double six[] = {1, 1.01, 1.02, 1.03, 1.04, 1.05};
static const double slower[] = {2, 2.02, 2.04, 2.06, 2.08, 2.1};

/* The comparison of two runs of one cell. */
static json_t *compared(const char *old_cpu, const double *old, const char *new_cpu,
                        const double *new, int count)
{
    struct compare_set set = {.count = 0};
    add(&set, run("old", old_cpu, old, count));
    add(&set, run("new", new_cpu, new, count));
    compare_set_label(&set);
    json_t *comparison = compare_make(&set);
    compare_set_done(&set);
    return comparison;
}

static const json_t *row_of(const json_t *comparison, const char *metric)
{
    size_t i = 0;
    json_t *row = NULL;
    json_array_foreach (json_object_get(comparison, "comparisons"), i, row) {
        if (!strcmp(json_string_value(json_object_get(row, "metric")), metric))
            return row;
    }
    fail_msg("no row for %s", metric);
    return NULL;
}

static double number(const json_t *row, const char *key)
{
    return json_number_value(json_object_get(row, key));
}

static const char *text(const json_t *row, const char *key)
{
    const char *value = json_string_value(json_object_get(row, key));
    return value ? value : "";
}

/* 6 and 6 trials without overlap: p = 2/C(12,6), and k = 6 of 36 differences, which the
 * table of U (5 at 5 %, two-sided) says; P(U <= 5) = 19/924. */
static void test_known_numbers(void **state)
{
    (void)state;
    json_t *comparison = compared("a", six, "a", slower, 6);
    const json_t *row = row_of(comparison, "throughput_per_s");
    near(number(row, "ratio"), .5, .005);
    near(number(row, "p"), 2.0 / 924, 1e-9);
    near(number(row, "coverage"), 1 - 2 * 19.0 / 924, 1e-9);
    assert_true(number(row, "low") < .5 && number(row, "high") > .5);
    near(number(row, "against_value"), 10 / 1.025, .01);
    assert_string_equal(text(row, "verdict"), "different");
    assert_string_equal(text(row, "direction"), "worse");
    near(number(row_of(comparison, "cpu_per_request_ns"), "ratio"), 2, .02);
    assert_string_equal(text(row_of(comparison, "max_rss_bytes"), "verdict"), "same");
    assert_true(compare_is_worse(comparison));
    json_decref(comparison);
}

static void test_better_is_not_worse(void **state)
{
    (void)state;
    json_t *comparison = compared("a", slower, "a", six, 6);
    assert_string_equal(text(row_of(comparison, "throughput_per_s"), "direction"),
                        "better");
    assert_false(compare_is_worse(comparison));
    json_decref(comparison);
}

static void test_too_few_trials_are_not_judged(void **state)
{
    (void)state;
    json_t *comparison = compared("a", six, "a", slower, 3);
    const json_t *row = row_of(comparison, "throughput_per_s");
    assert_true(json_is_null(json_object_get(row, "verdict")));
    assert_true(json_is_null(json_object_get(row, "low")));
    assert_non_null(strstr(text(row, "reason"), "3 and 3"));
    near(number(row, "ratio"), .5, .01);
    json_decref(comparison);
}

static void test_the_word_needs_equal_machines(void **state)
{
    (void)state;
    char names[100];
    json_t *comparison = compared("a", six, "b", slower, 6);
    const json_t *outcome = json_array_get(json_object_get(comparison, "outcomes"), 0);
    assert_null(strstr(text(outcome, "sentence"), "egression"));
    assert_true(compare_environment_differs(comparison, names, sizeof names));
    assert_string_equal(names, "cpu.model");
    json_decref(comparison);
    comparison = compared("a", six, "a", slower, 6);
    outcome = json_array_get(json_object_get(comparison, "outcomes"), 0);
    assert_non_null(strstr(text(outcome, "sentence"), "regressions."));
    assert_false(compare_environment_differs(comparison, names, sizeof names));
    json_decref(comparison);
}

static void test_a_list_is_no_fact(void **state)
{
    (void)state;
    struct compare_set set = {.count = 0};
    json_t *first = run("one", "a", six, 6), *second = run("two", "a", six, 6);
    json_object_set_new(json_object_get(json_object_get(first, "environment"), "cpu"),
                        "machine", json_pack("[{s:[i]}]", "cpus", 0));
    json_object_set_new(json_object_get(json_object_get(second, "environment"), "cpu"),
                        "machine", json_string("a word"));
    add(&set, first);
    add(&set, second);
    json_t *facts = compare_environment(&set);
    assert_int_equal(json_array_size(json_object_get(facts, "differences")), 0);
    json_decref(facts);
    compare_set_done(&set);
}

static void test_which_facts_count(void **state)
{
    (void)state;
    assert_true(compare_environment_is_relevant("cpu", "model"));
    assert_true(compare_environment_is_relevant("libraries", "libcurl"));
    assert_true(compare_environment_is_relevant("mitigations", "meltdown"));
    assert_false(compare_environment_is_relevant("cpu", "load1_at_start"));
    assert_false(compare_environment_is_relevant("memory", "available_bytes"));
    assert_false(compare_environment_is_relevant("host", "name"));
    assert_false(compare_environment_is_relevant("host", "uptime_s"));
    assert_false(compare_environment_is_relevant("build", "git_commit"));
}

/* Whether two ways to say a fact are taken as one. */
static bool says_the_same(const char *old, const char *new)
{
    json_t *comparison = compared(old, six, new, six, 1);
    const json_t *list =
        json_object_get(json_object_get(comparison, "environment"), "differences");
    bool is_same = json_array_size(list) == 0;
    json_decref(comparison);
    return is_same;
}

static void test_older_words_for_a_fact(void **state)
{
    (void)state;
    assert_true(says_the_same("always [madvise] never", "madvise"));
    assert_true(says_the_same("", "none"));
    assert_true(says_the_same("2.36", "glibc 2.36"));
    assert_false(says_the_same("always [madvise] never", "always"));
    assert_false(says_the_same("2.36", "glibc 2.37"));
    assert_false(says_the_same("none", "some"));
}

static void test_labels_are_unique(void **state)
{
    (void)state;
    struct compare_set set = {.count = 0};
    add(&set, run("one", "a", six, 1));
    add(&set, run("two", "a", six, 1));
    add(&set, run("two", "a", six, 1));
    compare_set_label(&set);
    assert_string_equal(set.files[0].label, "one");
    assert_string_equal(set.files[1].label, "vm 2026-11-20");
    assert_string_equal(set.files[2].label, "vm 2026-11-20 (2)");
    compare_set_done(&set);
}

/* What load of the second run makes of the comparison. */
static json_t *with_load(const char *key, json_t *value)
{
    struct compare_set set = {.count = 0};
    json_t *other = run("new", "a", six, 6);
    json_t *load =
        json_object_get(json_array_get(json_object_get(other, "scenarios"), 0), "load");
    json_put(load, key, value);
    add(&set, run("old", "a", six, 6));
    add(&set, other);
    compare_set_label(&set);
    json_t *comparison = compare_make(&set);
    compare_set_done(&set);
    return comparison;
}

static void test_other_loads_are_not_compared(void **state)
{
    (void)state;
    json_t *comparison = with_load("keepalive", json_true());
    const json_t *skipped = json_array_get(json_object_get(comparison, "skipped"), 0);
    assert_int_equal(json_array_size(json_object_get(comparison, "comparisons")), 0);
    assert_string_equal(text(skipped, "reason"),
                        "not the same load: load.keepalive differs");
    json_decref(comparison);
    static const char *const harmless[] = {"rate_per_s", "arrivals", "concurrency"};
    for (size_t i = 0; i < 3; i++) { /* a newer suite says what an older one meant */
        comparison = with_load(harmless[i], i ? json_string("poisson") : json_null());
        assert_int_equal(json_array_size(json_object_get(comparison, "skipped")), 0);
        json_decref(comparison);
    }
}

static void refuse(json_t *document, const char *why)
{
    struct compare_set set = {.count = 0};
    struct err err = {0};
    char path[64];
    (void)snprintf(path, sizeof path, "/tmp/test_compare.%d.json", (int)getpid());
    assert_int_equal(file_write_json(path, document, &err), 0);
    assert_int_not_equal(compare_set_add(&set, path, &err), 0);
    assert_int_equal(err.code, EXIT_CODE_USAGE);
    if (!strstr(err.text, why) || !strstr(err.text, path))
        fail_msg("'%s' does not say '%s'", err.text, why);
    (void)unlink(path);
    compare_set_done(&set);
    json_decref(document);
}

static void test_refusals_name_the_place(void **state)
{
    (void)state;
    json_t *document = run("x", "a", six, 2);
    json_t *cells = json_object_get(document, "cells");
    json_push(cells, json_deep_copy(json_array_get(cells, 0)));
    refuse(document, "cells[1]: this cell is listed twice");
    document = run("x", "a", six, 2);
    json_t *cell = json_array_get(json_object_get(document, "cells"), 0);
    json_put(json_array_get(json_object_get(cell, "trials"), 1), "document", json_null());
    refuse(document, "cells[0].trials[1]");
    document = run("x", "a", six, 2);
    json_put(json_object_get(document, "environment"), "cpu", json_integer(1));
    refuse(document, "environment.cpu");
    document = run("x", "a", six, 2);
    json_put(document, "schema_version", json_integer(2));
    refuse(document, "schema_version");
    refuse(json_pack("{s:i, s:[{s:s}]}", "schema_version", 1, "merged", "label", "x"),
           "merged[0]");
}

static void test_texts(void **state)
{
    (void)state;
    assert_string_equal(compare_text_clean("a\033[31mb\nc\u202ed", 40).s,
                        "a?[31mb c[U+202E]d");
    assert_string_equal(compare_text_clean("12345", 5).s, "12345");
    assert_string_equal(compare_text_clean("123456", 5).s, "1234\u2026");
    assert_string_equal(compare_text_clean(NULL, 5).s, "");
    assert_string_equal(compare_text_value("wall_ns", 1234567).s, "1.23 ms");
    assert_string_equal(compare_text_value("max_rss_bytes", 2097152).s, "2.00 MiB");
    assert_string_equal(compare_text_value("throughput_per_s", 4711).s, "4,711/s");
    assert_string_equal(compare_text_value("wall_ns", 57100).s, "57.1 \u00b5s");
    assert_string_equal(compare_text_value("wall_ns", (double)NAN).s, "\u2013");
    assert_int_equal(compare_text_width("\u00e4\u2026b"), 3);
    char *out = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&out, &size);
    assert_non_null(stream);
    markdown_put(stream, "a|b`c`<i>&");
    assert_int_equal(fclose(stream), 0);
    assert_string_equal(out, "a\\|b\\`c\\`&lt;i&gt;&amp;");
    free(out);
}

static const char *factor_of(double quotient, double ratio, double low, double high)
{
    static struct compare_text text;
    json_t *row = json_pack("{s:f, s:f, s:f, s:f}", "quotient", quotient, "ratio", ratio,
                            "low", low, "high", high);
    text = compare_text_factor(row);
    json_decref(row);
    return text.s;
}

/* The quotient of the values; the estimate by its name where that says something else. */
static void test_factors(void **state)
{
    (void)state;
    assert_string_equal(factor_of(1.07, 1.08, 1.04, 1.12), "1.07\u00d7 [1.04, 1.12]");
    assert_string_equal(factor_of(1.02, 1.08, 1.01, 1.12),
                        "1.02\u00d7; shift estimate: 1.08\u00d7 [1.01, 1.12]");
    assert_string_equal(factor_of(0.999, 1.001, 1.0, 1.002),
                        "1.00\u00d7; shift estimate: 1.00\u00d7 [1.00, 1.00]");
    json_t *none = json_pack("{s:f, s:f, s:n}", "quotient", 1.5, "ratio", 1.2, "low");
    assert_string_equal(compare_text_factor(none).s, "1.50\u00d7");
    json_decref(none);
    none = json_object();
    assert_string_equal(compare_text_factor(none).s, "\u2013");
    json_decref(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_numbers),
        cmocka_unit_test(test_better_is_not_worse),
        cmocka_unit_test(test_too_few_trials_are_not_judged),
        cmocka_unit_test(test_the_word_needs_equal_machines),
        cmocka_unit_test(test_a_list_is_no_fact),
        cmocka_unit_test(test_which_facts_count),
        cmocka_unit_test(test_older_words_for_a_fact),
        cmocka_unit_test(test_labels_are_unique),
        cmocka_unit_test(test_other_loads_are_not_compared),
        cmocka_unit_test(test_refusals_name_the_place),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_factors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
