/* estimate_json: an estimate in the form that a metric has in cell.summary. */
#ifndef ANALYSIS_ESTIMATE_JSON_H
#define ANALYSIS_ESTIMATE_JSON_H

#include "analysis/stats.h"

#include <jansson.h>

/* {median, low, high, coverage, n, reason}; what is not known is null. reason: why, or
 * NULL. New. */
json_t *estimate_json(const struct stats_estimate *estimate, const char *reason);

#endif
