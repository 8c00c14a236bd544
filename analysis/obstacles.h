/* obstacles: why a scenario ranks no model, however clear its numbers look. */
#ifndef ANALYSIS_OBSTACLES_H
#define ANALYSIS_OBSTACLES_H

#include "analysis/ranking.h"

/* A new array of all reasons that there are, empty when models may be ranked, in this
 * order: a trial of any cell or control of the scenario stayed invalid; it counts
 * failures; of a cell that is ranked, or the baseline that it is compared with, the
 * origin's CPU was the limit or an open loop's trial has too few requests; a control
 * differed from itself; more than half of the trials that count in a cell were disturbed;
 * no cell has any. Each is an object as docs/results.md has it. */
json_t *obstacles_find(const struct ranking *ranking);

#endif
