/* estimate: how long a plan will take, by a simple model. */
#ifndef HARNESS_ESTIMATE_H
#define HARNESS_ESTIMATE_H

#include "harness/plan/plan.h"

#include <stdbool.h>
#include <stdint.h>

/* Seconds one trial of the cell is expected to take, from a simple model: waves x delay +
 * requests x cost + start-up; in an open loop at least until all have arrived. */
double estimate_trial_seconds(const struct plan_cell *cell);

/* The same for one memory pass of the cell. */
double estimate_memory_seconds(const struct plan_cell *cell);

/* How many memory passes the cell has: limits.memory_passes, a control none. */
uint64_t estimate_memory_passes(const struct plan_cell *cell);

/* Whether the warm block has a trial of the cell: not when it is expected to take longer
 * than the limit. */
bool estimate_is_warmed(const struct plan *plan, const struct plan_cell *cell);

/* Seconds of the whole run: warm block, timed blocks, memory pass. */
double estimate_seconds(const struct plan *plan);

#endif
