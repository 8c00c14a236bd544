/* pace: how many blocks a run makes, decided anew after each of them: by the time
 * (budget.h) and, until settled, by what was found (settle.h). */
#ifndef HARNESS_PACE_H
#define HARNESS_PACE_H

#include "common/journal.h"
#include "harness/run/progress.h"
#include "harness/run/run.h"

struct pace {
    struct run *run; /* borrowed, as are these two */
    struct progress *progress;
    struct journal *journal;
    uint64_t started_ns;
    double timed_s; /* of the timed blocks so far */
};

/* passes.after_block of a run with a budget, or until settled; arg is its struct pace. */
int pace_after_block(void *arg, uint64_t done, double block_s, struct err *err);

#endif
