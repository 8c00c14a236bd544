/* cell_memory: what the memory passes of a cell say, as metrics. */
#ifndef ANALYSIS_CELL_MEMORY_H
#define ANALYSIS_CELL_MEMORY_H

#include "analysis/cells.h"

/* tree_memory_bytes of cell.summary: the median of the passes, with its interval from 6
 * on. memory is cell.memory, or NULL. New. */
json_t *cell_memory_json(const struct cell *cell, const json_t *memory);

/* The same for the price of one more worker (price.h). New. */
json_t *cell_memory_further(const struct cell *cell);

/* The number of a metric of the memory pass: whole, divided, or the price of one more
 * worker; NaN without one. */
double cell_memory_value(const struct cell *cell, const struct metric *metric);

#endif
