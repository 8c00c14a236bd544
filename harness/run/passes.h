/* passes: the warm block, the timed blocks and the memory pass of a run. */
#ifndef HARNESS_PASSES_H
#define HARNESS_PASSES_H

#include "common/journal.h"
#include "harness/plan/plan.h"
#include "harness/run/progress.h"
#include "harness/trial/trial.h"

/* An invalid or disturbed trial is repeated in its block at most this often ... */
#define PASSES_RETRIES 2

/* ... and for a disturbance only one in this many trials. */
#define PASSES_DISTURBED_PART UINT64_C(5)

struct passes {
    const struct plan *plan; /* borrowed, as all of these */
    const struct trial_context *context;
    struct journal *journal;
    struct progress *progress;
    uint64_t trials_invalid;                 /* counted here: no valid attempt */
    uint64_t timed_done, disturbed_repeated; /* counted here */
    bool syscalls; /* also count system calls, after the memory pass */
    /* In a resumed run, the blocks before this one are done, and the warm one is not
     * needed; how many memory passes each cell has had, and the cells whose system calls
     * are known, or NULL. */
    uint64_t first_block;
    bool skips_warm;
    const uint64_t *memory_done;
    const bool *has_syscalls;
    /* after each block, `done` timed ones so far (0: the warm one was the last), which
       took block_s; may change plan->blocks and stop cells. NULL: not called */
    int (*after_block)(void *arg, uint64_t done, double block_s, struct err *err);
    void *after_block_arg;
};

/* One trial of the cell. */
struct trial_request passes_request(const struct plan_cell *cell, enum trial_pass pass);

/* Runs everything and appends it to the journal. Stops early, without error, when
 * interrupt_requested is set; the trial that it interrupted is not kept: it says nothing
 * about its cell. An error is one of the harness itself (journal, launcher). */
int passes_run(struct passes *passes, struct err *err);

#endif
