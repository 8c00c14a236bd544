/* quick: what `--preset quick` makes of a scenario and of a plan, so that each scenario
 * takes about QUICK_SCENARIO_S on 2 CPUs: a look, not a verdict.
 *
 *   - A scenario may list smaller values under "quick" (docs/scenarios.md).
 *   - A trial of more than QUICK_WARM_S has no warm one, because a cold start (a program
 *     that is not in memory yet) is a small part of it.
 *   - There are QUICK_BLOCKS blocks, or as many as fit where these take too long. */
#ifndef HARNESS_QUICK_H
#define HARNESS_QUICK_H

#include "common/err.h"
#include "harness/plan/plan.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define QUICK_NAME         "quick"
#define QUICK_BLOCKS       4
#define QUICK_BLOCKS_LEAST 2
#define QUICK_SCENARIO_S   20
#define QUICK_WARM_S       2

/* Takes the key "quick" out of a scenario's json and, with wanted, puts its values in the
 * place of the scenario's: objects key by key, all else as a whole. EXIT_CODE_USAGE when
 * it is not an object. */
int quick_take(json_t *json, bool is_wanted, struct err *err);

/* Shortens the plan to fit the time of that many scenarios. Its blocks stay when
 * blocks_given. */
void quick_fit(struct plan *plan, size_t scenario_count, bool has_blocks);

#endif
