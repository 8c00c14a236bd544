/* expect_trials: the metrics of a prediction that are not in a cell's summary but in the
 * documents of its trials.
 *
 *   trace_order   the share of the trials in whose trace (docs/runner-contract.md,
 *                 --trace) events come in a given order: "A starts, B starts, B ends ..."
 *   failed_ratio  the share of requests that failed, the median of the trials */
#ifndef ANALYSIS_EXPECT_TRIALS_H
#define ANALYSIS_EXPECT_TRIALS_H

#include "common/err.h"

#include <jansson.h>
#include <stdbool.h>

#define EXPECT_TRACE  "trace_order" /* the metric, and the key with the order */
#define EXPECT_FAILED "failed_ratio"

/* Checks that a prediction has the key trace_order with the metric of that name, and
 * with no other. EXIT_CODE_USAGE with the path at. */
int expect_trace_check(const json_t *item, const char *at, const char *metric,
                       struct err *err);

/* The value of item's metric, one of the two, in this cell. NaN and *out_reason when
 * there is no valid trial, or one without the value. */
double expect_trials_value(const json_t *cell, const json_t *item, const char *metric,
                           const char **out_reason);

/* Whether metric is one of the two. */
bool expect_trials_knows(const char *metric);

/* "start 0, start 1, end 1, end 0"; new string of json. */
json_t *expect_trace_words(const json_t *order);

#endif
