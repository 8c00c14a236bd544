/* aggregate: from the journal to results.json. A pure function: the same journal gives
 * the same bytes, whatever the machine, the day and the locale. */
#ifndef ANALYSIS_AGGREGATE_H
#define ANALYSIS_AGGREGATE_H

#include "common/err.h"

#include <jansson.h>

/* journal is the array of its lines (journal_read). *out_results is new. EXIT_CODE_USAGE
 * when the header is not one. */
int aggregate(const json_t *journal, json_t **out_results, struct err *err);

#endif
