/* expect: what theory predicts for a scenario, as inequalities that can be checked.
 *
 *   {"says": "32 at once wait together", "metric": "throughput_per_s",
 *    "model": "threads", "concurrency": 32, "to": "sequential", "at_least": 8}
 *
 * is: the median of threads at 32, over that of sequential, is at least 8. Without "to"
 * and "to_concurrency" the bounds are those of the median itself. Predictions are read
 * here and judged in expect_judge.h. docs/scenarios.md has every key. */
#ifndef HARNESS_EXPECT_H
#define HARNESS_EXPECT_H

#include "common/err.h"
#include "harness/plan/scenario.h"

#define EXPECT_MAX 96 /* of a scenario, written out */

/* Checks "expect" of s->json, if it is there, and writes it out: an entry for each model
 * of a list, numbers for "highest", both sides of a ratio in full. The rest of s has to
 * be filled in. EXIT_CODE_USAGE with the path inside the scenario. */
int expect_read(struct scenario *s, struct err *err);

/* Checks that every cell in a prediction is one of the scenario's. This is for a scenario
 * as its file has it, since the command line may leave some out. EXIT_CODE_USAGE. */
int expect_check_cells(const struct scenario *s, struct err *err);

#endif
