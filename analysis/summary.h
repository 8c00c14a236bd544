/* summary: cell.summary of docs/results.md from the valid trials of a cell. */
#ifndef ANALYSIS_SUMMARY_H
#define ANALYSIS_SUMMARY_H

#include "analysis/cells.h"

/* The summary of a cell with at least one valid trial; memory is cell.memory and counters
 * cell.counters, or NULL. New reference. */
json_t *summary_make(const struct cell *cell, const json_t *memory,
                     const json_t *counters, const struct metric_context *context);

/* One metric of the summary that summary_make makes, in the same form {median, low, high,
 * coverage, n, reason}. New reference. */
json_t *summary_metric(const struct cell *cell, const struct metric *metric,
                       const struct metric_context *context);

/* The number of that metric, or of a quotient, without its interval: a hundred times
 * sooner for percentiles. NaN without one. */
double summary_number(const struct cell *cell, const struct metric *metric,
                      const struct metric_context *context);

/* The number that a summary (NULL: none) shows for a metric: its median; for
 * latency_p50_ns and latency_p99_ns the percentile of the merged histogram. NaN without
 * one, and the reason in *out_reason (unless that is NULL), borrowed or static. */
double summary_value(const json_t *summary, const char *metric, const char **out_reason);

#endif
