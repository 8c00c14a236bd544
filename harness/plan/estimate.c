/* estimate.c: see estimate.h. */
#include "harness/plan/estimate.h"

#include "harness/plan/runners.h"
#include "harness/plan/tasks.h"

#include <math.h>
#include <string.h>

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

/* The number of waits at once: one per worker, in fan-out one per sub-request unless
 * these come in turn. */
static double waits_of(const struct plan_cell *cell)
{
    const uint64_t fetches = tasks_fetches(cell->scenario);
    const bool is_one = runners_makes_in_turn(cell->scenario, cell->model) || !fetches;
    return (double)cell->concurrency * (double)(is_one ? 1 : fetches);
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

double estimate_trial_seconds(const struct plan_cell *cell)
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
    const bool is_in_turn = runners_makes_in_turn(s, cell->model) && fetches > 1;
    double delay_s = tasks_wait_s(s) * (double)(is_in_turn ? fetches : 1);
    double request_s = tasks_request_s(s) + tasks_work_s(s) + joining_seconds(cell) +
                       (double)(s->bytes * fetches) * BYTE_S;
    double serving_s = (double)waves * delay_s + waits_of(cell) * worker_seconds(cell) +
                       (double)cell->requests * request_s + (double)s->freeze_ms / 1e3;
    serving_s = fmax(serving_s, tail_seconds(cell, waves));
    const double warm_s =
        (double)s->warm_requests * (delay_s + (double)cell->concurrency * request_s);
    /* the workers keep up, or the trial takes as long as they need */
    return START_S + warm_s + (serving_s > arrivals_s ? serving_s : arrivals_s);
}

double estimate_memory_seconds(const struct plan_cell *cell)
{
    const double waits = waits_of(cell);
    const struct model *model = runners_model(cell->scenario, cell->model);
    const uint64_t gather_us = models_gather_us(model, tasks_connects(cell->scenario));
    const double wait_s = waits * (double)gather_us * 1e-6;
    return MEMORY_PASS_S + fmin(wait_s, MEMORY_WAIT_MAX_S) +
           waits * worker_seconds(cell) +
           (double)cell->concurrency * tasks_request_s(cell->scenario);
}

uint64_t estimate_memory_passes(const struct plan_cell *cell)
{
    const uint64_t passes = cell->scenario->memory_passes;
    return cell->is_control ? 0 : passes ? passes : 1;
}

bool estimate_is_warmed(const struct plan *plan, const struct plan_cell *cell)
{
    return estimate_trial_seconds(cell) <= plan->warm_limit_s;
}

double estimate_seconds(const struct plan *plan)
{
    double seconds = 0;
    for (size_t c = 0; c < plan->cell_count; c++) {
        const struct plan_cell *cell = &plan->cells[c];
        if (cell->skip_reason[0])
            continue;
        const uint64_t trials = plan->blocks + estimate_is_warmed(plan, cell);
        seconds += (double)trials * estimate_trial_seconds(cell);
        seconds += (double)estimate_memory_passes(cell) * estimate_memory_seconds(cell);
    }
    return seconds;
}
