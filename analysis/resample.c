/* resample.c: see resample.h. What makes it fast: only buckets that any trial has are
 * kept, each trial as running sums, so that a percentile of a resample is a binary search
 * with n additions per step instead of a merge of n histograms. */
#include "analysis/resample.h"

#include "analysis/stats.h"
#include "common/cleanup.h"
#include "common/hist.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define SEED      UINT64_C(19930601)
#define STREAM    1
#define TAIL_EACH 0.025

struct resample {
    size_t n, width;   /* trials; buckets in use, and one more for the overflow */
    double *middles;   /* width: the midpoint of each bucket; the last is the limit */
    uint64_t *running; /* [width][n]: values of trial t in buckets 0 .. b */
};

/* The buckets that any of the histograms uses, ascending; returns how many. */
static size_t used_buckets(const struct hist *hists, size_t n, size_t *out_buckets)
{
    size_t count = 0;
    for (size_t b = 0; b < HIST_BUCKETS; b++) {
        bool is_used = false;
        for (size_t t = 0; t < n && !is_used; t++)
            is_used = hists[t].counts[b] > 0;
        if (is_used)
            out_buckets[count++] = b;
    }
    return count;
}

static void fill(struct resample *r, const struct hist *hists, const size_t *buckets)
{
    for (size_t i = 0; i + 1 < r->width; i++) {
        uint64_t low = hist_lower_edge_ns(buckets[i]);
        uint64_t middle = (low + hist_lower_edge_ns(buckets[i] + 1) - 1) / 2;
        r->middles[i] = (double)middle;
        for (size_t t = 0; t < r->n; t++)
            r->running[i * r->n + t] =
                hists[t].counts[buckets[i]] + (i ? r->running[(i - 1) * r->n + t] : 0);
    }
    r->middles[r->width - 1] = (double)HIST_LIMIT_NS;
    for (size_t t = 0; t < r->n; t++)
        r->running[(r->width - 1) * r->n + t] = hist_count(&hists[t]);
}

struct resample *resample_new(const json_t *const *documents, size_t n,
                              enum metrics_times times)
{
    size_t buckets[HIST_BUCKETS];
    AUTO_FREE struct hist *hists = memory_calloc(n + 1, sizeof *hists);
    for (size_t t = 0; t < n; t++)
        metrics_merge_times(documents[t], times, &hists[t]);
    struct resample *r = memory_calloc(1, sizeof *r);
    r->n = n;
    r->width = used_buckets(hists, n, buckets) + 1;
    r->middles = memory_calloc(r->width, sizeof *r->middles);
    r->running = memory_calloc(r->width * (n + 1), sizeof *r->running);
    fill(r, hists, buckets);
    return r;
}

/* Values of the resample in buckets 0 .. bucket, trial t drawn times[t] times. */
static uint64_t seen(const struct resample *r, const uint64_t *times, size_t bucket)
{
    const uint64_t *row = &r->running[bucket * r->n];
    uint64_t sum = 0;
    for (size_t t = 0; t < r->n; t++)
        sum += times[t] * row[t];
    return sum;
}

/* As hist_quantile_ns of the merged histogram. */
static double quantile(const struct resample *r, const uint64_t *times, double q)
{
    double wanted = ceil(q * (double)seen(r, times, r->width - 1));
    uint64_t rank = wanted < 1 ? 1 : (uint64_t)wanted;
    size_t low = 0, high = r->width - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (seen(r, times, middle) >= rank)
            high = middle;
        else
            low = middle + 1;
    }
    return r->middles[low];
}

static void draw(struct rng *rng, size_t n, uint64_t *out_times)
{
    for (size_t t = 0; t < n; t++)
        out_times[t] = 0;
    for (size_t t = 0; t < n; t++)
        out_times[rng_below(rng, n)]++;
}

void resample_quantiles(const struct resample *trials, const double *quantiles,
                        size_t count, struct resample_interval *out_intervals)
{
    const size_t cut = (size_t)(TAIL_EACH * RESAMPLE_COUNT);
    bool is_enough = trials->n >= RESAMPLE_TRIALS_MIN;
    AUTO_FREE uint64_t *times = memory_calloc(trials->n + 1, sizeof *times);
    AUTO_FREE double *values = memory_calloc(count * RESAMPLE_COUNT + 1, sizeof *values);
    struct rng rng = rng_for(SEED, STREAM, trials->n);
    for (size_t i = 0; i < RESAMPLE_COUNT && is_enough; i++) {
        draw(&rng, trials->n, times);
        for (size_t q = 0; q < count; q++)
            values[q * RESAMPLE_COUNT + i] = quantile(trials, times, quantiles[q]);
    }
    for (size_t q = 0; q < count; q++) {
        double *sorted = &values[q * RESAMPLE_COUNT];
        stats_sort(sorted, is_enough ? RESAMPLE_COUNT : 0);
        double high = sorted[RESAMPLE_COUNT - 1 - cut];
        bool is_known = is_enough && high < (double)HIST_LIMIT_NS;
        out_intervals[q] = (struct resample_interval){is_known, sorted[cut], high};
    }
}

void resample_free(struct resample *trials)
{
    if (!trials)
        return;
    free(trials->middles);
    free(trials->running);
    free(trials);
}

static void put_bound(json_t *object, const char *percentile, const char *end,
                      double value)
{
    char key[16];
    (void)snprintf(key, sizeof key, "%s_%s", percentile, end);
    json_put(object, key, isfinite(value) ? json_uint((uint64_t)value) : json_null());
}

void resample_put(json_t *object, const json_t *const *trials, size_t n,
                  enum metrics_times times)
{
    static const char *const keys[] = {"p50", "p90", "p99"};
    static const double quantiles[] = {.5, .9, .99};
    struct resample_interval intervals[3];
    char reason[100] = "";
    const double min = json_number_of(object, "min"); /* NaN, if unknown, is dropped */
    const double max = json_number_of(object, "max");
    AUTO_FREE const json_t **documents = memory_calloc(n + 1, sizeof *documents);
    for (size_t i = 0; i < n; i++)
        documents[i] = json_object_get(trials[i], "document");
    struct resample *r = resample_new(documents, n, times);
    resample_quantiles(r, quantiles, 3, intervals);
    resample_free(r);
    for (size_t i = 0; i < 3; i++) {
        double value = json_number_of(object, keys[i]);
        bool is_known = isfinite(value) && intervals[i].is_known;
        double low = fmax(fmin(value, intervals[i].low_ns), min);
        double high = fmin(fmax(value, intervals[i].high_ns), max);
        put_bound(object, keys[i], "low", is_known ? low : (double)NAN);
        put_bound(object, keys[i], "high", is_known ? high : (double)NAN);
    }
    if (n < RESAMPLE_TRIALS_MIN)
        (void)snprintf(reason, sizeof reason, "%zu trials; resampling them needs %d", n,
                       RESAMPLE_TRIALS_MIN);
    json_put(object, "interval_reason", *reason ? json_string(reason) : json_null());
}
