/* compare.c: the comparison document: files, environment, outcome; see compare.h. The
 * rows are compare_rows.c's. */
#include "analysis/compare/compare.h"

#include "analysis/compare/compare_environment.h"
#include "analysis/compare/compare_metric.h"
#include "analysis/compare/compare_rows.h"
#include "analysis/compare/compare_text.h"
#include "common/format.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/tally.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NAMES_MAX    5
#define WARNINGS_MAX 32

static json_t *text_or_null(const char *text, size_t max_chars)
{
    return text && *text ? json_string(compare_text_clean(text, max_chars).s)
                         : json_null();
}

static const char *fact_text(const struct compare_file *file, const char *group,
                             const char *fact)
{
    return json_string_value(
        json_object_get(json_object_get(file->environment, group), fact));
}

/* The ids of the run's warnings, each once: a busy machine explains many differences. */
static json_t *warnings_json(const struct compare_file *file)
{
    json_t *ids = json_array(), *warning = NULL, *known = NULL;
    size_t i = 0, j = 0;
    json_array_foreach (json_object_get(file->results, "warnings"), i, warning) {
        const char *id = json_string_value(json_object_get(warning, "id"));
        bool is_new = id && json_name_is_safe(id) && json_array_size(ids) < WARNINGS_MAX;
        json_array_foreach (ids, j, known)
            is_new = is_new && strcmp(json_string_value(known), id) != 0;
        if (is_new)
            json_push(ids, json_string(id));
    }
    return ids;
}

json_t *compare_file_json(const struct compare_file *file)
{
    json_t *json = json_object(), *complete = json_object_get(file->run, "complete"),
           *blocks = json_object_get(file->run, "blocks");
    const struct tally tally = tally_of(file->results);
    json_put(json, "label", json_string(file->label));
    json_put(json, "run_id", text_or_null(file->run_id, 64));
    json_put(json, "started", text_or_null(file->started, 64));
    json_put(json, "host", text_or_null(file->host, 64));
    json_put(json, "cpu", text_or_null(fact_text(file, "cpu", "model"), 80));
    json_put(json, "kernel", text_or_null(fact_text(file, "kernel", "release"), 80));
    json_put(json, "libcurl", text_or_null(fact_text(file, "libraries", "libcurl"), 80));
    json_put(
        json, "git_commit",
        text_or_null(json_string_value(json_object_get(file->run, "git_commit")), 64));
    json_put(json, "blocks", json_is_integer(blocks) ? json_incref(blocks) : json_null());
    json_put(json, "complete",
             json_is_boolean(complete) ? json_incref(complete) : json_null());
    json_put(json, "warnings", warnings_json(file));
    json_put(json, "valid_trials", json_uint(tally.valid));
    json_put(json, "trials", json_string(tally_say(tally).s));
    return json;
}

static json_t *scenarios_json(const struct compare_set *set)
{
    json_t *list = json_array(), *scenario = NULL;
    size_t i = 0;
    json_array_foreach (set->files[0].scenarios, i, scenario) {
        json_t *one = json_object();
        const char *name = json_string_value(json_object_get(scenario, "name"));
        json_put(one, "name", json_string(compare_text_clean(name, 64).s));
        json_put(
            one, "title",
            text_or_null(json_string_value(json_object_get(scenario, "title")), 120));
        json_push(list, one);
    }
    return list;
}

static const char *const counted[] = {"better", "worse",        "small",
                                      "same",   "inconclusive", "unjudged"};

/* Which of `counted` a row is. */
static size_t kind_of(const json_t *row)
{
    const char *verdict = json_string_value(json_object_get(row, "verdict"));
    const char *direction = json_string_value(json_object_get(row, "direction"));
    const char *word = !verdict                       ? "unjudged"
                       : strcmp(verdict, "different") ? verdict
                                                      : direction;
    for (size_t i = 0; i < COUNT_OF(counted); i++) {
        if (word && !strcmp(counted[i], word))
            return i;
    }
    return COUNT_OF(counted) - 1;
}

static json_t *worse_cell(const json_t *row)
{
    static const char *const kept[] = {"scenario", "model", "concurrency", "metric"};
    json_t *cell = json_object();
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        json_put(cell, kept[i], json_incref(json_object_get(row, kept[i])));
    return cell;
}

/* The outcome of the rows of one file. */
struct outcome {
    size_t counts[COUNT_OF(counted)], worse, facts;
    size_t undecided; /* too few trials to be shown as worse, whatever their values */
    json_int_t trials_needed; /* in each file, for those */
    const json_t *largest;    /* the row that differs most, or NULL; borrowed */
};

/* How far a ratio is from 1, in either direction; 0 without one. */
static double distance_of(const json_t *row)
{
    const double ratio = json_number_of(row, "ratio");
    return ratio > 0 ? fabs(log(ratio)) : 0;
}

/* "4 of 184 values differ: 0 better, 4 worse. Largest: slow-origin/coroutines/128,
 * requests/s: 0.89x [0.85, 0.93]" */
static void say_sum(const struct outcome *o, char *out_text, size_t size)
{
    size_t all = 0;
    const size_t differ = o->counts[0] + o->counts[1];
    for (size_t i = 0; i < COUNT_OF(counted); i++)
        all += o->counts[i];
    if (!o->largest) {
        (void)snprintf(out_text, size, "none of %zu values differs", all);
        return;
    }
    (void)snprintf(out_text, size,
                   "%zu of %zu values differ%s: %zu better, %zu worse. Largest: "
                   "%s/%s/%" JSON_INTEGER_FORMAT ", %s: %s",
                   differ, all, differ == 1 ? "s" : "", o->counts[0], o->counts[1],
                   json_text_of(o->largest, "scenario"),
                   json_text_of(o->largest, "model"),
                   json_integer_value(json_object_get(o->largest, "concurrency")),
                   compare_text_metric(o->largest), compare_text_factor(o->largest).s);
}

static void say_undecided(const struct outcome *o, char *out_text, size_t size)
{
    *out_text = '\0';
    if (o->undecided > 0)
        (void)snprintf(out_text, size,
                       " For %zu ratio%s there are too few trials to tell whether %s "
                       "worse; it takes %" JSON_INTEGER_FORMAT " blocks in each run.",
                       o->undecided, o->undecided == 1 ? "" : "s",
                       o->undecided == 1 ? "it is" : "they are", o->trials_needed);
}

/* The sentence says "regression" only when the environment has not changed, and "no
 * regression" only when one could have been found. */
static json_t *sentence_of(const struct compare_file *file,
                           const struct compare_file *base, const struct outcome *o)
{
    char text[2600], sum[600], end[300], undecided[300];
    const size_t *counts = o->counts, worse = o->worse, facts = o->facts;
    say_sum(o, sum, sizeof sum);
    say_undecided(o, undecided, sizeof undecided);
    if (facts > 0)
        (void)snprintf(end, sizeof end,
                       "The environments differ in %zu relevant fact%s, so the cause of "
                       "any difference is unknown.",
                       facts, facts == 1 ? "" : "s");
    else
        (void)snprintf(end, sizeof end,
                       worse          ? "%zu regression%s."
                       : o->undecided ? "It is not settled whether there is a regression."
                                      : "No regression was found.",
                       worse, worse == 1 ? "" : "s");
    (void)snprintf(text, sizeof text,
                   "%s against %s: %s. The others: %zu small, %zu the same, %zu not "
                   "settled, %zu not judged. %s%s",
                   file->label, base->label, sum, counts[2], counts[3], counts[4],
                   counts[5], end, undecided);
    return json_string(text);
}

static json_t *outcome_json(const struct compare_set *set, size_t index,
                            const json_t *rows, const json_t *environment)
{
    const struct compare_file *file = &set->files[index];
    json_t *outcome = json_object(), *worse = json_array(), *row = NULL;
    struct outcome o = {.worse = 0};
    size_t i = 0;
    json_array_foreach (rows, i, row) {
        if (strcmp(json_string_value(json_object_get(row, "file")), file->label) != 0)
            continue;
        size_t kind = kind_of(row);
        o.counts[kind]++;
        if (kind < 2 && (!o.largest || distance_of(row) > distance_of(o.largest)))
            o.largest = row;
        if (!compare_metric_decides(json_string_value(json_object_get(row, "metric"))))
            continue;
        if (!strcmp(counted[kind], "worse"))
            json_push(worse, worse_cell(row));
        json_int_t needed = json_integer_value(json_object_get(row, "trials_needed"));
        o.undecided += needed > 0;
        o.trials_needed = needed > o.trials_needed ? needed : o.trials_needed;
    }
    json_t *facts = compare_environment_of(environment, index);
    o.worse = json_array_size(worse);
    o.facts = json_array_size(facts);
    json_put(outcome, "file", json_string(file->label));
    json_put(outcome, "against", json_string(set->files[0].label));
    for (i = 0; i < COUNT_OF(counted); i++)
        json_put(outcome, counted[i], json_uint(o.counts[i]));
    json_put(outcome, "sentence", sentence_of(file, &set->files[0], &o));
    json_put(outcome, "undecided", json_uint(o.undecided));
    json_put(outcome, "trials_needed",
             o.undecided ? json_integer(o.trials_needed) : json_null());
    json_put(outcome, "differing_facts", facts);
    json_put(outcome, "worse_cells", worse);
    return outcome;
}

/* What the metric is called where it is the headline of its scenario, or NULL. */
static const char *headline_as(const struct compare_file *base, const json_t *row)
{
    const json_t *scenario = compare_scenario(base, json_text_of(row, "scenario"));
    const json_t *headline = json_object_get(scenario, "headline");
    const bool is_it =
        !strcmp(json_text_of(headline, "metric"), json_text_of(row, "metric"));
    return is_it ? json_text_or_null(headline, "as") : NULL;
}

/* The same rows, those of the headlines first. */
static json_t *headlines_first(const struct compare_set *set, json_t *rows)
{
    json_t *first = json_array(), *others = json_array(), *row = NULL;
    size_t i = 0;
    json_array_foreach (rows, i, row) {
        const char *as = headline_as(&set->files[0], row);
        if (as)
            json_put(row, "headline", json_string(compare_text_clean(as, 60).s));
        json_push(as ? first : others, json_incref(row));
    }
    if (json_array_extend(first, others))
        memory_exhausted();
    json_decref(others);
    json_decref(rows);
    return first;
}

json_t *compare_make(const struct compare_set *set)
{
    json_t *all = json_object(), *files = json_array(), *outcomes = json_array();
    json_t *rows = json_array(), *skipped = json_array();
    json_t *environment = compare_environment(set);
    for (size_t i = 0; i < set->count; i++)
        json_push(files, compare_file_json(&set->files[i]));
    for (size_t i = 1; i < set->count; i++)
        compare_rows_add(set, i, rows, skipped);
    rows = headlines_first(set, rows);
    for (size_t i = 1; i < set->count; i++)
        json_push(outcomes, outcome_json(set, i, rows, environment));
    json_put(all, "schema_version", json_integer(1));
    json_put(all, "baseline", json_string(set->files[0].label));
    json_put(all, "files", files);
    json_put(all, "environment", environment);
    json_put(all, "scenarios", scenarios_json(set));
    json_put(all, "cells", compare_rows_cells(set));
    json_put(all, "comparisons", rows);
    json_put(all, "skipped", skipped);
    json_put(all, "outcomes", outcomes);
    return all;
}

bool compare_is_worse(const json_t *comparison)
{
    size_t i = 0;
    json_t *outcome = NULL;
    json_array_foreach (json_object_get(comparison, "outcomes"), i, outcome) {
        if (json_array_size(json_object_get(outcome, "worse_cells")) > 0)
            return true;
    }
    return false;
}

bool compare_is_undecided(const json_t *comparison)
{
    size_t i = 0;
    json_t *outcome = NULL;
    json_array_foreach (json_object_get(comparison, "outcomes"), i, outcome) {
        if (json_integer_value(json_object_get(outcome, "undecided")) > 0)
            return true;
    }
    return false;
}

/* The first of the names, as far as they fit. */
static void list_names(const json_t *names, char *out_names, size_t size)
{
    size_t i = 0, at = 0;
    json_t *name = NULL;
    json_array_foreach (names, i, name) {
        const char *text = json_string_value(name);
        if (i == NAMES_MAX || at + strlen(text) + 3 > size)
            return;
        int length = snprintf(out_names + at, size - at, "%s%s", i ? ", " : "", text);
        at += length > 0 ? (size_t)length : 0;
    }
}

bool compare_environment_differs(const json_t *comparison, char *out_names, size_t size)
{
    size_t i = 0;
    json_t *outcome = NULL;
    json_array_foreach (json_object_get(comparison, "outcomes"), i, outcome) {
        const json_t *facts = json_object_get(outcome, "differing_facts");
        list_names(facts, out_names, size);
        if (json_array_size(facts) > 0)
            return true;
    }
    return false;
}

bool compare_is_change(const json_t *row)
{
    const char *verdict = json_text_of(row, "verdict");
    return !strcmp(verdict, "different") || !strcmp(verdict, "small");
}
