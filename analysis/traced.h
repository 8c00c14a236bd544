/* traced: what the trace of a cell's warm trial says, for whoever draws time. */
#ifndef ANALYSIS_TRACED_H
#define ANALYSIS_TRACED_H

#include <jansson.h>

/* The object cell.trace of docs/results.md from a warm trial, new. */
json_t *traced_of(const json_t *trial);

#endif
