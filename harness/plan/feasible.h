/* feasible: whether a cell can run on this machine, known before anything runs. */
#ifndef HARNESS_FEASIBLE_H
#define HARNESS_FEASIBLE_H

#include "harness/plan/plan.h"

/* Writes why the cell cannot run into its skip_reason, which stays empty when it can: its
 * runner is missing, or what its requests in flight need at once is more than the limits
 * allow, by what the runner says of itself. Needs are for the runner, and where both
 * count (memory, ports) for the origin too. */
void feasible_check(struct plan_cell *cell, const struct host_limits *limits);

#endif
