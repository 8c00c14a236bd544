/* price: what one more worker costs: the slope of a metric over the number of workers.
 *
 * In each block the slope is that of the straight line through the values of the cells,
 * by least squares; the price is the Hodges-Lehmann estimate over the blocks, with its
 * exact interval (stats.h). What all cells have in common, such as the program itself,
 * is not in a slope. Pure and thread-safe. */
#ifndef ANALYSIS_PRICE_H
#define ANALYSIS_PRICE_H

#include "analysis/cells.h"
#include "analysis/stats.h"

#include <stddef.h>

#define PRICE_POINTS_MAX 64 /* numbers of workers of one model */

/* The slope of the least-squares line through n points, in the unit of y for each x; NaN
 * where fewer than two x differ, or a value is not finite. */
double price_slope(const double *x, const double *y, size_t n);

/* The price over rounds, each a block or a memory pass. values[round * points + point]:
 * at workers[point]; NaN: not measured. A round counts that has all points. At most
 * STATS_N_MAX rounds. */
struct stats_estimate price_estimate(const double *workers, size_t points,
                                     const double *values, size_t rounds);

/* Memory of one more worker, from the memory passes of the cell and of those of the same
 * model that stand before it in cells, with fewer workers: the price up to here. value
 * NaN where there is none. */
struct stats_estimate price_further(const struct cells *cells, const struct cell *cell);

/* scenarios[].prices of docs/results.md: memory, and CPU. New; NULL when no model of the
 * scenario was measured with two numbers of workers. */
json_t *price_make(const struct cells *cells, const json_t *scenario);

#endif
