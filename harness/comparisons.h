/* comparisons: ratios between models, paired by block, with exact intervals and a verdict
 * word each (docs/results.md). */
#ifndef HARNESS_COMPARISONS_H
#define HARNESS_COMPARISONS_H

#include "harness/cells.h"

/* A relative difference below this is taken as none. */
#define COMPARISONS_DELTA 0.01

/* The array `comparisons` for the scenarios (array of objects, as in the journal): at
 * each concurrency every model against the baseline, and every other pair with the model
 * listed earlier as its baseline. New reference. */
json_t *comparisons_make(const struct cells *cells, const json_t *scenarios);

#endif
