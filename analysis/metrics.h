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

/* What is done with a metric, what it can be divided by, and which way is better: less,
 * unless a flag says otherwise. */
enum metric_flag {
    METRIC_SUMMARISED = 1 << 0, /* from all trials, as a key of cell.summary */
    METRIC_COMPARED = 1 << 1,   /* gets ratios in every scenario */
    METRIC_PER_TRIAL = 1 << 2,  /* compares only cells with equal requests */
    METRIC_OPEN_LOOP = 1 << 3,  /* means something only in an open loop */
    METRIC_ONCE = 1 << 4,       /* of the memory pass, one for each cell; no of_trial */
    METRIC_PERCENTILE = 1 << 5, /* a cell has it from the merged histogram */
    METRIC_TASK = 1 << 6,       /* of the trials of one task alone */
    METRIC_MORE = 1 << 7,       /* more is better */
    METRIC_NEUTRAL = 1 << 8,    /* neither is better */
    METRIC_BY_REQUEST = 1 << 9, /* may be divided by the requests, ... */
    METRIC_BY_WORKER = 1 << 10, /* ... by what is in flight, ... */
    METRIC_BY_TURN = 1 << 11,   /* ... by the turns of a request of task switch, ... */
    METRIC_BY_FURTHER = 1 << 12 /* ... or may be the price of one more worker (price.h) */
};

/* What a metric is divided by. */
enum metric_per {
    METRIC_WHOLE,
    METRIC_REQUEST,
    METRIC_WORKER,
    METRIC_TURN,
    METRIC_FURTHER /* no quotient: the slope over the number of workers */
};

struct metric {
    const char *name; /* with its unit */
    double (*of_trial)(
        const struct metric *metric, const json_t *trial,
        const struct metric_context *context); /* NaN: this trial has none */
    unsigned flags;                            /* enum metric_flag */
    double
        resolution; /* relative: what lies nearer than this may be one value; 0: exact */
    const struct metric *base; /* of a quotient: what is divided; else NULL */
    enum metric_per per;
    double turns; /* of a request, for METRIC_TURN */
};

/* The resolution of a percentile, which is known by its bucket (common/hist.h): two equal
 * ones may fall into neighbouring buckets, whose middles are up to 1/64 apart. */
#define METRICS_RESOLUTION 0.016

extern const struct metric metrics_table[];
extern const size_t metrics_count;

/* The metric's row, or NULL. */
const struct metric *metrics_find(const char *name);

/* The word in a scenario file: "request", "worker", "turn", "further_worker"; NULL for
 * METRIC_WHOLE. */
const char *metrics_per_word(enum metric_per per);

/* Whether the metric can be divided by that. */
bool metrics_divides(const struct metric *metric, enum metric_per per);

/* What the metric of a cell with so many requests, so many at a time, is divided by. */
double metrics_divisor(const struct metric *metric, double requests, double concurrency);

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
