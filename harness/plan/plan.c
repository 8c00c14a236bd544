/* plan.c: cells, groups and balanced order; see plan.h. It starts nothing. */
#include "harness/plan/plan.h"

#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/rng.h"
#include "harness/plan/feasible.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define TOO_MANY "more than %d cells; name fewer scenarios, models or concurrencies"
/* every model with its control, or at three numbers of workers */
#define GROUP_MAX ((size_t)(3 * SCENARIO_MODELS_MAX))

enum rng_stream { STREAM_ROWS = 1, STREAM_GROUPS = 2 }; /* 4: arrivals, command.c */

static int add_cell(struct plan *plan, const struct plan_cell *cell,
                    const struct host_limits *limits, struct err *err)
{
    if (plan->cell_count == PLAN_CELLS_MAX)
        return err_set(err, EXIT_CODE_USAGE, TOO_MANY, PLAN_CELLS_MAX);
    struct plan_cell *added = &plan->cells[plan->cell_count++];
    *added = *cell;
    feasible_check(added, limits);
    plan->feasible_count += !added->skip_reason[0];
    return 0;
}

/* The group of one (scenario, concurrency): every model that runs at it. A model with a
 * single cell joins the group at concurrency 1. */
static int add_group(struct plan *plan, const struct scenario *s, uint64_t concurrency,
                     bool is_listed, const struct host_limits *limits, struct err *err)
{
    size_t before = plan->cell_count;
    for (size_t m = 0; m < s->model_count; m++) {
        bool is_single = runners_model(s, s->models[m])->is_single;
        if (is_single ? concurrency != 1 : !is_listed)
            continue;
        struct plan_cell cell = {.scenario = s,
                                 .model = s->models[m],
                                 .concurrency = concurrency,
                                 .requests = scenario_requests(s, concurrency),
                                 .group = plan->group_count};
        if (add_cell(plan, &cell, limits, err))
            return -1;
    }
    plan->group_count += plan->cell_count > before;
    return 0;
}

static int add_scenario(struct plan *plan, const struct scenario *s,
                        const struct host_limits *limits, struct err *err)
{
    if (s->concurrency[0] != 1 && add_group(plan, s, 1, false, limits, err))
        return -1;
    for (size_t i = 0; i < s->concurrency_count; i++) {
        if (add_group(plan, s, s->concurrency[i], true, limits, err))
            return -1;
    }
    return 0;
}

int plan_make(struct scenario *const *scenarios, size_t scenario_count, uint64_t blocks,
              uint64_t seed, const struct host_limits *limits, struct plan **out_plan,
              struct err *err)
{
    struct plan *plan = memory_calloc(1, sizeof *plan);
    plan->cells = memory_calloc(PLAN_CELLS_MAX, sizeof *plan->cells);
    plan->blocks = blocks;
    plan->seed = seed;
    plan->warm_limit_s = INFINITY;
    for (size_t i = 0; i < scenario_count; i++) {
        if (add_scenario(plan, scenarios[i], limits, err)) {
            plan_free(plan);
            return -1;
        }
    }
    *out_plan = plan;
    return 0;
}

int plan_add_controls(struct plan *plan, bool has_every_model, struct err *err)
{
    size_t count = plan->cell_count;
    for (size_t c = 0; c < count; c++) {
        struct plan_cell control = plan->cells[c];
        if (!has_every_model && strcmp(control.model, control.scenario->baseline) != 0)
            continue;
        if (plan->cell_count == PLAN_CELLS_MAX)
            return err_set(err, EXIT_CODE_USAGE, "no room for the A/A arm: " TOO_MANY,
                           PLAN_CELLS_MAX);
        control.is_control = true;
        plan->cells[plan->cell_count++] = control;
        plan->feasible_count += !control.skip_reason[0];
    }
    return 0;
}

size_t plan_square_rows(size_t k)
{
    return k % 2 ? 2 * k : k;
}

/* Row 0 is 0, 1, k-1, 2, k-2, ...: its neighbours' differences are all different, so the
 * k rotations contain each ordered pair once (k even) or, with the k mirrored rows,
 * twice. Source: Williams, "Experimental designs balanced for the estimation of residual
 * effects of treatments", 1949. */
void plan_square_row(size_t k, size_t row, size_t *out_items)
{
    size_t shift = row % k;
    bool is_mirrored = row >= k;
    for (size_t i = 0; i < k; i++) {
        size_t base = i % 2 ? (i + 1) / 2 : (k - i / 2) % k;
        out_items[is_mirrored ? k - 1 - i : i] = (base + shift) % k;
    }
}

/* Appends the group's feasible cells in this block's order; returns the new count. */
static size_t order_group(const struct plan *plan, size_t group, uint64_t block,
                          size_t *out_order, size_t count)
{
    size_t members[GROUP_MAX], items[GROUP_MAX], rows[2 * GROUP_MAX], k = 0;
    for (size_t c = 0; c < plan->cell_count && k < GROUP_MAX; c++) {
        if (plan->cells[c].group == group && !plan->cells[c].skip_reason[0])
            members[k++] = c;
    }
    if (k == 0)
        return count;
    size_t row_count = plan_square_rows(k);
    for (size_t r = 0; r < row_count; r++)
        rows[r] = r;
    /* a new permutation for each pass through the square */
    struct rng rng = rng_for(plan->seed, STREAM_ROWS + (group << 8), block / row_count);
    rng_shuffle(&rng, rows, row_count);
    plan_square_row(k, rows[block % row_count], items);
    for (size_t i = 0; i < k; i++)
        out_order[count + i] = members[items[i]];
    return count + k;
}

void plan_order(const struct plan *plan, uint64_t block, size_t *out_order)
{
    size_t groups[PLAN_CELLS_MAX], count = 0;
    for (size_t g = 0; g < plan->group_count; g++)
        groups[g] = g;
    struct rng rng = rng_for(plan->seed, STREAM_GROUPS, block);
    rng_shuffle(&rng, groups, plan->group_count);
    for (size_t g = 0; g < plan->group_count; g++)
        count = order_group(plan, groups[g], block, out_order, count);
}

void plan_stop(struct plan *plan, const struct scenario *scenario, uint64_t blocks)
{
    uint64_t most = 0;
    bool goes_on = false;
    for (size_t c = 0; c < plan->cell_count; c++) {
        struct plan_cell *cell = &plan->cells[c];
        if (cell->scenario == scenario)
            cell->stopped = blocks;
        if (cell->skip_reason[0])
            continue;
        goes_on = goes_on || cell->stopped == 0;
        most = cell->stopped > most ? cell->stopped : most;
    }
    plan->blocks = goes_on ? plan->blocks : most;
}

bool plan_is_stopped(const struct plan *plan, const struct scenario *scenario)
{
    for (size_t c = 0; c < plan->cell_count; c++) {
        if (plan->cells[c].scenario == scenario)
            return plan->cells[c].stopped > 0;
    }
    return false;
}

bool plan_has_block(const struct plan_cell *cell, uint64_t block)
{
    return !cell->skip_reason[0] && (cell->stopped == 0 || block < cell->stopped);
}

uint64_t plan_trials(const struct plan *plan)
{
    uint64_t trials = 0;
    for (size_t c = 0; c < plan->cell_count; c++) {
        const struct plan_cell *cell = &plan->cells[c];
        if (!cell->skip_reason[0])
            trials += cell->stopped > 0 ? cell->stopped : plan->blocks;
    }
    return trials;
}

json_t *plan_json(const struct plan *plan)
{
    json_t *list = json_array();
    for (size_t c = 0; c < plan->cell_count; c++) {
        const struct plan_cell *cell = &plan->cells[c];
        const char *reason = cell->skip_reason;
        json_t *item = json_object();
        json_put(item, "scenario", json_string(cell->scenario->name));
        json_put(item, "model", json_string(cell->model));
        json_put(item, "concurrency", json_uint(cell->concurrency));
        json_put(item, "requests", json_uint(cell->requests));
        json_put(item, "skip_reason", *reason ? json_string(reason) : json_null());
        if (cell->is_control)
            json_put(item, "arm", json_string(PLAN_ARM));
        json_push(list, item);
    }
    return list;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    free(plan->cells);
    free(plan);
}
