/* load.c: the top of results.json: run, warnings, scenarios, comparisons, and how cells
 * are dealt out to scenarios. load_cell.c reads what is in a cell. */
#include "report/data/load.h"

#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"
#include "report/data/load_cell.h"
#include "report/data/load_clean.h"
#include "report/data/load_expect.h"
#include "report/data/load_index.h"
#include "report/data/load_verdict.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX 100000 /* comparisons, predictions, warnings */

const char *load_other_server(const struct results *results,
                              const struct scenario *scenario)
{
    return scenario->origin ? json_text_or_null(results->run, "url") : NULL;
}

/* Checks the types of the values that tally_of reads. */
static int check_counts(const json_t *run, struct err *err)
{
    static const char *const keys[] = {"trials_planned", "trials_run", "trials_invalid"};
    uint64_t count = 0;
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (json_get_uint(run, "run", keys[i], 0, INT64_MAX, &count, err))
            return -1;
    return 0;
}

static int read_run(struct results *r, struct err *err)
{
    json_t *run = NULL;
    json_t *environment = NULL;
    if (json_need_object(r->json, "", "run", &run, err) ||
        json_need_object(r->json, "", "environment", &environment, err) ||
        json_need_string(run, "run", "id", 1, 256, &r->run_id, err) ||
        json_need_string(run, "run", "started", 0, 64, &r->started, err) ||
        json_get_string(run, "run", "preset", 0, 64, &r->preset, err) ||
        json_get_bool(run, "run", "complete", &r->is_complete, err) ||
        json_get_uint(run, "run", "seed", 0, INT64_MAX, &r->seed, err) ||
        json_get_uint(run, "run", "blocks", 0, UINT32_MAX, &r->blocks, err) ||
        check_counts(run, err))
        return -1;
    r->tally = tally_of(r->json);
    r->run = run;
    r->environment = environment;
    const char *group = NULL;
    json_t *facts = NULL;
    json_object_foreach (environment, group, facts) {
        if (!json_is_object(facts))
            return err_set(err, EXIT_CODE_USAGE, "environment.%.64s: expected an object",
                           group);
    }
    return 0;
}

static int read_warnings(struct results *r, struct err *err)
{
    json_t *list = NULL;
    if (json_get_array(r->json, "", "warnings", ITEMS_MAX, &list, err))
        return -1;
    r->warnings = memory_calloc(json_array_size(list), sizeof *r->warnings);
    for (size_t i = 0; i < json_array_size(list); i++) {
        char at[64];
        (void)snprintf(at, sizeof at, "warnings[%zu]", i);
        const json_t *item = json_array_get(list, i);
        struct warning *w = &r->warnings[i];
        if (!json_is_object(item))
            return err_set(err, EXIT_CODE_USAGE, "%s: expected an object", at);
        w->where = "";
        if (json_need_string(item, at, "id", 0, TEXT_MAX, &w->id, err) ||
            json_need_string(item, at, "text", 0, TEXT_MAX, &w->text, err) ||
            json_get_string(item, at, "where", 0, TEXT_MAX, &w->where, err))
            return -1;
        r->warning_count++;
    }
    return 0;
}

static int read_models(const json_t *json, const char *at, struct scenario *s,
                       struct err *err)
{
    json_t *list = NULL;
    if (json_need_array(json, at, "models", LOAD_MODELS_MAX, &list, err))
        return -1;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *model = json_string_value(json_array_get(list, i));
        if (!model || !*model || strlen(model) > 256)
            return err_set(err, EXIT_CODE_USAGE,
                           "%s.models[%zu]: expected a model's name", at, i);
        s->models[s->model_count++] = model;
    }
    return 0;
}

static int read_scenario(const json_t *json, const char *at, struct scenario *s,
                         struct err *err)
{
    json_t *origin = NULL;
    json_t *load = NULL;
    s->title = s->question = s->why = s->task = s->baseline = s->placement = "";
    if (!json_is_object(json))
        return err_set(err, EXIT_CODE_USAGE, "%s: expected an object", at);
    if (json_need_string(json, at, "name", 1, 64, &s->name, err) ||
        json_get_string(json, at, "title", 0, TEXT_MAX, &s->title, err) ||
        json_get_string(json, at, "question", 0, TEXT_MAX, &s->question, err) ||
        json_get_string(json, at, "why", 0, TEXT_MAX, &s->why, err) ||
        json_get_string(json, at, "task", 0, TEXT_MAX, &s->task, err) ||
        json_get_string(json, at, "baseline", 0, TEXT_MAX, &s->baseline, err) ||
        json_get_string(json, at, "placement", 0, TEXT_MAX, &s->placement, err) ||
        read_models(json, at, s, err) || load_verdict(json, at, s, err) ||
        load_prices(json, at, s, err))
        return -1;
    if (!json_name_is_safe(s->name)) /* it becomes the name of files */
        return err_set(err, EXIT_CODE_USAGE,
                       "%s.name: expected 1 to 64 of A-Z a-z 0-9 . _ -", at);
    origin = json_object_get(json, "origin");
    load = json_object_get(json, "load");
    s->origin = json_is_object(origin) ? origin : NULL;
    s->families = json_object_get(json, "families");
    s->load = json_is_object(load) ? load : NULL;
    const json_t *options = json_object_get(json, "options");
    s->options = json_is_object(options) ? options : NULL;
    s->limits = json_object_get(json, "limits");
    s->runners = json_object_get(json, "runners");
    const json_t *rate = json_object_get(s->load, "rate_per_s");
    const char *arrivals = json_text_or_null(s->load, "arrivals");
    if (json_is_integer(rate) && json_integer_value(rate) > 0)
        s->rate_per_s = (uint64_t)json_integer_value(rate);
    s->arrivals = arrivals && !strcmp(arrivals, "fixed") ? "evenly spaced" : "Poisson";
    return load_headline(json, at, s, err);
}

static int read_scenarios(struct results *r, struct err *err)
{
    json_t *list = NULL;
    if (json_need_array(r->json, "", "scenarios", LOAD_SCENARIOS_MAX, &list, err))
        return -1;
    r->scenarios = memory_calloc(json_array_size(list), sizeof *r->scenarios);
    for (size_t i = 0; i < json_array_size(list); i++) {
        char at[64];
        (void)snprintf(at, sizeof at, "scenarios[%zu]", i);
        if (read_scenario(json_array_get(list, i), at, &r->scenarios[i], err))
            return -1;
        for (size_t k = 0; k < i; k++)
            if (!strcmp(r->scenarios[k].name, r->scenarios[i].name))
                return err_set(err, EXIT_CODE_USAGE, "%s.name: appears twice", at);
        r->scenario_count++;
    }
    return 0;
}

/* Makes a scenario's cells one slice of results.cells, in the order of the document. */
static int read_cells(struct results *r, struct err *err)
{
    json_t *list = NULL;
    if (json_need_array(r->json, "", "cells", ITEMS_MAX, &list, err))
        return -1;
    r->cells = memory_calloc(json_array_size(list), sizeof *r->cells);
    for (size_t s = 0; s < r->scenario_count; s++) {
        struct scenario *scenario = &r->scenarios[s];
        scenario->cells = &r->cells[r->cell_count];
        for (size_t i = 0; i < json_array_size(list); i++) {
            const json_t *json = json_array_get(list, i);
            const char *of = json_text_or_null(json, "scenario");
            char at[64];
            (void)snprintf(at, sizeof at, "cells[%zu]", i);
            if (!of)
                return err_set(err, EXIT_CODE_USAGE, "%s.scenario: missing", at);
            if (!scenario->name || strcmp(of, scenario->name) != 0)
                continue;
            r->cell_count++; /* before reading: load_free releases half-read cells too */
            if (load_cell_read(json, at, scenario->headline.spec.key,
                               &scenario->cells[scenario->cell_count++], err))
                return -1;
        }
    }
    if (r->cell_count != json_array_size(list))
        return err_set(err, EXIT_CODE_USAGE,
                       "cells: some belong to a scenario that scenarios does not list");
    return 0;
}

static int read_comparison(const json_t *json, const char *at, struct comparison *c,
                           struct err *err)
{
    if (!json_is_object(json))
        return err_set(err, EXIT_CODE_USAGE, "%s: expected an object", at);
    c->verdict = json_text_or_null(json, "verdict");
    c->reason = json_text_or_null(json, "reason");
    if (json_need_string(json, at, "scenario", 1, 64, &c->scenario, err) ||
        json_need_string(json, at, "model", 1, 256, &c->model, err) ||
        json_need_string(json, at, "baseline", 1, 256, &c->baseline, err) ||
        json_need_string(json, at, "metric", 1, 64, &c->metric, err) ||
        json_need_uint(json, at, "concurrency", 1, UINT32_MAX, &c->concurrency, err))
        return -1;
    c->baseline_concurrency = c->concurrency;
    if (json_get_uint(json, at, "baseline_concurrency", 1, UINT32_MAX,
                      &c->baseline_concurrency, err) ||
        json_get_uint(json, at, "n", 0, UINT32_MAX, &c->n, err))
        return -1;
    return load_number(json, at, "ratio", &c->ratio, err) ||
                   load_number(json, at, "low", &c->low, err) ||
                   load_number(json, at, "high", &c->high, err) ||
                   load_number(json, at, "coverage", &c->coverage, err) ||
                   load_number(json, at, "quotient", &c->quotient, err)
               ? -1
               : 0;
}

static int read_comparisons(struct results *r, struct err *err)
{
    json_t *list = NULL;
    if (json_need_array(r->json, "", "comparisons", ITEMS_MAX, &list, err))
        return -1;
    r->comparisons = memory_calloc(json_array_size(list), sizeof *r->comparisons);
    for (size_t i = 0; i < json_array_size(list); i++) {
        char at[64];
        (void)snprintf(at, sizeof at, "comparisons[%zu]", i);
        if (read_comparison(json_array_get(list, i), at, &r->comparisons[i], err))
            return -1;
        r->comparison_count++;
    }
    return 0;
}

static int read_all(struct results *r, struct err *err)
{
    uint64_t version = 0;
    if (json_need_uint(r->json, "", "schema_version", 0, UINT32_MAX, &version, err))
        return -1;
    if (json_object_get(r->json, "merged"))
        return err_set(
            err, EXIT_CODE_USAGE,
            "this is a merged file of %zu runs, not one run's results; `concbench "
            "report FILE` makes a page of its hosts, `concbench compare FILE` compares "
            "them",
            json_array_size(json_object_get(r->json, "merged")));
    if (version != 1)
        return err_set(err, EXIT_CODE_USAGE,
                       "schema_version: %" PRIu64 " is not understood, only 1", version);
    if (read_run(r, err) || read_warnings(r, err) || read_scenarios(r, err) ||
        read_cells(r, err) || read_comparisons(r, err) || load_expectations(r, err))
        return -1;
    load_index(r);
    return 0;
}

int load_results(const char *path, struct results **out_results, struct err *err)
{
    json_t *raw = NULL;
    int status = json_load_path(path, LOAD_BYTES_MAX, &raw, err);
    if (status)
        return status;
    struct results *results = memory_calloc(1, sizeof *results);
    results->json = raw;
    load_clean(raw);
    if (read_all(results, err)) {
        err_prefix(err, "%.200s", path);
        load_free(results);
        return -1;
    }
    *out_results = results;
    return 0;
}

void load_free(struct results *results)
{
    if (!results)
        return;
    for (size_t i = 0; i < results->cell_count; i++)
        load_cell_done(&results->cells[i]);
    load_index_done(results);
    free(results->cells);
    free(results->scenarios);
    free(results->comparisons);
    free(results->expectations);
    free(results->warnings);
    json_decref(results->json);
    free(results);
}
