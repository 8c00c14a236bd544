/* aggregate.c: puts results.json together from cells, comparisons, warnings and verdicts;
 * see aggregate.h. */
#include "analysis/aggregate.h"

#include "analysis/cells.h"
#include "analysis/comparisons.h"
#include "analysis/expect_judge.h"
#include "analysis/price.h"
#include "analysis/resumed.h"
#include "analysis/settled.h"
#include "analysis/tune.h"
#include "analysis/verdict.h"
#include "analysis/warnings.h"
#include "common/json.h"
#include "common/memory.h"

#include <string.h>

/* The last line, when it is a footer. */
static const json_t *footer_of(const json_t *journal)
{
    const json_t *last = json_array_get(journal, json_array_size(journal) - 1);
    const char *type = json_string_value(json_object_get(last, "type"));
    return type && !strcmp(type, "footer") ? last : NULL;
}

static json_t *run_json(const json_t *journal, const struct cells *cells)
{
    static const char *const kept[] = {"finished", "wall_s"};
    static const char *const revised[] = {"blocks", "trials_planned"};
    const json_t *footer = footer_of(journal);
    json_t *run = json_deep_copy(json_object_get(json_array_get(journal, 0), "run"));
    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        json_t *value = json_object_get(footer, kept[i]);
        json_put(run, kept[i], value ? json_incref(value) : json_null());
    }
    for (size_t i = 0; i < COUNT_OF(revised); i++) {
        if (json_object_get(footer, revised[i]))
            json_put(run, revised[i], json_incref(json_object_get(footer, revised[i])));
    }
    json_put(run, "complete",
             json_boolean(json_is_true(json_object_get(footer, "complete"))));
    json_put(run, "trials_run", json_integer(cells->trials_run));
    json_put(run, "trials_invalid", json_integer(cells->trials_invalid));
    return run;
}

/* Whether the trial's runner was given a libcurl other than the runners' own. */
static bool has_other_libcurl(const json_t *trial)
{
    static const char variable[] = "LD_LIBRARY_PATH=";
    const char *first =
        json_string_value(json_array_get(json_object_get(trial, "command"), 0));
    return first && !strncmp(first, variable, sizeof variable - 1);
}

/* The libcurl that was measured is known from the runners' documents only. */
static json_t *environment_json(const json_t *header, const struct cells *cells)
{
    json_t *environment = json_deep_copy(json_object_get(header, "environment"));
    json_t *libraries = json_object_get(environment, "libraries");
    for (size_t i = 0; i < cells->count && json_is_object(libraries); i++) {
        if (cells->items[i].n == 0 || has_other_libcurl(cells->items[i].valid[0]))
            continue;
        const json_t *document = json_object_get(cells->items[i].valid[0], "document");
        json_t *libcurl = json_object_get(json_object_get(document, "knobs"), "libcurl");
        if (json_is_string(libcurl)) {
            json_put(libraries, "libcurl", json_incref(libcurl));
            break;
        }
    }
    return environment;
}

/* Scenarios as in the header, each with its verdict, the prices of a worker and, until
 * settled, its end. */
static json_t *scenarios_json(const json_t *journal, const json_t *results,
                              const struct cells *cells)
{
    const json_t *header = json_array_get(journal, 0);
    const bool is_until = json_object_get(json_object_get(results, "run"), "until");
    json_t *list = json_array(), *scenario = NULL;
    size_t i = 0;
    json_array_foreach (json_object_get(header, "scenarios"), i, scenario) {
        json_t *copy = json_deep_copy(scenario);
        if (is_until)
            json_put(copy, "stopped", settled_json(journal, results, scenario));
        json_t *verdict = verdict_make(results, copy);
        json_put(copy, "headline", json_incref(json_object_get(verdict, "headline")));
        json_put(copy, "verdict", verdict);
        json_t *prices = price_make(cells, scenario);
        if (prices)
            json_put(copy, "prices", prices);
        json_push(list, copy);
    }
    return list;
}

/* The search that this run confirms, whose answer is its scenario's. */
static void put_tune(json_t *results, const json_t *header, const struct cells *cells)
{
    const char *name = json_text_of(json_object_get(header, "tune"), "scenario");
    json_t *scenario = NULL;
    size_t i = 0;
    json_array_foreach (json_object_get(results, "scenarios"), i, scenario) {
        json_t *verdict = json_object_get(scenario, "verdict");
        if (strcmp(json_text_of(scenario, "name"), name) != 0)
            continue;
        json_t *tune = tune_make(cells, header, json_object_get(scenario, "headline"));
        if (!tune)
            continue;
        json_put(verdict, "answer", json_incref(json_object_get(tune, "answer")));
        json_put(verdict, "answer_pieces",
                 json_incref(json_object_get(tune, "answer_pieces")));
        json_put(results, "tune", tune);
    }
}

static json_t *all_warnings(const json_t *results, const json_t *header)
{
    json_t *list = json_copy(json_object_get(header, "warnings"));
    json_t *found = warnings_make(results);
    if (!list || json_array_extend(list, found))
        memory_exhausted();
    json_decref(found);
    return list;
}

int aggregate(const json_t *all_lines, json_t **out_results, struct err *err)
{
    json_auto_t *journal = resumed_kept(all_lines);
    const json_t *header = json_array_get(journal, 0);
    struct cells cells = {0};
    json_t *run = NULL, *warnings = NULL;
    if (cells_make(journal, &cells, err))
        return -1;
    if (json_need_object(header, "", "run", &run, err) ||
        json_need_array(header, "", "warnings", 10000, &warnings, err)) {
        cells_done(&cells);
        return -1;
    }
    json_t *results = json_object();
    json_put(results, "schema_version", json_integer(1));
    json_put(results, "run", run_json(journal, &cells));
    json_put(results, "environment", environment_json(header, &cells));
    json_put(results, "cells", json_incref(cells.list));
    json_put(results, "comparisons",
             comparisons_make(&cells, json_object_get(header, "scenarios"), run));
    comparisons_put_controls(&cells, run);
    if (json_array_size(cells.controls) > 0)
        json_put(results, "controls", json_incref(cells.controls));
    json_put(results, "scenarios", scenarios_json(journal, results, &cells));
    put_tune(results, header, &cells);
    json_t *expectations = expect_judge(results);
    if (expectations)
        json_put(results, "expectations", expectations);
    json_put(results, "warnings", all_warnings(results, header));
    cells_done(&cells);
    *out_results = results;
    return 0;
}
