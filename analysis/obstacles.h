/* obstacles: why a scenario ranks no model, however clear its numbers look. */
#ifndef ANALYSIS_OBSTACLES_H
#define ANALYSIS_OBSTACLES_H

#include "analysis/contest.h"

/* Sets the contest's obstacle and advice to the first that there is, in this order: a
 * trial of any cell or control of the scenario stayed invalid; it counts failures; of a
 * cell that is ranked, or the baseline that it is compared with, the origin's CPU was the
 * limit or an open loop's trial has too few requests; a control differed from itself;
 * more than half of the trials that count in a cell were disturbed; no cell has any. */
void obstacles_find(struct contest *contest);

#endif
