/* plan.c: cells, groups and balanced order; see plan.h. It starts nothing. */
#include "harness/plan/plan.h"

#include "common/json.h"
#include "common/memory.h"
#include "common/owners.h"
#include "common/rng.h"
#include "harness/plan/feasible.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define TOO_MANY  "more than %d cells; name fewer scenarios, models or concurrencies"
#define GROUP_MAX ((size_t)(2 * SCENARIO_MODELS_MAX)) /* with every model's control */

#define START_S           0.03    /* exec, linking, libcurl, first connection */
#define BYTE_S            0.6e-9  /* copying a body over loopback */
#define WORKER_S          0.2e-3  /* making, connecting and joining a worker ... */
#define WORKER_LOOP_S     0.08e-3 /* ... that is an entry of a loop */
#define WORKER_THREAD_S   0.1e-3  /* the same without a connection */
#define WORKER_STACK_S    3e-6    /* a stack: one page that the kernel clears and gives */
#define WORKER_BARE_S     0.1e-6
#define STACK_KIB         4 /* of kib_bare: there is a stack */
#define MEMORY_PASS_S     0.4
#define MEMORY_WAIT_MAX_S 2.5 /* memory_pass.c */

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
                     bool listed, const struct host_limits *limits, struct err *err)
{
    size_t before = plan->cell_count;
    for (size_t m = 0; m < s->model_count; m++) {
        bool single = runners_model(s, s->models[m])->single;
        if (single ? concurrency != 1 : !listed)
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
            return -EXIT_CODE_USAGE;
        }
    }
    *out_plan = plan;
    return 0;
}

int plan_add_controls(struct plan *plan, bool every_model, struct err *err)
{
    size_t count = plan->cell_count;
    for (size_t c = 0; c < count; c++) {
        struct plan_cell control = plan->cells[c];
        if (!every_model && strcmp(control.model, control.scenario->baseline) != 0)
            continue;
        if (plan->cell_count == PLAN_CELLS_MAX)
            return err_set(err, EXIT_CODE_USAGE, "no room for the A/A arm: " TOO_MANY,
                           PLAN_CELLS_MAX);
        control.control = true;
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
    bool mirrored = row >= k;
    for (size_t i = 0; i < k; i++) {
        size_t base = i % 2 ? (i + 1) / 2 : (k - i / 2) % k;
        out_items[mirrored ? k - 1 - i : i] = (base + shift) % k;
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

/* The number of waits at once: one per worker, in fan-out one per sub-request unless
 * these come in turn. */
static double waits_of(const struct plan_cell *cell)
{
    const uint64_t fetches = tasks_fetches(cell->scenario);
    const bool one = runners_model(cell->scenario, cell->model)->single || !fetches;
    return (double)cell->concurrency * (double)(one ? 1 : fetches);
}

/* A slow minority ends late: where some of it are likely, one begins near the end. */
static double tail_seconds(const struct plan_cell *cell, uint64_t waves)
{
    const struct scenario *s = cell->scenario;
    const double expected = (double)cell->requests * (double)s->tail_ppm * 1e-6;
    return expected >= 1 ? (double)(waves * s->delay_ms + s->tail_ms) / 1e3 : 0;
}

static double worker_seconds(const struct plan_cell *cell)
{
    const struct model *model = runners_model(cell->scenario, cell->model);
    if (tasks_connects(cell->scenario))
        return model->tasks_per_worker ? WORKER_S : WORKER_LOOP_S;
    return model->tasks_per_worker        ? WORKER_THREAD_S
           : model->kib_bare >= STACK_KIB ? WORKER_STACK_S
                                          : WORKER_BARE_S;
}

/* Where threads wait, each sub-request of fan-out makes and joins one. */
static double joining_seconds(const struct plan_cell *cell)
{
    const uint64_t fetches = tasks_fetches(cell->scenario);
    return fetches > 1 && runners_model(cell->scenario, cell->model)->tasks_per_worker
               ? (double)fetches * WORKER_THREAD_S
               : 0;
}

double plan_trial_seconds(const struct plan_cell *cell)
{
    const struct scenario *s = cell->scenario;
    double arrivals_s =
        s->rate_per_s ? (double)cell->requests / (double)s->rate_per_s : 0;
    if (!strcmp(cell->model, "null"))
        return START_S + arrivals_s;
    uint64_t waves = (cell->requests + cell->concurrency - 1) / cell->concurrency;
    if (tasks_is_serial(s, runners_model(s, cell->model)->tasks_per_worker))
        waves = cell->requests;
    const uint64_t fetches = tasks_fetches(s);
    const bool in_turn = runners_model(s, cell->model)->single && fetches > 1;
    double delay_s = tasks_wait_s(s) * (double)(in_turn ? fetches : 1);
    double request_s = tasks_request_s(s) + tasks_work_s(s) + joining_seconds(cell) +
                       (double)(s->bytes * fetches) * BYTE_S;
    double serving_s = (double)waves * delay_s + waits_of(cell) * worker_seconds(cell) +
                       (double)cell->requests * request_s + (double)s->freeze_ms / 1e3;
    serving_s = fmax(serving_s, tail_seconds(cell, waves));
    /* the workers keep up, or the trial takes as long as they need */
    return START_S + (serving_s > arrivals_s ? serving_s : arrivals_s);
}

double plan_memory_seconds(const struct plan_cell *cell)
{
    const double waits = waits_of(cell);
    const struct model *model = runners_model(cell->scenario, cell->model);
    const uint64_t gather_us = models_gather_us(model, tasks_connects(cell->scenario));
    const double wait_s = waits * (double)gather_us * 1e-6;
    return MEMORY_PASS_S + fmin(wait_s, MEMORY_WAIT_MAX_S) +
           waits * worker_seconds(cell) +
           (double)cell->concurrency * tasks_request_s(cell->scenario);
}

bool plan_is_warmed(const struct plan *plan, const struct plan_cell *cell)
{
    return plan_trial_seconds(cell) <= plan->warm_limit_s;
}

double plan_seconds(const struct plan *plan)
{
    double seconds = 0;
    for (size_t c = 0; c < plan->cell_count; c++) {
        const struct plan_cell *cell = &plan->cells[c];
        if (cell->skip_reason[0])
            continue;
        const uint64_t trials = plan->blocks + plan_is_warmed(plan, cell);
        seconds += (double)trials * plan_trial_seconds(cell);
        seconds += cell->control ? 0 : plan_memory_seconds(cell);
    }
    return seconds;
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
        json_put(item, "concurrency", json_integer((json_int_t)cell->concurrency));
        json_put(item, "requests", json_integer((json_int_t)cell->requests));
        json_put(item, "skip_reason", *reason ? json_string(reason) : json_null());
        if (cell->control)
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
