/* settle: what `--until settled` adds to a run. After some of its blocks
 * (analysis/looks.h) it reads its own journal as a reader would, and stops measuring the
 * scenarios whose comparisons are settled, or hopeless; the journal says so in a line:
 *
 *   {"type": "stopped", "scenario": NAME, "blocks": 10, "why": "settled"}
 *
 * Nothing is measured meanwhile. */
#ifndef HARNESS_SETTLE_H
#define HARNESS_SETTLE_H

#include "common/journal.h"
#include "harness/run/run.h"

/* The time that such a run has when the command line says none; more where the blocks of
 * the preset take longer. */
#define SETTLE_BUDGET_S 180

/* The most blocks that it makes unless the command line says another number. */
#define SETTLE_BLOCKS 64

/* Sets the budget and the most blocks of a new run from its plan, which has the preset's
 * blocks or those of the command line. */
void settle_plan(struct run *run);

/* Looks, if a look is due after so many blocks, and stops what has come to its end. */
int settle_look(struct run *run, struct journal *journal, uint64_t done, struct err *err);

/* Says of the scenarios that are still measured that their blocks, or the time, have come
 * to their end. Nothing when the run is interrupted. */
int settle_end(struct run *run, struct journal *journal, struct err *err);

/* Stops the scenarios of the plan that the lines of a journal say have stopped. */
void settle_again(struct plan *plan, const json_t *lines);

#endif
