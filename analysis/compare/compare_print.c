/* compare_print.c: a comparison on the terminal: the sum, the environment, then what
 * differs, scenario by scenario and file by file; see compare.h. */
#include "analysis/compare/compare.h"

#include "analysis/compare/compare_table.h"
#include "analysis/compare/compare_text.h"
#include "common/clean.h"
#include "common/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void print_remarks(const json_t *file, FILE *out)
{
    const json_t *warnings = json_object_get(file, "warnings");
    size_t i = 0;
    json_t *id = NULL;
    json_array_foreach (warnings, i, id) {
        if (i == 0)
            clean_print(out, "  warnings of %s: ", json_text_of(file, "label"));
        clean_print(out, "%s%s", i ? ", " : "", json_string_value(id));
    }
    (void)fputs(json_array_size(warnings) > 0 ? "\n" : "", out);
    if (json_is_false(json_object_get(file, "complete")))
        clean_print(out, "  %s was interrupted: some of its trials are missing.\n",
                    json_text_of(file, "label"));
}

static void print_files(const json_t *comparison, bool is_colored, FILE *out)
{
    struct compare_table table = {.columns = 6};
    size_t i = 0;
    json_t *file = NULL;
    const char *const head[] = {"", "file", "host", "started", "kernel", "libcurl"};
    compare_table_add(&table, head, COMPARE_PLAIN);
    json_array_foreach (json_object_get(comparison, "files"), i, file) {
        const char *const row[] = {
            i == 0 ? "base" : "",         json_text_of(file, "label"),
            json_text_of(file, "host"),   json_text_of(file, "started"),
            json_text_of(file, "kernel"), json_text_of(file, "libcurl")};
        compare_table_add(&table, row, COMPARE_PLAIN);
    }
    compare_table_flush(&table, is_colored, out);
    json_array_foreach (json_object_get(comparison, "files"), i, file)
        print_remarks(file, out);
}

static void add_fact(struct compare_table *table, const json_t *difference)
{
    struct compare_text values[COMPARE_RUNS_MAX];
    char name[400];
    const char *row[COMPARE_COLUMNS_MAX];
    size_t n = 0, i = 0;
    json_t *value = NULL;
    (void)snprintf(name, sizeof name, "%s.%s", json_text_of(difference, "group"),
                   json_text_of(difference, "fact"));
    row[n++] = name;
    json_array_foreach (json_object_get(difference, "values"), i, value) {
        if (i == COMPARE_RUNS_MAX)
            break;
        values[i] = compare_text_of(value);
        row[n++] = values[i].s;
    }
    bool counts = json_is_true(json_object_get(difference, "relevant"));
    row[n] = counts ? "counts" : "";
    compare_table_add(table, row, counts ? COMPARE_BAD : COMPARE_DIM);
}

void compare_print_environment(const json_t *comparison, bool is_colored, FILE *out)
{
    const json_t *environment = json_object_get(comparison, "environment"),
                 *files = json_object_get(comparison, "files");
    const json_t *differences = json_object_get(environment, "differences");
    struct compare_table table = {.columns = json_array_size(files) + 2};
    const char *head[COMPARE_COLUMNS_MAX] = {"fact"};
    size_t i = 0,
           unrecorded = json_array_size(json_object_get(environment, "unrecorded"));
    json_t *one = NULL;
    if (json_array_size(differences) == 0)
        (void)fputs("\nEnvironment: no fact differs.\n", out);
    else
        (void)fputs("\nEnvironment, where it differs:\n", out);
    json_array_foreach (files, i, one)
        head[i + 1] = json_text_of(one, "label");
    head[i + 1] = "";
    if (json_array_size(differences) > 0)
        compare_table_add(&table, head, COMPARE_PLAIN);
    json_array_foreach (differences, i, one)
        add_fact(&table, one);
    compare_table_flush(&table, is_colored, out);
    if (unrecorded > 0)
        clean_print(out, "  %zu fact%s known for only some of the files.\n", unrecorded,
                    unrecorded == 1 ? " is" : "s are");
}

static enum compare_tint tint_of(const json_t *row)
{
    const char *verdict = json_text_of(row, "verdict");
    if (!strcmp(verdict, "different"))
        return strcmp(json_text_of(row, "direction"), "worse") ? COMPARE_GOOD
                                                               : COMPARE_BAD;
    return !*verdict || !strcmp(verdict, "inconclusive") ? COMPARE_DIM : COMPARE_PLAIN;
}

static void add_row(struct compare_table *table, const json_t *row)
{
    const char *metric = json_text_of(row, "metric"),
               *verdict = json_text_of(row, "verdict");
    const char *direction = json_text_of(row, "direction"),
               *reason = json_text_of(row, "reason");
    char flight[24], word[240];
    (void)snprintf(flight, sizeof flight, "%" JSON_INTEGER_FORMAT,
                   json_integer_value(json_object_get(row, "concurrency")));
    (void)snprintf(word, sizeof word, "%s%s%s%s%s", verdict, *direction ? ", " : "",
                   direction, *verdict && *reason ? ": " : "", reason);
    struct compare_text old = compare_text_value(metric,
                                                 json_number_of(row, "against_value")),
                        new = compare_text_value(metric, json_number_of(row, "value")),
                        ratio = compare_text_factor(row);
    const char *const texts[] = {json_text_of(row, "model"),
                                 flight,
                                 compare_text_metric(row),
                                 old.s,
                                 new.s,
                                 ratio.s,
                                 word};
    compare_table_add(table, texts, tint_of(row));
}

/* The rows of one file and scenario; how many were left out. */
static size_t print_scenario(const json_t *comparison, const char *file, const char *name,
                             const struct compare_print *how, FILE *out)
{
    struct compare_table table = {.columns = 7,
                                  .is_right = {[1] = true, [3] = true, [4] = true}};
    static const char *const head[] = {"model", "in flight", "metric", "base",
                                       "this",  "ratio",     "verdict"};
    size_t i = 0, left_out = 0;
    json_t *row = NULL;
    json_array_foreach (json_object_get(comparison, "comparisons"), i, row) {
        if (strcmp(json_text_of(row, "file"), file) != 0 ||
            strcmp(json_text_of(row, "scenario"), name) != 0)
            continue;
        if (!how->has_all_rows && !compare_is_change(row)) {
            left_out++;
            continue;
        }
        if (table.rows == 0)
            compare_table_add(&table, head, COMPARE_PLAIN);
        add_row(&table, row);
    }
    if (table.rows > 0)
        clean_print(out, "\n%s: %s against %s\n", name, file,
                    json_text_of(comparison, "baseline"));
    compare_table_flush(&table, how->is_colored, out);
    return left_out;
}

static void print_skipped(const json_t *comparison, FILE *out)
{
    size_t i = 0;
    json_t *row = NULL;
    const json_t *skipped = json_object_get(comparison, "skipped");
    if (json_array_size(skipped) > 0)
        (void)fputs("\nNot compared:\n", out);
    json_array_foreach (skipped, i, row)
        clean_print(out, "  %s (%s): %s\n", json_text_of(row, "where"),
                    json_text_of(row, "file"), json_text_of(row, "reason"));
}

static void print_outcomes(const json_t *comparison, FILE *out)
{
    size_t i = 0;
    json_t *outcome = NULL;
    json_array_foreach (json_object_get(comparison, "outcomes"), i, outcome)
        clean_print(out, "%s\n\n", json_text_of(outcome, "sentence"));
}

/* Of a merged file: what its hosts' own verdicts say. */
static void print_hosts(const json_t *comparison, FILE *out)
{
    size_t i = 0;
    json_t *row = NULL;
    const json_t *hosts = json_object_get(comparison, "hosts");
    json_array_foreach (hosts, i, row)
        clean_print(out, "%s: %s\n", json_text_of(row, "scenario"),
                    json_text_of(row, "sentence"));
    if (i > 0)
        (void)fputs("Each host's answer, beside the others: concbench report FILE\n\n",
                    out);
}

void compare_print(const json_t *comparison, const struct compare_print *how, FILE *out)
{
    size_t i = 0, j = 0, left_out = 0;
    json_t *outcome = NULL, *scenario = NULL;
    print_hosts(comparison, out);
    print_outcomes(comparison, out);
    print_files(comparison, how->is_colored, out);
    compare_print_environment(comparison, how->is_colored, out);
    json_array_foreach (json_object_get(comparison, "outcomes"), i, outcome) {
        json_array_foreach (json_object_get(comparison, "scenarios"), j, scenario)
            left_out += print_scenario(comparison, json_text_of(outcome, "file"),
                                       json_text_of(scenario, "name"), how, out);
    }
    if (left_out > 0)
        clean_print(out, "\n%zu more with --all: the same, not settled or not judged.\n",
                    left_out);
    print_skipped(comparison, out);
}
