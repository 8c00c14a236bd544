/* compare_file.c: reads and checks results files; see compare_file.h.
 *
 * Only what a comparison uses is looked at, through the checked getters, so that files of
 * an older suite without the newer keys, and of a newer one with keys unknown here, can
 * be compared. `concbench validate` is the one that is strict. */
#include "analysis/compare/compare_file.h"

#include "analysis/compare/compare_text.h"
#include "analysis/recover.h"
#include "analysis/stats.h"
#include "common/blocks.h"
#include "common/json.h"
#include "common/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCENARIOS_MAX 64
#define TRIALS_MAX    STATS_N_MAX

int compare_read(const char *path, size_t *weight, json_t **out_json, struct err *err)
{
    struct recovered found = {.results = NULL};
    int status = recover_load(path, COMPARE_BYTES_MAX, &found, err);
    if (status)
        return status;
    *weight += json_weigh(found.results);
    if (*weight > JSON_WEIGHT_LIMIT) {
        json_decref(found.results);
        return err_set(err, EXIT_CODE_USAGE,
                       "%.300s: too large: together with the files before it, it takes "
                       "more than %zu MiB of memory",
                       path, JSON_WEIGHT_LIMIT >> 20);
    }
    *out_json = found.results;
    return 0;
}

static bool is_timed(const json_t *trial)
{
    const char *pass = json_string_value(json_object_get(trial, "pass"));
    return pass && !strcmp(pass, "timed");
}

/* For each block, the attempt that the run itself counts. */
static void take_counting(struct cell *cell, const json_t *timed)
{
    struct blocks blocks;
    blocks_of(timed, &blocks);
    cell->valid = memory_calloc(blocks.count + 1, sizeof *cell->valid);
    for (size_t i = 0; i < blocks.count; i++)
        if (blocks.items[i].counting)
            cell->valid[cell->n++] = blocks.items[i].counting;
    blocks_done(&blocks);
}

static int fill_trials(struct cell *cell, const json_t *trials, const char *at,
                       struct err *err)
{
    size_t i = 0;
    json_t *trial = NULL, *document = NULL;
    json_auto_t *timed = json_array();
    char place[96];
    json_array_foreach (trials, i, trial) {
        (void)snprintf(place, sizeof place, "%.40s.trials[%zu]", at, i);
        if (!json_is_object(trial))
            return err_set(err, EXIT_CODE_USAGE, "%s: expected an object", place);
        if (!is_timed(trial))
            continue;
        if (json_is_true(json_object_get(trial, "valid")) &&
            json_need_object(trial, place, "document", &document, err))
            return -1;
        json_push(timed, json_incref(trial));
    }
    take_counting(cell, timed);
    return 0;
}

/* Older files have one memory pass. */
static void fill_memory(struct cell *cell)
{
    const json_t *memory = json_object_get(cell->json, "memory");
    const json_t *all = json_object_get(memory, "passes_bytes");
    const json_t *further = json_object_get(json_object_get(cell->json, "summary"),
                                            "tree_memory_bytes_per_further_worker");
    double known[CELLS_PASSES_MAX];
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(all) && n < CELLS_PASSES_MAX; i++) {
        if (json_is_number(json_array_get(all, i)))
            known[n++] = json_number_value(json_array_get(all, i));
    }
    if (n == 0 && json_is_number(json_object_get(memory, "tree_memory_bytes")))
        known[n++] = json_number_of(memory, "tree_memory_bytes");
    memcpy(cell->passes, known, n * sizeof *known);
    cell->pass_count = n;
    cell->memory_bytes = stats_median(known, n);
    cell->further = (struct stats_estimate){.value = json_number_of(further, "median")};
}

static int fill_cell(struct cell *cell, const json_t *json, const char *at,
                     struct err *err)
{
    uint64_t concurrency = 0, requests = 0;
    json_t *trials = NULL;
    if (!json_is_object(json))
        return err_set(err, EXIT_CODE_USAGE, "%s: expected an object", at);
    if (json_need_string(json, at, "scenario", 1, 64, &cell->scenario, err) ||
        json_need_string(json, at, "model", 1, 64, &cell->model, err) ||
        json_need_uint(json, at, "concurrency", 1, 1000000, &concurrency, err) ||
        json_need_uint(json, at, "requests", 1, 4000000000, &requests, err) ||
        json_need_array(json, at, "trials", TRIALS_MAX, &trials, err))
        return -1;
    if (!json_name_is_safe(cell->scenario) || !json_name_is_safe(cell->model))
        return err_set(err, EXIT_CODE_USAGE, "%s: not the name of a scenario or a model",
                       at);
    cell->concurrency = (json_int_t)concurrency;
    cell->requests = (json_int_t)requests;
    cell->json = (json_t *)(uintptr_t)json;
    fill_memory(cell);
    return fill_trials(cell, trials, at, err);
}

struct cell_name {
    char s[160];
};

static struct cell_name name_of(const char *scenario, const char *model,
                                json_int_t concurrency)
{
    struct cell_name name;
    (void)snprintf(name.s, sizeof name.s, "%.64s/%.64s/%" JSON_INTEGER_FORMAT, scenario,
                   model, concurrency);
    return name;
}

static int fill_cells(struct compare_file *file, const json_t *cells, struct err *err)
{
    size_t i = 0;
    json_t *json = NULL;
    file->cells = calloc(json_array_size(cells) + 1, sizeof *file->cells);
    file->by_name = json_object();
    if (!file->cells || !file->by_name)
        memory_exhausted();
    json_array_foreach (cells, i, json) {
        char at[32];
        struct cell *cell = &file->cells[file->cell_count++];
        (void)snprintf(at, sizeof at, "cells[%zu]", i);
        if (fill_cell(cell, json, at, err))
            return -1;
        struct cell_name name = name_of(cell->scenario, cell->model, cell->concurrency);
        bool is_new = !json_object_get(file->by_name, name.s);
        json_put(file->by_name, name.s, json_uint(i));
        if (!is_new)
            return err_set(err, EXIT_CODE_USAGE, "%s: this cell is listed twice", at);
    }
    return 0;
}

static int check_scenarios(const json_t *scenarios, struct err *err)
{
    size_t i = 0;
    json_t *scenario = NULL, *part = NULL;
    const char *name = NULL;
    json_array_foreach (scenarios, i, scenario) {
        char at[32];
        (void)snprintf(at, sizeof at, "scenarios[%zu]", i);
        if (!json_is_object(scenario))
            return err_set(err, EXIT_CODE_USAGE, "%s: expected an object", at);
        if (json_need_string(scenario, at, "name", 1, 64, &name, err) ||
            (!json_is_null(json_object_get(scenario, "origin")) &&
             json_need_object(scenario, at, "origin", &part, err)) ||
            json_need_object(scenario, at, "load", &part, err))
            return -1;
    }
    return 0;
}

/* A fact is a scalar in a group; a list is passed over. Anything else is refused here, so
 * later code need not check. */
static int check_environment(const json_t *environment, struct err *err)
{
    const char *group = NULL, *fact = NULL;
    json_t *facts = NULL, *value = NULL;
    json_object_foreach ((json_t *)(uintptr_t)environment, group, facts) {
        if (!json_is_object(facts))
            return err_set(err, EXIT_CODE_USAGE, "environment.%.60s: expected an object",
                           group);
        json_object_foreach (facts, fact, value) {
            if (json_is_object(value))
                return err_set(err, EXIT_CODE_USAGE,
                               "environment.%.60s.%.60s: expected one value", group,
                               fact);
        }
    }
    return 0;
}

static int fill_file(struct compare_file *file, const json_t *json, struct err *err)
{
    uint64_t version = 0;
    json_t *run = NULL, *environment = NULL, *scenarios = NULL, *cells = NULL;
    if (json_need_uint(json, "", "schema_version", 1, 1, &version, err) ||
        json_need_object(json, "", "run", &run, err) ||
        json_need_string(run, "run", "id", 1, 64, &file->run_id, err) ||
        json_need_string(run, "run", "started", 1, 64, &file->started, err) ||
        json_need_object(json, "", "environment", &environment, err) ||
        check_environment(environment, err) ||
        json_need_array(json, "", "scenarios", SCENARIOS_MAX, &scenarios, err) ||
        check_scenarios(scenarios, err) ||
        json_need_array(json, "", "cells", COMPARE_CELLS_MAX, &cells, err))
        return -1;
    file->results = json;
    file->run = run;
    file->environment = environment;
    file->scenarios = scenarios;
    file->host = json_text_of(json_object_get(environment, "host"), "name");
    file->context.origin_threads =
        json_number_of(json_object_get(environment, "placement"), "origin_threads");
    return fill_cells(file, cells, err);
}

static int add_one(struct compare_set *set, const json_t *json, const char *label,
                   struct err *err)
{
    if (set->count == COMPARE_FILES_MAX)
        return err_set(err, EXIT_CODE_USAGE, "more than %d runs to compare",
                       COMPARE_FILES_MAX);
    struct compare_file *file = &set->files[set->count++];
    (void)snprintf(file->label, sizeof file->label, "%s",
                   compare_text_clean(label, 64).s);
    return fill_file(file, json, err);
}

static int add_merged(struct compare_set *set, const json_t *json, struct err *err)
{
    json_t *merged = NULL, *entry = NULL, *results = NULL;
    size_t i = 0;
    if (json_need_array(json, "", "merged", COMPARE_FILES_MAX, &merged, err))
        return -1;
    json_array_foreach (merged, i, entry) {
        const char *label = NULL;
        char at[32];
        (void)snprintf(at, sizeof at, "merged[%zu]", i);
        if (!json_is_object(entry))
            return err_set(err, EXIT_CODE_USAGE, "%s: expected an object", at);
        if (json_need_string(entry, at, "label", 1, 256, &label, err) ||
            json_need_object(entry, at, "results", &results, err))
            return -1;
        if (add_one(set, results, label, err)) {
            err_prefix(err, "%s.results", at);
            return -1;
        }
    }
    return 0;
}

int compare_set_add(struct compare_set *set, const char *path, struct err *err)
{
    json_t *json = NULL;
    if (compare_read(path, &set->weight, &json, err))
        return -1;
    if (!set->documents)
        set->documents = json_array();
    json_push(set->documents, json);
    int status = json_object_get(json, "merged") ? add_merged(set, json, err)
                                                 : add_one(set, json, NULL, err);
    if (status)
        err_prefix(err, "%.200s", path);
    return status ? -1 : 0;
}

static size_t count_id(const struct compare_set *set, const char *run_id)
{
    size_t count = 0;
    for (size_t i = 0; i < set->count; i++)
        count += !strcmp(set->files[i].run_id, run_id);
    return count;
}

static bool is_taken(const struct compare_set *set, size_t before, const char *label)
{
    for (size_t i = 0; i < before; i++) {
        if (!strcmp(set->files[i].label, label))
            return true;
    }
    return false;
}

/* "host 2026-11-20" from when the run started. */
static void put_host_and_date(const struct compare_file *file, char *out_text,
                              size_t size)
{
    struct compare_text host = compare_text_clean(file->host, 40),
                        started = compare_text_clean(file->started, 24);
    (void)snprintf(out_text, size, "%s %.*s", *host.s ? host.s : "host",
                   (int)strcspn(started.s, "T"), started.s);
}

void compare_set_label(struct compare_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        struct compare_file *file = &set->files[i];
        char wished[330];
        (void)snprintf(wished, sizeof wished, "%.329s", file->label);
        if (!*wished && count_id(set, file->run_id) == 1)
            (void)snprintf(wished, sizeof wished, "%s",
                           compare_text_clean(file->run_id, 64).s);
        if (!*wished)
            put_host_and_date(file, wished, sizeof wished);
        (void)snprintf(file->label, sizeof file->label, "%s", wished);
        for (size_t n = 2; is_taken(set, i, file->label); n++)
            (void)snprintf(file->label, sizeof file->label, "%s (%zu)", wished, n);
    }
}

void compare_set_done(struct compare_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        for (size_t c = 0; c < set->files[i].cell_count; c++)
            free(set->files[i].cells[c].valid);
        free(set->files[i].cells);
        json_decref(set->files[i].by_name);
    }
    json_decref(set->documents);
    *set = (struct compare_set){.count = 0};
}

const json_t *compare_scenario(const struct compare_file *file, const char *name)
{
    return json_find(file->scenarios, "name", name);
}

const struct cell *compare_cell(const struct compare_file *file, const char *scenario,
                                const char *model, json_int_t concurrency)
{
    struct cell_name name = name_of(scenario, model, concurrency);
    const json_t *index = json_object_get(file->by_name, name.s);
    return index ? &file->cells[json_integer_value(index)] : NULL;
}
