/* pace.c: see pace.h. */
#include "harness/run/pace.h"

#include "common/clock.h"
#include "harness/plan/budget.h"
#include "harness/run/settle.h"

/* Each block improves the estimate of what a block takes. */
static void fit_budget(struct pace *pace, uint64_t done, double block_s)
{
    struct run *run = pace->run;
    const double spent_s = (double)(clock_ns() - pace->started_ns) * 1e-9;
    pace->timed_s += done > 0 ? block_s : 0;
    const double expected_s = done > 0 ? pace->timed_s / (double)done : block_s;
    run->plan->blocks = budget_blocks(run->plan, run->options.budget_s - spent_s,
                                      expected_s, done, run->options.blocks);
}

/* Without the scenarios that have stopped a block is shorter; the time of those so far is
 * counted as if they had been. */
static int look(struct pace *pace, uint64_t done, struct err *err)
{
    const double before_s = progress_block_seconds(pace->progress);
    if (settle_look(pace->run, pace->journal, done, err))
        return -1;
    if (before_s > 0)
        pace->timed_s *= progress_block_seconds(pace->progress) / before_s;
    return 0;
}

int pace_after_block(void *arg, uint64_t done, double block_s, struct err *err)
{
    struct pace *pace = arg;
    struct run *run = pace->run;
    if (run->options.budget_s > 0)
        fit_budget(pace, done, block_s);
    if (run->options.is_until_settled && done > 0 && look(pace, done, err))
        return -1;
    progress_replan(pace->progress, run->plan->blocks - done);
    return 0;
}
