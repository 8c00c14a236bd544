/* summary.c: medians with exact intervals, merged latency, what bounded the cell; see
 * summary.h. Ratios between cells are comparisons.c's. */
#include "analysis/summary.h"

#include "analysis/cell_memory.h"
#include "analysis/estimate_json.h"
#include "analysis/resample.h"
#include "analysis/stats.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define BOUND_RATIO 0.9

static const double spectrum[] = {.5,   .75,   .9,    .95,    .99,    .995,
                                  .999, .9995, .9999, .99995, .99999, .999999};
static const char *const phases[] = {"dns", "connect", "tls", "first_byte"};

/* Energy is the only metric with a reason of its own in the trial. */
static const char *why_missing(const struct cell *cell, const struct metric *metric)
{
    const char *why =
        !strcmp(metric->name, "energy_per_request_uj")
            ? json_string_value(json_object_get(cell->valid[0], "energy_reason"))
            : NULL;
    return why ? why : "not measured in this cell";
}

static json_t *summarise(const struct cell *cell, const struct metric *metric,
                         const struct metric_context *context)
{
    AUTO_FREE double *values = memory_calloc(cell->n + 1, sizeof *values);
    size_t n = 0;
    for (size_t i = 0; i < cell->n; i++) {
        double value = metric->of_trial(metric, cell->valid[i], context);
        if (isfinite(value))
            values[n++] = value;
    }
    struct stats_estimate e = stats_median_estimate(values, n);
    char reason[100];
    (void)snprintf(reason, sizeof reason,
                   "%zu trial%s; an exact 95 %% interval needs at least 6", n,
                   n == 1 ? "" : "s");
    if (n == 0)
        return estimate_json(&e, why_missing(cell, metric));
    return estimate_json(&e, e.is_bounded ? NULL : reason);
}

/* Puts instructions_per_request and the like: of the whole process, from the one trial
 * that counted. Where the processor's counters were shared in turns, the part of the time
 * that was counted stands for the rest. */
static void put_counters(json_t *summary, const struct cell *cell, const json_t *counters)
{
    static const char *const names[] = {"instructions", "cycles", "cache_misses",
                                        "branch_misses"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char key[48];
        const json_t *counter = json_object_get(counters, names[i]);
        const char *why = json_string_value(json_object_get(counter, "reason"));
        const double value = json_number_of(counter, "value") /
                             json_number_of(counter, "running_ratio") /
                             (double)cell->requests;
        const struct stats_estimate e = {.value = value, .n = isfinite(value) ? 1 : 0};
        (void)snprintf(key, sizeof key, "%s_per_request", names[i]);
        if (!why)
            why = "nothing was counted: no valid warm trial";
        json_put(
            summary, key,
            estimate_json(&e, e.n ? "one counted trial per cell: no interval" : why));
    }
}

static json_t *histogram_json(const struct hist *hist)
{
    json_t *list = json_array();
    for (size_t i = 0; i < HIST_BUCKETS; i++) {
        if (hist->counts[i] == 0)
            continue;
        json_t *pair = json_array();
        json_push(pair, json_uint(hist_lower_edge_ns(i)));
        json_push(pair, json_uint(hist->counts[i]));
        json_push(list, pair);
    }
    return list;
}

/* Merged latencies of a cell: buckets, and the exact ends where known (else NaN). */
struct latency {
    struct hist hist;
    double mean, min, max;
};

/* The quantile, or null when too few observations lie beyond it or it is in the overflow.
 * A bucket's midpoint can lie outside what was seen; the exact ends hold it in. */
static json_t *quantile_json(const struct latency *l, double q)
{
    const struct hist *hist = &l->hist;
    uint64_t value = hist_quantile_ns(hist, q);
    bool is_known = metrics_quantile_is_supported((double)hist_count(hist), q) &&
                    value < HIST_LIMIT_NS;
    double held = fmin(fmax((double)value, l->min), l->max); /* these drop NaN */
    return is_known ? json_uint((uint64_t)held) : json_null();
}

static json_t *spectrum_json(const struct latency *l)
{
    json_t *list = json_array();
    if (isfinite(l->min)) {
        json_t *first = json_array();
        json_push(first, json_real(0));
        json_push(first, json_uint((uint64_t)l->min));
        json_push(list, first);
    }
    for (size_t i = 0; i < COUNT_OF(spectrum); i++) {
        json_t *value = quantile_json(l, spectrum[i]);
        if (json_is_null(value))
            break;
        json_t *pair = json_array();
        json_push(pair, json_real(spectrum[i]));
        json_push(pair, value);
        json_push(list, pair);
    }
    return list;
}

static void put_percentiles(json_t *latency, const struct latency *l)
{
    static const struct {
        const char *key;
        double q;
    } table[] = {{"p50", .5}, {"p90", .9}, {"p99", .99}, {"p999", .999}};
    char reason[120] = "";
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        json_t *value = quantile_json(l, table[i].q);
        if (json_is_null(value) && !*reason)
            (void)snprintf(
                reason, sizeof reason,
                "%s needs 10 observations beyond it (%.0f requests); there are "
                "%" PRIu64,
                table[i].key, 10 / (1 - table[i].q), hist_count(&l->hist));
        json_put(latency, table[i].key, value);
    }
    json_put(latency, "reason", *reason ? json_string(reason) : json_null());
}

/* Only the latency has its sum and minimum in the document. */
static void merge_times(const struct cell *cell, enum metrics_times times,
                        struct latency *out)
{
    static const char *const maxima[] = {[METRICS_LATENCY] = "latency_max_ns",
                                         [METRICS_RESPONSE] = "response_max_ns",
                                         [METRICS_LAG] = "lag_max_ns"};
    double sum = 0, ok = 0;
    *out = (struct latency){.min = (double)NAN, .max = (double)NAN};
    for (size_t i = 0; i < cell->n; i++) {
        const json_t *document = json_object_get(cell->valid[i], "document");
        double trial_sum = json_number_of(document, "latency_sum_ns");
        metrics_merge_times(document, times, &out->hist);
        out->max = fmax(out->max, json_number_of(document, maxima[times]));
        if (times != METRICS_LATENCY || !isfinite(trial_sum))
            continue;
        sum += trial_sum;
        ok += json_number_of(document, "ok");
        out->min = fmin(out->min, json_number_of(document, "latency_min_ns"));
    }
    out->mean = ok > 0 ? sum / ok : (double)NAN;
}

static json_t *end_json(double value)
{
    return isfinite(value) ? json_uint((uint64_t)value) : json_null();
}

static json_t *times_json(const struct cell *cell, enum metrics_times times)
{
    struct latency l;
    merge_times(cell, times, &l);
    json_t *latency = json_object();
    json_put(latency, "count", json_uint(hist_count(&l.hist)));
    json_put(latency, "overflow", json_uint(l.hist.overflow));
    json_put(latency, "mean", json_real_or_null(l.mean));
    json_put(latency, "min", end_json(l.min));
    json_put(latency, "max", end_json(l.max));
    put_percentiles(latency, &l);
    resample_put(latency, cell->valid, cell->n, times);
    json_put(latency, "spectrum", spectrum_json(&l));
    json_put(latency, "histogram", histogram_json(&l.hist));
    return latency;
}

static json_t *phases_json(const struct cell *cell)
{
    json_t *all = json_object();
    size_t known = 0;
    for (size_t p = 0; p < COUNT_OF(phases); p++) {
        double values[STATS_N_MAX];
        size_t n = 0;
        for (size_t i = 0; i < cell->n && n < STATS_N_MAX; i++) {
            const json_t *document = json_object_get(cell->valid[i], "document");
            double value =
                json_number_of(json_object_get(document, "phases_ns"), phases[p]);
            if (isfinite(value))
                values[n++] = value;
        }
        known += n;
        json_put(all, phases[p],
                 n ? json_uint(llround(stats_median(values, n))) : json_null());
    }
    if (known > 0)
        return all;
    json_decref(all);
    return json_null();
}

static json_t *bound_json(const json_t *summary)
{
    double origin =
        json_number_of(json_object_get(summary, "origin_cpu_ratio"), "median");
    double runner =
        json_number_of(json_object_get(summary, "runner_cpu_ratio"), "median");
    if (origin >= BOUND_RATIO)
        return json_string("origin-bound");
    if (runner >= BOUND_RATIO)
        return json_string("runner-bound");
    return isfinite(runner) ? json_string("waiting-bound") : json_null();
}

static bool is_summarised(const struct cell *cell, const struct metric *metric,
                          const struct metric_context *context)
{
    const json_t *first = cell->n > 0 ? cell->valid[0] : NULL;
    if (!(metric->flags & METRIC_SUMMARISED))
        return false;
    if (metric->flags & METRIC_TASK)
        return first && isfinite(metric->of_trial(metric, first, context));
    return !(metric->flags & METRIC_OPEN_LOOP) || (first && metrics_is_open_loop(first));
}

/* "p99" of latency_p99_ns, and of what is divided from it. */
static const char *percentile_of(const struct metric *metric)
{
    const char *name = metric->base ? metric->base->name : metric->name;
    return strstr(name, "_p99_") ? "p99" : "p50";
}

/* A percentile of the merged histogram once more, in the form of a metric. */
static json_t *percentile_json(const json_t *latency, const char *percentile, size_t n)
{
    char low[16], high[16];
    (void)snprintf(low, sizeof low, "%s_low", percentile);
    (void)snprintf(high, sizeof high, "%s_high", percentile);
    const double value = json_number_of(latency, percentile);
    const struct stats_estimate e = {.value = value,
                                     .low = json_number_of(latency, low),
                                     .high = json_number_of(latency, high),
                                     .coverage = .95,
                                     .n = isfinite(value) ? n : 0,
                                     .is_bounded =
                                         isfinite(json_number_of(latency, low))};
    const char *why =
        isfinite(value)
            ? e.is_bounded ? NULL : json_text_or_null(latency, "interval_reason")
            : json_text_or_null(latency, "reason");
    return estimate_json(&e, why);
}

/* A quotient is the metric that it is made of, divided by what all trials of the cell
 * have in common. */
static void put_headline(json_t *summary, const struct cell *cell)
{
    const struct metric *metric = &cell->headline->metric;
    static const char *const values[] = {"median", "low", "high"};
    if (!metric->base)
        return;
    if (metric->per == METRIC_FURTHER) {
        json_put(summary, metric->name, cell_memory_further(cell));
        return;
    }
    const double divisor =
        metrics_divisor(metric, (double)cell->requests, (double)cell->concurrency);
    json_t *quotient = json_deep_copy(json_object_get(summary, metric->base->name));
    for (size_t i = 0; i < COUNT_OF(values); i++)
        json_put(quotient, values[i],
                 json_real_or_null(json_number_of(quotient, values[i]) / divisor));
    json_put(summary, metric->name, quotient);
}

json_t *summary_make(const struct cell *cell, const json_t *memory,
                     const json_t *counters, const struct metric_context *context)
{
    json_t *summary = json_object();
    for (size_t i = 0; i < metrics_count; i++) {
        if (is_summarised(cell, &metrics_table[i], context))
            json_put(summary, metrics_table[i].name,
                     summarise(cell, &metrics_table[i], context));
    }
    json_put(summary, "tree_memory_bytes", cell_memory_json(cell, memory));
    put_counters(summary, cell, counters);
    json_put(summary, "latency_ns", times_json(cell, METRICS_LATENCY));
    for (size_t i = 0; i < metrics_count; i++) {
        const struct metric *metric = &metrics_table[i];
        if (metric->flags & METRIC_PERCENTILE)
            json_put(summary, metric->name,
                     percentile_json(json_object_get(summary, "latency_ns"),
                                     percentile_of(metric), cell->n));
    }
    if (cell->n > 0 && metrics_is_open_loop(cell->valid[0])) {
        json_put(summary, "response_ns", times_json(cell, METRICS_RESPONSE));
        json_put(summary, "lag_ns", times_json(cell, METRICS_LAG));
    }
    put_headline(summary, cell);
    json_put(summary, "phases_ns", phases_json(cell));
    json_put(summary, "bound", bound_json(summary));
    return summary;
}

json_t *summary_metric(const struct cell *cell, const struct metric *metric,
                       const struct metric_context *context)
{
    if (metric->flags & METRIC_ONCE)
        return cell_memory_json(cell, json_object_get(cell->json, "memory"));
    if (!(metric->flags & METRIC_PERCENTILE))
        return summarise(cell, metric, context);
    json_auto_t *latency = times_json(cell, METRICS_LATENCY);
    return percentile_json(latency, percentile_of(metric), cell->n);
}

double summary_number(const struct cell *cell, const struct metric *metric,
                      const struct metric_context *context)
{
    const double divisor =
        metrics_divisor(metric, (double)cell->requests, (double)cell->concurrency);
    if (metric->flags & METRIC_ONCE)
        return cell_memory_value(cell, metric);
    if (!(metric->flags & METRIC_PERCENTILE)) {
        json_auto_t *whole = summarise(cell, metric, context);
        return json_number_of(whole, "median");
    }
    struct latency l;
    merge_times(cell, METRICS_LATENCY, &l);
    json_auto_t *value =
        quantile_json(&l, strcmp(percentile_of(metric), "p99") ? .5 : .99);
    return json_is_integer(value) ? json_number_value(value) / divisor : (double)NAN;
}

double summary_value(const json_t *summary, const char *metric, const char **out_reason)
{
    static const struct {
        const char *metric, *key;
    } quantiles[] = {{"latency_p50_ns", "p50"}, {"latency_p99_ns", "p99"}};
    const json_t *m = json_object_get(summary, metric);
    const char *key = "median", *why = "not measured in this kind of load";
    for (size_t i = 0; i < COUNT_OF(quantiles); i++) {
        if (!m && !strcmp(quantiles[i].metric, metric)) {
            m = json_object_get(summary, "latency_ns");
            key = quantiles[i].key;
        }
    }
    if (m)
        why = json_string_value(json_object_get(m, "reason"));
    if (out_reason)
        *out_reason = why ? why : "";
    return json_number_of(m, key);
}
