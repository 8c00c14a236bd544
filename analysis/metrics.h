/* metrics: the one table of what is computed from a trial. It drives the summaries of the
 * cells and the comparisons; adding a metric is adding a line. */
#ifndef ANALYSIS_METRICS_H
#define ANALYSIS_METRICS_H

#include "common/hist.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* What a metric may need beside the trial. */
struct metric_context {
    double origin_threads; /* NaN when the origin is not ours */
};

struct metric {
    const char *name; /* with its unit */
    double (*of_trial)(
        const struct metric *metric, const json_t *trial,
        const struct metric_context *context); /* NaN: this trial has none */
    bool summarised; /* from all trials, as a key of cell.summary */
    bool compared;   /* gets ratios */
    bool per_trial;  /* means something only between cells with equal requests */
    bool open_loop;  /* means something only in an open loop */
    bool once;       /* one value for each cell, from the memory pass; no of_trial */
    double
        resolution; /* relative: what lies nearer than this may be one value; 0: exact */
};

/* The resolution of a percentile, which is known by its bucket (common/hist.h): two equal
 * ones may fall into neighbouring buckets, whose middles are up to 1/64 apart. */
#define METRICS_RESOLUTION 0.016

extern const struct metric metrics_table[];
extern const size_t metrics_count;

/* The metric's row, or NULL. */
const struct metric *metrics_find(const char *name);

/* The histograms of a runner document; the last two only in an open loop. */
enum metrics_times { METRICS_LATENCY, METRICS_RESPONSE, METRICS_LAG };

/* Adds a histogram and its overflow of a runner document to into. */
void metrics_merge_times(const json_t *document, enum metrics_times times,
                         struct hist *into);

/* Whether the trial was an open loop. */
bool metrics_is_open_loop(const json_t *trial);

/* Whether count observations put at least 10 beyond quantile q. */
bool metrics_quantile_is_supported(double count, double q);

#endif
