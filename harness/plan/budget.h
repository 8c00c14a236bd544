/* budget: how many blocks a given time has room for (`--budget 5m`).
 *
 * The first choice comes from the plan's estimate, so that it can be shown before
 * anything runs. Later ones come from what the blocks really take, after the warm one and
 * after each of the others (a repeated trial costs time). Only time decides, never what
 * was measured. Fewer blocks cost precision, never validity: the design stays balanced
 * block by block. */
#ifndef HARNESS_BUDGET_H
#define HARNESS_BUDGET_H

#include "common/err.h"
#include "harness/plan/plan.h"

#include <stddef.h>
#include <stdint.h>

/* Fewer make no medians worth drawing. */
#define BUDGET_BLOCKS_MIN 4

/* "90s", "5m", "1h30m" or, as it is printed, "6 min 30 s", as seconds, 1 s to 7 days.
 * EXIT_CODE_USAGE. */
int budget_parse(const char *text, double *out_seconds, struct err *err);

/* Blocks in all, the done ones included, when left_s are left, one takes block_s and the
 * memory pass has to fit as well: BUDGET_BLOCKS_MIN (or wanted, if that is fewer) to
 * wanted, and never fewer than done. */
uint64_t budget_blocks(const struct plan *plan, double left_s, double block_s,
                       uint64_t done, uint64_t wanted);

/* The same before anything ran, the warm block included. */
uint64_t budget_blocks_expected(const struct plan *plan, double budget_s,
                                uint64_t wanted);

/* What the choice gives up, as one line: "budget 5 min: 7 of 12 blocks, ...". sd is that
 * of the paired log ratios on this machine and margin its margin, or NaN when they were
 * not measured. */
void budget_explain(const struct plan *plan, double budget_s, uint64_t wanted, double sd,
                    double margin, char *out_text, size_t size);

#endif
