/* cells.c: sorts a journal into cells; see cells.h. */
#include "analysis/cells.h"

#include "analysis/blocks.h"
#include "analysis/price.h"
#include "analysis/summary.h"
#include "analysis/traced.h"
#include "common/json.h"
#include "common/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLAN_MAX  4096 /* cells of a journal */
#define LINES_MAX 1000 /* on one cell: attempts of 200 blocks, other passes */

/* What the lines and the plan's entries are found by. */
struct key {
    char text[200];
};

static struct key key_of_model(const char *scenario, const char *model)
{
    struct key key;
    (void)snprintf(key.text, sizeof key.text, "%.64s/%.64s", scenario, model);
    return key;
}

static struct key key_of_cell(const json_t *line)
{
    struct key key;
    (void)snprintf(key.text, sizeof key.text, "%.64s/%.64s/%" JSON_INTEGER_FORMAT "/%d",
                   json_text_of(line, "scenario"), json_text_of(line, "model"),
                   json_integer_value(json_object_get(line, "concurrency")),
                   json_is_string(json_object_get(line, "arm")));
    return key;
}

static void file_under(json_t *index, const char *key, json_t *item)
{
    json_t *list = json_object_get(index, key);
    if (!list)
        json_put(index, key, list = json_array());
    json_push(list, json_incref(item));
}

static bool is_of(const json_t *line, const char *type, const struct cell *cell)
{
    return !strcmp(json_text_of(line, "type"), type) &&
           !strcmp(json_text_of(line, "scenario"), cell->scenario) &&
           !strcmp(json_text_of(line, "model"), cell->model) &&
           json_integer_value(json_object_get(line, "concurrency")) ==
               cell->concurrency &&
           json_is_string(json_object_get(line, "arm")) == cell->is_control;
}

/* The trial object as results.json has it: the line without its type. */
static json_t *without_type(const json_t *line)
{
    json_t *trial = json_copy((json_t *)(uintptr_t)line);
    if (!trial)
        memory_exhausted();
    (void)json_object_del(trial, "type");
    return trial;
}

/* Adds the cell's timed trials, and which of them count. */
static void collect_trials(struct cells *cells, struct cell *cell, const json_t *lines)
{
    json_t *trials = json_array(), *line = NULL;
    size_t at = 0;
    struct blocks blocks;
    json_array_foreach (lines, at, line) {
        if (is_of(line, "trial", cell) && !strcmp(json_text_of(line, "pass"), "timed"))
            json_push(trials, without_type(line));
    }
    json_put(cell->json, "trials", trials);
    blocks_of(trials, &blocks);
    cells->trials_run += (json_int_t)json_array_size(trials);
    cells->trials_invalid += (json_int_t)blocks.failed;
    cell->valid = memory_calloc(blocks.count + 1, sizeof *cell->valid);
    for (size_t i = 0; i < blocks.count; i++) {
        if (blocks.items[i].counting)
            cell->valid[cell->n++] = blocks.items[i].counting;
    }
    blocks_done(&blocks);
}

/* Only of runs with --syscalls. */
static void put_syscalls(const struct cell *cell, const json_t *lines)
{
    size_t at = 0;
    json_t *line = NULL;
    json_array_foreach (lines, at, line) {
        if (is_of(line, "syscalls", cell))
            json_put(cell->json, "syscalls",
                     json_incref(json_object_get(line, "syscalls")));
    }
}

/* The first pass, and the bytes of all where there were several. */
static json_t *memory_of(const struct cell *cell, const json_t *lines)
{
    json_t *first = NULL, *bytes = json_array(), *line = NULL;
    size_t at = 0;
    json_array_foreach (lines, at, line) {
        json_t *memory = json_object_get(line, "memory");
        if (!is_of(line, "memory", cell) || !memory)
            continue;
        first = first ? first : json_copy(memory);
        json_push(bytes, json_real_or_null(json_number_of(memory, "tree_memory_bytes")));
    }
    if (json_array_size(bytes) > 1)
        json_put(first, "passes_bytes", bytes);
    else
        json_decref(bytes);
    return first ? first : json_null();
}

/* What each memory pass found, in the order of the passes, and the middle of it. */
static void collect_passes(struct cell *cell, const json_t *lines, const json_t *memory)
{
    double known[CELLS_PASSES_MAX];
    size_t at = 0, n = 0;
    json_t *line = NULL;
    json_array_foreach (lines, at, line) {
        if (!is_of(line, "memory", cell) || cell->pass_count == CELLS_PASSES_MAX)
            continue;
        const double bytes =
            json_number_of(json_object_get(line, "memory"), "tree_memory_bytes");
        cell->passes[cell->pass_count++] = bytes;
        if (isfinite(bytes))
            known[n++] = bytes;
    }
    cell->memory_bytes = stats_median(known, n);
    cell->memory_source = json_text_of(memory, "source");
}

/* What the warm block counted, when its trial is valid. */
static json_t *counters_of(const struct cell *cell, const json_t *lines)
{
    size_t at = 0;
    json_t *line = NULL;
    json_array_foreach (lines, at, line) {
        if (is_of(line, "trial", cell) && !strcmp(json_text_of(line, "pass"), "warm") &&
            json_is_true(json_object_get(line, "valid")) &&
            json_is_object(json_object_get(line, "counters")))
            return json_incref(json_object_get(line, "counters"));
    }
    return json_null();
}

/* Of the warm trial. A resumed run may have made another: the last one counts, if it is
 * valid. */
static void put_trace(const struct cell *cell, const json_t *lines)
{
    const json_t *last = NULL;
    size_t at = 0;
    json_t *line = NULL;
    json_array_foreach (lines, at, line) {
        if (is_of(line, "trial", cell) && !strcmp(json_text_of(line, "pass"), "warm") &&
            (!last || json_is_true(json_object_get(line, "valid"))))
            last = line;
    }
    if (last && !cell->is_control)
        json_put(cell->json, "trace", traced_of(last));
}

static void put_status(const struct cell *cell, const char *status, const char *reason)
{
    json_put(cell->json, "status", json_string(status));
    json_put(cell->json, "reason", reason ? json_string(reason) : json_null());
}

/* Why there is no valid trial, in one sentence. */
static void put_invalid(const struct cell *cell)
{
    const json_t *trials = json_object_get(cell->json, "trials");
    size_t count = json_array_size(trials);
    const json_t *last = count ? json_array_get(trials, count - 1) : NULL;
    char reason[400];
    (void)snprintf(reason, sizeof reason, "no valid trial: %.300s",
                   json_text_of(json_object_get(last, "invalid_reason"), "text"));
    put_status(cell, "invalid", last ? reason : "no trial was run");
}

static void fill_cell(struct cells *cells, struct cell *cell, const json_t *entry,
                      const json_t *index)
{
    const json_t *lines = json_object_get(index, key_of_cell(entry).text);
    static const char *const kept[] = {"scenario", "model", "concurrency", "requests"};
    cell->json = json_object();
    cell->is_control = json_is_string(json_object_get(entry, "arm"));
    json_push(cell->is_control ? cells->controls : cells->list, cell->json);
    if (cell->is_control)
        json_put(cell->json, "arm", json_incref(json_object_get(entry, "arm")));
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        json_put(cell->json, kept[i], json_incref(json_object_get(entry, kept[i])));
    cell->scenario = json_text_of(entry, "scenario");
    cell->model = json_text_of(entry, "model");
    cell->concurrency = json_integer_value(json_object_get(entry, "concurrency"));
    cell->requests = json_integer_value(json_object_get(entry, "requests"));
    collect_trials(cells, cell, lines);
    json_t *memory = memory_of(cell, lines);
    collect_passes(cell, lines, memory);
    cell->further = price_further(cells, cell);
    json_t *counters = counters_of(cell, lines);
    const char *skipped = json_string_value(json_object_get(entry, "skip_reason"));
    if (skipped)
        put_status(cell, "skipped", skipped);
    else if (cell->n == 0)
        put_invalid(cell);
    else
        put_status(cell, "ok", NULL);
    json_put(cell->json, "summary",
             cell->n ? summary_make(cell, memory, counters, &cells->context)
                     : json_null());
    json_put(cell->json, "memory", memory);
    json_put(cell->json, "counters", counters);
    put_syscalls(cell, lines);
    put_trace(cell, lines);
}

/* A plan entry is what everything below relies on; check it once, here. */
static int check_plan(const json_t *plan, struct err *err)
{
    size_t i = 0;
    json_t *entry = NULL;
    json_array_foreach (plan, i, entry) {
        const char *text = NULL;
        uint64_t number = 0;
        char at[32];
        (void)snprintf(at, sizeof at, "plan[%zu]", i);
        if (!json_is_object(entry))
            return err_set(err, EXIT_CODE_USAGE, "%s: expected an object", at);
        if (json_need_string(entry, at, "scenario", 1, 64, &text, err) ||
            json_need_string(entry, at, "model", 1, 64, &text, err) ||
            json_need_uint(entry, at, "concurrency", 1, 1000000, &number, err) ||
            json_need_uint(entry, at, "requests", 1, 4000000000, &number, err))
            return -1;
    }
    return 0;
}

/* Finds entries and lines by what they are about, so that the work grows with their
 * number and not with the product. Both owned. */
struct sorted {
    json_t *plan, *lines;
};

static int sort(const json_t *journal, const json_t *plan, struct sorted *out_sorted,
                struct err *err)
{
    struct sorted sorted = {json_object(), json_object()};
    const char *key = NULL;
    size_t i = 0;
    json_t *item = NULL;
    *out_sorted = sorted;
    json_array_foreach (plan, i, item)
        file_under(
            sorted.plan,
            key_of_model(json_text_of(item, "scenario"), json_text_of(item, "model"))
                .text,
            item);
    json_array_foreach (journal, i, item) {
        if (*json_text_of(item, "scenario"))
            file_under(sorted.lines, key_of_cell(item).text, item);
    }
    json_object_foreach (sorted.lines, key, item) {
        if (json_array_size(item) > LINES_MAX)
            return err_set(err, EXIT_CODE_USAGE, "%.160s: more than %d lines of one cell",
                           key, LINES_MAX);
    }
    return 0;
}

/* Cells stand in the order of the scenarios, of their models, then of concurrency. */
static void fill_scenario(struct cells *cells, const json_t *scenario,
                          const struct headline *headline, size_t cell_count,
                          const struct sorted *sorted)
{
    size_t m = 0, p = 0;
    json_t *model = NULL, *entry = NULL;
    const char *name = json_text_of(scenario, "name");
    json_array_foreach (json_object_get(scenario, "models"), m, model) {
        const char *text = json_is_string(model) ? json_string_value(model) : "";
        const struct key key = key_of_model(name, text);
        json_array_foreach (json_object_get(sorted->plan, key.text), p, entry) {
            if (!strcmp(json_text_of(entry, "scenario"), name) &&
                !strcmp(json_text_of(entry, "model"), text) &&
                cells->count < cell_count) {
                struct cell *cell = &cells->items[cells->count++];
                cell->headline = headline;
                fill_cell(cells, cell, entry, sorted->lines);
            }
        }
    }
}

static void fill(struct cells *cells, const json_t *scenarios, size_t cell_count,
                 const struct sorted *sorted)
{
    size_t i = 0;
    json_t *scenario = NULL;
    cells->list = json_array();
    cells->controls = json_array();
    cells->items = memory_calloc(cell_count + 1, sizeof *cells->items);
    cells->headlines =
        memory_calloc(json_array_size(scenarios) + 1, sizeof *cells->headlines);
    json_array_foreach (scenarios, i, scenario) {
        headline_of(scenario, &cells->headlines[i]);
        fill_scenario(cells, scenario, &cells->headlines[i], cell_count, sorted);
    }
}

int cells_make(const json_t *journal, struct cells *out_cells, struct err *err)
{
    const json_t *header = json_array_get(journal, 0);
    json_t *plan = NULL, *scenarios = NULL, *environment = NULL;
    struct sorted sorted = {NULL, NULL};
    if (!json_is_object(header) || strcmp(json_text_of(header, "type"), "header") != 0)
        return err_set(err, EXIT_CODE_USAGE, "the journal does not begin with a header");
    if (json_need_array(header, "", "plan", PLAN_MAX, &plan, err) ||
        check_plan(plan, err) ||
        json_need_array(header, "", "scenarios", 10000, &scenarios, err) ||
        json_need_object(header, "", "environment", &environment, err))
        return -1;
    struct cells cells = {.count = 0};
    cells.context.origin_threads =
        json_number_of(json_object_get(environment, "placement"), "origin_threads");
    const int status = sort(journal, plan, &sorted, err);
    if (!status)
        fill(&cells, scenarios, json_array_size(plan), &sorted);
    json_decref(sorted.plan);
    json_decref(sorted.lines);
    *out_cells = cells;
    return status ? -EXIT_CODE_USAGE : 0;
}

const struct cell *cells_find(const struct cells *cells, const char *scenario,
                              const char *model, json_int_t concurrency)
{
    for (size_t i = 0; i < cells->count; i++) {
        const struct cell *c = &cells->items[i];
        if (c->concurrency == concurrency && !c->is_control &&
            !strcmp(c->scenario, scenario) && !strcmp(c->model, model))
            return c;
    }
    return NULL;
}

void cells_done(struct cells *cells)
{
    for (size_t i = 0; i < cells->count; i++)
        free((void *)cells->items[i].valid);
    free(cells->items);
    free(cells->headlines);
    json_decref(cells->list);
    json_decref(cells->controls);
}
