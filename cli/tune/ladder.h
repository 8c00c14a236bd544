/* ladder: the numbers of workers that tune tries, and how long their trials are.
 *
 * The ladder is 1, 2, 3, 4, 6, 8, 12, ... 4,096: powers of two and what lies between
 * them. A search climbs the powers of two and looks between them near the knee, so its
 * answer is right to a factor of 1.5, the finest that a noisy machine repeats. Every
 * model has the same ladder, which fits into one scenario's list of concurrencies. */
#ifndef CLI_TUNE_LADDER_H
#define CLI_TUNE_LADDER_H

#include "harness/plan/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "1,2,3,4,6,...": the whole ladder, for the concurrency of a scenario; static. */
const char *ladder_text(void);

/* Whether it is a power of two. */
bool ladder_is_coarse(uint64_t concurrency);

/* The requests of a trial of about `seconds` at that rate (requests/s; 0: not known, then
 * the plan's estimate says). At least four for each worker, so that neither the first
 * connections nor the last answers decide. cell is borrowed, its requests do not matter.
 * In an open loop as many as arrive in that time, but 1,000 for a 99 % response time. */
uint64_t ladder_requests(const struct plan_cell *cell, double rate_per_s, double seconds);

#endif
