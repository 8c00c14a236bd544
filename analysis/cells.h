/* cells: the trials of a journal, sorted into the cells of its plan, with their
 * summaries. */
#ifndef ANALYSIS_CELLS_H
#define ANALYSIS_CELLS_H

#include "analysis/headline.h"
#include "analysis/stats.h"
#include "common/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define CELLS_PASSES_MAX 24 /* memory passes of a cell */

struct cell {
    json_t *json; /* borrowed from cells.list or .controls: the object of results.json */
    const char *scenario, *model;
    const struct headline *headline; /* of its scenario; borrowed from cells */
    bool is_control;                 /* the model once more, compared with itself alone */
    json_int_t concurrency, requests;
    double memory_bytes;             /* median of the memory passes; NaN without one */
    double passes[CELLS_PASSES_MAX]; /* of each pass; NaN where it failed */
    size_t pass_count;
    struct stats_estimate further; /* memory of one more worker, by the cells of the model
                                    * that have fewer; value NaN where there is none */
    const char *memory_source; /* borrowed from json; "" or NULL when it is not known */
    size_t n;             /* timed trials that count, at most one a block (blocks.h) */
    const json_t **valid; /* owned array; borrowed trials, ascending in block */
};

struct cells {
    json_t *list;     /* owned: cells of results.json */
    json_t *controls; /* owned: the A/A cells, apart, so that none is ranked */
    struct cell *items;
    size_t count;
    struct headline *headlines; /* owned: one for each scenario */
    struct metric_context context;
    json_int_t trials_run, trials_invalid;
};

/* Sorts the journal (an array of its objects, header first) into cells and summarises
 * them. EXIT_CODE_USAGE when the header does not have the form of docs/results.md.
 * *out_cells must be given to cells_done. */
int cells_make(const json_t *journal, struct cells *out_cells, struct err *err);

/* The cell, or NULL. Never a control. */
const struct cell *cells_find(const struct cells *cells, const char *scenario,
                              const char *model, json_int_t concurrency);

void cells_done(struct cells *cells); /* zeroed is fine */

#endif
