/* passes.c: runs the plan; see passes.h. One trial is trial.c's, the order plan.c's. */
#include "harness/run/passes.h"

#include "analysis/blocks.h"
#include "common/cleanup.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/memory.h"
#include "harness/plan/estimate.h"
#include "harness/run/syscalls.h"

#include <inttypes.h>

struct trial_request passes_request(const struct plan_cell *cell, enum trial_pass pass)
{
    return (struct trial_request){.scenario = cell->scenario,
                                  .model = cell->model,
                                  .is_control = cell->is_control,
                                  .concurrency = cell->concurrency,
                                  .requests = cell->requests,
                                  .pass = pass,
                                  .delay_ms = cell->scenario->delay_ms};
}

/* Whether a disturbed trial may be repeated: as long as such repetitions are at most a
 * part of the trials so far, so that a machine that is always busy costs little more. */
static bool may_repeat(const struct passes *passes)
{
    return (passes->disturbed_repeated + 1) * PASSES_DISTURBED_PART <=
           passes->timed_done + 1;
}

/* One attempt, into the journal. An interrupted trial that is not valid is not kept.
 * *out_trial is new. */
static int run_attempt(struct passes *passes, const struct trial_request *request,
                       json_t **out_trial, struct err *err)
{
    json_t *trial = NULL;
    if (trial_run(passes->context, request, &trial, err))
        return -1;
    if (request->is_control)
        json_put(trial, "arm", json_string(PLAN_ARM));
    *out_trial = trial;
    if (interrupt_requested && !blocks_prefer(NULL, trial))
        return 0;
    return journal_append(passes->journal, "trial", trial, err);
}

/* One trial with its repetitions: of an invalid attempt, or of a valid but disturbed one.
 * *out_valid: one of them counts. */
static int run_attempts(struct passes *passes, struct trial_request *request,
                        bool *out_is_valid, struct err *err)
{
    const bool is_timed = request->pass == TRIAL_TIMED;
    const uint64_t attempts = is_timed ? PASSES_RETRIES + 1 : 1;
    json_auto_t *counting = NULL;
    bool is_done = false;
    for (request->attempt = 0; request->attempt < attempts && !is_done;
         request->attempt++) {
        json_auto_t *trial = NULL;
        if (run_attempt(passes, request, &trial, err))
            return -1;
        if (interrupt_requested)
            return 0;
        const bool counts = blocks_prefer(counting, trial);
        if (counts) {
            json_decref(counting);
            counting = json_incref(trial);
        }
        const bool is_again = is_timed && counts && blocks_is_disturbed(trial) &&
                              may_repeat(passes) && request->attempt + 1 < attempts;
        passes->disturbed_repeated += is_again;
        is_done = counting && !is_again;
    }
    passes->timed_done += is_timed;
    *out_is_valid = counting != NULL;
    return 0;
}

static double seconds_since(uint64_t start_ns)
{
    return (double)(clock_ns() - start_ns) * 1e-9;
}

/* All cells once, in the order of the block. */
static int run_block(struct passes *passes, enum trial_pass pass, uint64_t block,
                     uint64_t passes_left, const char *name, struct err *err)
{
    const struct plan *plan = passes->plan;
    AUTO_FREE size_t *order = memory_calloc(plan->feasible_count + 1, sizeof *order);
    plan_order(plan, block, order);
    for (size_t i = 0; i < plan->feasible_count && !interrupt_requested; i++) {
        const struct plan_cell *cell = &plan->cells[order[i]];
        const bool is_warm = pass == TRIAL_WARM;
        if ((is_warm && !estimate_is_warmed(plan, cell)) ||
            !plan_has_block(cell, is_warm ? passes->first_block : block))
            continue;
        struct trial_request request = passes_request(cell, pass);
        uint64_t start_ns = clock_ns();
        bool is_valid = true;
        request.block = block;
        request.position = i;
        progress_before(passes->progress, name, cell);
        if (run_attempts(passes, &request, &is_valid, err))
            return -1;
        passes->trials_invalid += pass == TRIAL_TIMED && !is_valid;
        progress_after(passes->progress, order[i], false, passes_left,
                       seconds_since(start_ns));
    }
    if (!interrupt_requested)
        progress_pass(passes->progress, name);
    return 0;
}

/* Journals what a separate pass found for a cell, under key and as a line of that type;
 * found is taken. Nothing is written once the run is interrupted. */
static int journal_cell(struct passes *passes, const struct plan_cell *cell,
                        const char *key, json_t *found, struct err *err)
{
    json_auto_t *line = json_object();
    json_put(line, "scenario", json_string(cell->scenario->name));
    json_put(line, "model", json_string(cell->model));
    json_put(line, "concurrency", json_uint(cell->concurrency));
    json_put(line, key, found);
    return interrupt_requested ? 0 : journal_append(passes->journal, key, line, err);
}

static int run_memory(struct passes *passes, const struct plan_cell *cell,
                      struct err *err)
{
    struct trial_request request = passes_request(cell, TRIAL_MEMORY);
    json_t *memory = NULL;
    if (trial_run_memory(passes->context, &request, &memory, err))
        return -1;
    return journal_cell(passes, cell, "memory", memory, err);
}

static bool is_done(const bool *is_cell_done, size_t cell)
{
    return is_cell_done && is_cell_done[cell];
}

/* Whether the cell's memory is still to be measured for the pass of that number, from 0.
 */
static bool is_due(const struct passes *passes, size_t cell, uint64_t pass)
{
    const struct plan_cell *c = &passes->plan->cells[cell];
    const uint64_t done = passes->memory_done ? passes->memory_done[cell] : 0;
    return !c->skip_reason[0] && pass >= done && pass < estimate_memory_passes(c);
}

/* All cells once. *out_is_last: no cell has another pass. */
static int run_memory_pass(struct passes *passes, uint64_t pass, bool *out_is_last,
                           struct err *err)
{
    const struct plan *plan = passes->plan;
    *out_is_last = true;
    for (size_t c = 0; c < plan->cell_count && !interrupt_requested; c++) {
        const struct plan_cell *cell = &plan->cells[c];
        const uint64_t start_ns = clock_ns(), passes_of = estimate_memory_passes(cell);
        *out_is_last = *out_is_last && passes_of <= pass + 1;
        if (!is_due(passes, c, pass))
            continue;
        progress_before(passes->progress, "memory", cell);
        if (run_memory(passes, cell, err))
            return -1;
        progress_after(passes->progress, c, true, passes_of - pass - 1,
                       seconds_since(start_ns));
    }
    if (!interrupt_requested)
        progress_pass(passes->progress, "memory pass");
    return 0;
}

static int run_memory_passes(struct passes *passes, struct err *err)
{
    bool is_last = false;
    for (uint64_t pass = 0; !is_last && !interrupt_requested; pass++) {
        if (run_memory_pass(passes, pass, &is_last, err))
            return -1;
    }
    return 0;
}

static int run_syscalls(struct passes *passes, const struct plan_cell *cell,
                        struct err *err)
{
    struct trial_request request = passes_request(cell, TRIAL_TIMED);
    json_t *syscalls = NULL;
    if (syscalls_run(passes->context, &request, &syscalls, err))
        return -1;
    return journal_cell(passes, cell, "syscalls", syscalls, err);
}

static int run_syscalls_pass(struct passes *passes, struct err *err)
{
    const struct plan *plan = passes->plan;
    for (size_t c = 0; c < plan->cell_count && !interrupt_requested; c++) {
        if (plan->cells[c].skip_reason[0] || plan->cells[c].is_control ||
            is_done(passes->has_syscalls, c))
            continue;
        progress_before(passes->progress, "system calls", &plan->cells[c]);
        if (run_syscalls(passes, &plan->cells[c], err))
            return -1;
    }
    if (!interrupt_requested)
        progress_pass(passes->progress, "system calls");
    return 0;
}

/* Runs one block and reports how long it took. */
static int run_timed_block(struct passes *passes, enum trial_pass pass, uint64_t block,
                           uint64_t done, const char *name, struct err *err)
{
    uint64_t start_ns = clock_ns();
    if (run_block(passes, pass, block, passes->plan->blocks - done, name, err))
        return -1;
    const bool is_known = pass == TRIAL_WARM && done > 0; /* what a block takes */
    if (passes->after_block && !interrupt_requested && !is_known)
        return passes->after_block(passes->after_block_arg, done, seconds_since(start_ns),
                                   err);
    return 0;
}

int passes_run(struct passes *passes, struct err *err)
{
    const uint64_t first = passes->first_block;
    if (!passes->skips_warm &&
        run_timed_block(passes, TRIAL_WARM, 0, first, "warm-up", err))
        return -1;
    for (uint64_t b = first; b < passes->plan->blocks && !interrupt_requested; b++) {
        char name[48];
        (void)snprintf(name, sizeof name, "block %" PRIu64 "/%" PRIu64, b + 1,
                       passes->plan->blocks);
        if (run_timed_block(passes, TRIAL_TIMED, b, b + 1, name, err))
            return -1;
    }
    if (!interrupt_requested && run_memory_passes(passes, err))
        return -1;
    return interrupt_requested || !passes->syscalls ? 0 : run_syscalls_pass(passes, err);
}
