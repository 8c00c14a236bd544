/* comparisons: ratios between models, paired by block, with exact intervals and a verdict
 * word each (docs/results.md). */
#ifndef ANALYSIS_COMPARISONS_H
#define ANALYSIS_COMPARISONS_H

#include "analysis/cells.h"
#include "analysis/margin.h"

/* A relative difference below this counts as none, unless the run says otherwise. */
#define COMPARISONS_MARGIN MARGIN_DEFAULT

/* The largest margin at which `same` means something. */
#define COMPARISONS_COARSE 0.10

/* How many blocks of the scenario there are: one more than the last one's number. */
size_t comparisons_blocks(const struct cells *cells, const char *scenario);

/* The array `comparisons` for the scenarios (array of objects, as in the journal): at
 * each concurrency every model against the baseline, and every other pair with the model
 * listed earlier as its baseline. run (or NULL) has the deltas. New reference. */
json_t *comparisons_make(const struct cells *cells, const json_t *scenarios,
                         const json_t *run);

/* Puts `comparisons` into each control's object: its model against itself. Holm's
 * correction runs over all of them together, so that at most one run in twenty is
 * rejected on a machine that is in order. */
void comparisons_put_controls(const struct cells *cells, const json_t *run);

#endif
