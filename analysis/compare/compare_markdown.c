/* compare_markdown.c: a comparison for an e-mail or a pull request; see compare.h. All
 * text from a file is escaped. */
#include "analysis/compare/compare.h"

#include "analysis/compare/compare_text.h"
#include "common/json.h"
#include "common/markdown.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void put_cell(FILE *out, const char *text)
{
    (void)fputs(" ", out);
    markdown_put(out, text);
    (void)fputs(" |", out);
}

static void put_files(const json_t *comparison, FILE *out)
{
    static const char *const keys[] = {"label", "host",   "started",
                                       "cpu",   "kernel", "libcurl"};
    size_t i = 0, w = 0;
    json_t *file = NULL, *id = NULL;
    (void)fputs("| file | host | started | CPU | kernel | libcurl | warnings "
                "|\n|---|---|---|---|---|---|---|\n",
                out);
    json_array_foreach (json_object_get(comparison, "files"), i, file) {
        (void)fputs("|", out);
        for (size_t k = 0; k < COUNT_OF(keys); k++)
            put_cell(out, json_text_of(file, keys[k]));
        json_array_foreach (json_object_get(file, "warnings"), w, id) {
            (void)fputs(w ? ", " : " ", out);
            markdown_put(out, json_string_value(id));
        }
        (void)fputs(" |\n", out);
    }
}

static void put_environment(const json_t *comparison, FILE *out)
{
    const json_t *differences =
        json_object_get(json_object_get(comparison, "environment"), "differences");
    size_t i = 0, j = 0;
    json_t *row = NULL, *value = NULL, *file = NULL;
    (void)fputs("\n## Environment\n\n", out);
    if (json_array_size(differences) == 0) {
        (void)fputs("No fact differs.\n", out);
        return;
    }
    (void)fputs("| fact |", out);
    json_array_foreach (json_object_get(comparison, "files"), i, file)
        put_cell(out, json_text_of(file, "label"));
    (void)fputs(" counts |\n|---|", out);
    for (i = 0; i < json_array_size(json_object_get(comparison, "files")); i++)
        (void)fputs("---|", out);
    (void)fputs("---|\n", out);
    json_array_foreach (differences, i, row) {
        char name[400];
        (void)snprintf(name, sizeof name, "%s.%s", json_text_of(row, "group"),
                       json_text_of(row, "fact"));
        (void)fputs("|", out);
        put_cell(out, name);
        json_array_foreach (json_object_get(row, "values"), j, value)
            put_cell(out, compare_text_of(value).s);
        (void)fputs(json_is_true(json_object_get(row, "relevant")) ? " yes |\n" : " |\n",
                    out);
    }
}

static void put_row(const json_t *row, FILE *out)
{
    const char *metric = json_text_of(row, "metric"),
               *direction = json_text_of(row, "direction");
    (void)fputs("|", out);
    put_cell(out, json_text_of(row, "model"));
    (void)fprintf(out, " %" JSON_INTEGER_FORMAT " |",
                  json_integer_value(json_object_get(row, "concurrency")));
    put_cell(out, compare_text_metric(row));
    (void)fprintf(out, " %s | %s | %s",
                  compare_text_value(metric, json_number_of(row, "against_value")).s,
                  compare_text_value(metric, json_number_of(row, "value")).s, "");
    markdown_put(out, compare_text_factor(row).s);
    (void)fprintf(out, " | %s%s%s |", json_text_of(row, "verdict"),
                  *direction ? ", " : "", direction);
    put_cell(out, json_text_of(row, "reason"));
    (void)fputs("\n", out);
}

/* The rows of a file and scenario that show a change, or those that show none. */
static void put_rows(const json_t *comparison, const char *file, const char *name,
                     bool is_change, FILE *out)
{
    size_t i = 0, shown = 0;
    json_t *row = NULL;
    json_array_foreach (json_object_get(comparison, "comparisons"), i, row) {
        if (strcmp(json_text_of(row, "file"), file) != 0 ||
            strcmp(json_text_of(row, "scenario"), name) != 0 ||
            compare_is_change(row) != is_change)
            continue;
        if (shown++ == 0) {
            (void)fputs(is_change ? "\n### " : "\n<details><summary>", out);
            markdown_put(out, name);
            (void)fputs(": ", out);
            markdown_put(out, file);
            (void)fputs(is_change ? "" : ", what does not differ</summary>", out);
            (void)fputs(
                "\n\n| model | in flight | metric | base | this | ratio | verdict "
                "| |\n|---|--:|---|--:|--:|--:|---|---|\n",
                out);
        }
        put_row(row, out);
    }
    if (shown > 0 && !is_change)
        (void)fputs("\n</details>\n", out);
}

static void put_all_rows(const json_t *comparison, bool is_change, FILE *out)
{
    size_t i = 0, j = 0;
    json_t *outcome = NULL, *scenario = NULL;
    json_array_foreach (json_object_get(comparison, "outcomes"), i, outcome) {
        json_array_foreach (json_object_get(comparison, "scenarios"), j, scenario)
            put_rows(comparison, json_text_of(outcome, "file"),
                     json_text_of(scenario, "name"), is_change, out);
    }
}

static void put_skipped(const json_t *comparison, FILE *out)
{
    size_t i = 0;
    json_t *row = NULL;
    const json_t *skipped = json_object_get(comparison, "skipped");
    if (json_array_size(skipped) > 0)
        (void)fputs("\n## Not compared\n\n", out);
    json_array_foreach (skipped, i, row) {
        (void)fputs("- ", out);
        markdown_put(out, json_text_of(row, "where"));
        (void)fputs(" (", out);
        markdown_put(out, json_text_of(row, "file"));
        (void)fputs("): ", out);
        markdown_put(out, json_text_of(row, "reason"));
        (void)fputs("\n", out);
    }
}

void compare_markdown(const json_t *comparison, FILE *out)
{
    size_t i = 0;
    json_t *outcome = NULL;
    (void)fputs("# Comparison against ", out);
    markdown_put(out, json_text_of(comparison, "baseline"));
    (void)fputs("\n\n", out);
    json_array_foreach (json_object_get(comparison, "outcomes"), i, outcome) {
        markdown_put(out, json_text_of(outcome, "sentence"));
        (void)fputs("\n\n", out);
    }
    put_files(comparison, out);
    put_environment(comparison, out);
    (void)fputs("\n## What differs\n", out);
    put_all_rows(comparison, true, out);
    put_all_rows(comparison, false, out);
    put_skipped(comparison, out);
}
