/* load_cell: one element of results.json's cells, checked. */
#ifndef REPORT_LOAD_CELL_H
#define REPORT_LOAD_CELL_H

#include "report/data/load.h"

/* Reads json (borrowed; its strings are borrowed by the cell) into a zeroed cell. at is
 * its path in the document, headline the key of METRIC_HEADLINE. Errors: EXIT_CODE_USAGE. load_cell_done is due either way. */
int load_cell_read(const json_t *json, const char *at, const char *headline,
                   struct cell *out_cell, struct err *err);

void load_cell_done(struct cell *cell);

/* A number or null (NaN) under key; absent is as null. */
int load_number(const json_t *object, const char *at, const char *key, double *out_value,
                struct err *err);

#endif
