/* resample: how far a merged percentile could lie off, by resampling whole trials.
 *
 * The requests of one trial share its luck, so they are not what is drawn again: trials
 * are. A resample draws n of the n trials with replacement, adds up their histograms and
 * reads the percentile; of RESAMPLE_COUNT such values the middle 95 % are the interval.
 * The draws come from a fixed seed: the same trials give the same interval. Source: Efron
 * and Tibshirani, "An Introduction to the Bootstrap", 1993 (percentile interval, cluster
 * resampling). It is approximate, as every interval of this kind, and too narrow for few
 * trials; below RESAMPLE_TRIALS_MIN none is given. */
#ifndef ANALYSIS_RESAMPLE_H
#define ANALYSIS_RESAMPLE_H

#include "analysis/metrics.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define RESAMPLE_COUNT      2000
#define RESAMPLE_TRIALS_MIN 6

struct resample; /* the trials' histograms, packed */

struct resample_interval {
    bool is_known; /* low and high are numbers: enough trials, none in the overflow */
    double low_ns, high_ns;
};

/* The `times` of n result documents of runners, borrowed for the call. Never NULL; free
 * with resample_free. */
struct resample *resample_new(const json_t *const *documents, size_t n,
                              enum metrics_times times);

/* Fills one interval for each of the count quantiles (0 .. 1). */
void resample_quantiles(const struct resample *trials, const double *quantiles,
                        size_t count, struct resample_interval *out_intervals);

void resample_free(struct resample *trials); /* NULL-safe */

/* Puts p50_low, p50_high, p90_..., p99_... and interval_reason into object, which has the
 * merged p50, p90 and p99; null where the percentile is. No bound lies beyond object's
 * exact min and max, where it has them. trials are n trial objects. */
void resample_put(json_t *object, const json_t *const *trials, size_t n,
                  enum metrics_times times);

#endif
