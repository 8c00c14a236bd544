/* load_index: the indexes of load_cell and load_comparison, sorted once, so that the time
 * for a document of many cells grows only with its size. */
#ifndef REPORT_LOAD_INDEX_H
#define REPORT_LOAD_INDEX_H

#include "report/data/load.h"

/* Sorts what load.c has read, finds the cells that are drawn across and the range of the
 * others, and fills in the quotients that older files lack. */
void load_index(struct results *results);

void load_index_done(struct results *results); /* zeroed is fine */

/* The cell of a model at a concurrency, or its level cell; NULL when there is none. */
const struct cell *load_cell(const struct scenario *scenario, const char *model,
                             uint64_t concurrency);

/* The shown part of a comparison: the quotient of the medians, and the paired estimate.
 */
struct factor load_factor(const struct comparison *comparison);

/* The comparison of a cell of scenario with the scenario's baseline, or NULL. */
const struct comparison *load_comparison(const struct results *results,
                                         const struct scenario *scenario,
                                         const struct cell *cell, enum metric_id metric);

/* `tune` of the results, where a search for the number of workers in this scenario was
 * confirmed; else NULL. */
const json_t *load_tune(const struct results *results, const struct scenario *scenario);

/* The metric's key, name and unit in this scenario: the table's, or of its headline the
 * scenario's own. */
const struct metric_spec *load_spec(const struct scenario *scenario, enum metric_id id);

/* The metric with this key in this scenario; METRIC_HEADLINE for one that no table has.
 */
enum metric_id load_metric(const struct scenario *scenario, const char *key);

/* The metric's name with the scenario's noun for a request: "CPU per query". */
struct text load_name(const struct scenario *scenario, enum metric_id id);

#endif
