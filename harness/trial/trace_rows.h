/* trace_rows: the tables that a runner writes with --trace (docs/runner-contract.md). */
#ifndef HARNESS_TRACE_ROWS_H
#define HARNESS_TRACE_ROWS_H

#include "common/err.h"

#include <jansson.h>
#include <stddef.h>

/* How many rows of a trial's trace are kept where it is shown, and elsewhere. */
#define TRACE_ROWS_KEPT 2000
#define TRACE_ROWS_FEW  200

/* Checks the tables of a result document, which need not be there. EXIT_CODE_USAGE. */
int trace_rows_check(const json_t *document, struct err *err);

/* Leaves at most `kept` rows (2 or more) in each table of a checked document: the first
 * half of them as they came, and of the others one from each of as many equal parts. The
 * same requests remain in all tables. */
void trace_rows_thin(json_t *document, size_t kept);

#endif
