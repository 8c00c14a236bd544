/* compare_metric: which way a metric of a comparison is better, and whether it counts. */
#ifndef ANALYSIS_COMPARE_METRIC_H
#define ANALYSIS_COMPARE_METRIC_H

#include <stdbool.h>

/* Whether more of the metric is better. */
bool compare_metric_is_rising(const char *metric);

/* Whether being worse in the metric counts: throughput, CPU, memory, latency; not wall
 * time, which they explain. */
bool compare_metric_decides(const char *metric);

#endif
