/* compare_rows: the numbers of a comparison. Between compare.c and the statistics. */
#ifndef ANALYSIS_COMPARE_ROWS_H
#define ANALYSIS_COMPARE_ROWS_H

#include "analysis/compare/compare_file.h"

/* Compares file `index` with the base: appends to rows what docs/compare.md calls
 * comparisons, and to skipped {file, against, where, reason} for what has no counterpart
 * or not the same load. */
void compare_rows_add(const struct compare_set *set, size_t index, json_t *rows,
                      json_t *skipped);

/* Per file and cell that is compared {file, scenario, model, concurrency, requests,
 * metrics: {name: {median, low, high, coverage, n}}}. New array. */
json_t *compare_rows_cells(const struct compare_set *set);

#endif
