/* metrics.c: how each metric comes out of a trial; see metrics.h. A number that is not
 * there is NaN until it is written, as null with a reason. */
#include "analysis/metrics.h"

#include "common/cpus.h"
#include "common/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BEYOND_MIN 10.0

static const json_t *document_of(const json_t *trial)
{
    return json_object_get(trial, "document");
}

static double divide(double a, double b)
{
    return b > 0 ? a / b : (double)NAN;
}

static double trial_field(const struct metric *m, const json_t *trial,
                          const struct metric_context *context)
{
    (void)context;
    return json_number_of(trial, m->name);
}

static double document_field(const struct metric *m, const json_t *trial,
                             const struct metric_context *context)
{
    (void)context;
    return json_number_of(document_of(trial), m->name);
}

/* "minor_faults_per_request" from "minor_faults" */
static double per_request(const struct metric *m, const json_t *trial,
                          const struct metric_context *context)
{
    (void)context;
    char key[64];
    size_t length = strlen(m->name) - strlen("_per_request");
    if (length >= sizeof key)
        return (double)NAN;
    memcpy(key, m->name, length);
    key[length] = '\0';
    return divide(json_number_of(trial, key), json_number_of(trial, "requests"));
}

static double energy_per_request(const struct metric *m, const json_t *trial,
                                 const struct metric_context *context)
{
    (void)m;
    (void)context;
    return divide(json_number_of(trial, "energy_uj"), json_number_of(trial, "requests"));
}

static double cpu_startup(const struct metric *m, const json_t *trial,
                          const struct metric_context *context)
{
    (void)m;
    (void)context;
    return json_number_of(trial, "cpu_total_ns") -
           json_number_of(document_of(trial), "cpu_measured_ns");
}

static double cpu_per_request(const struct metric *m, const json_t *trial,
                              const struct metric_context *context)
{
    (void)m;
    (void)context;
    return divide(json_number_of(document_of(trial), "cpu_measured_ns"),
                  json_number_of(trial, "requests"));
}

static double throughput(const struct metric *m, const json_t *trial,
                         const struct metric_context *context)
{
    (void)m;
    (void)context;
    const json_t *document = document_of(trial);
    return divide(json_number_of(document, "ok"),
                  json_number_of(document, "measured_ns") * 1e-9);
}

static double origin_cpu_ratio(const struct metric *m, const json_t *trial,
                               const struct metric_context *context)
{
    (void)m;
    double ratio = divide(json_number_of(json_object_get(trial, "origin"), "cpu_ns"),
                          json_number_of(document_of(trial), "measured_ns") *
                              context->origin_threads);
    return ratio > 1 ? 1 : ratio; /* the origin also works outside the measured time */
}

/* The CPUs that the runner used: --cpus may leave it fewer than it was placed on. */
static int cpus_of(const json_t *document, const struct cpus *placed)
{
    const json_t *knob = json_object_get(json_object_get(document, "knobs"), "cpus");
    const json_int_t given = json_integer_value(knob);
    const int count = (int)cpus_count(placed);
    return given > 0 && given < count ? (int)given : count;
}

static double runner_cpu_ratio(const struct metric *m, const json_t *trial,
                               const struct metric_context *context)
{
    (void)m;
    (void)context;
    const json_t *document = document_of(trial);
    const char *list = json_string_value(
        json_object_get(json_object_get(trial, "placement"), "runner_cpus"));
    struct cpus cpus;
    if (!list || cpus_parse(list, &cpus))
        return (double)NAN;
    double ratio =
        divide(json_number_of(document, "cpu_measured_ns"),
               json_number_of(document, "measured_ns") * cpus_of(document, &cpus));
    return ratio > 1 ? 1 : ratio; /* two clocks, read one after the other */
}

bool metrics_is_open_loop(const json_t *trial)
{
    return json_is_integer(json_object_get(document_of(trial), "rate_per_s"));
}

/* Where a document has them. */
static const struct {
    const char *buckets, *overflow;
} times_keys[] = {[METRICS_LATENCY] = {"latency_ns", "overflow"},
                  [METRICS_RESPONSE] = {"response_ns", "response_overflow"},
                  [METRICS_LAG] = {"lag_ns", "lag_overflow"}};

void metrics_merge_times(const json_t *document, enum metrics_times times,
                         struct hist *into)
{
    size_t i = 0;
    json_t *pair = NULL;
    json_array_foreach (json_object_get(document, times_keys[times].buckets), i, pair) {
        json_int_t edge = json_integer_value(json_array_get(pair, 0));
        json_int_t count = json_integer_value(json_array_get(pair, 1));
        if (edge >= 0 && count > 0)
            hist_add_many(into, (uint64_t)edge, (uint64_t)count);
    }
    json_int_t overflow =
        json_integer_value(json_object_get(document, times_keys[times].overflow));
    into->overflow += overflow > 0 ? (uint64_t)overflow : 0;
}

bool metrics_quantile_is_supported(double count, double q)
{
    return count * (1 - q) >= BEYOND_MIN - 1e-6;
}

static double trial_quantile(const json_t *trial, enum metrics_times times, double q)
{
    const json_t *document = document_of(trial);
    if (json_array_size(json_object_get(document, times_keys[times].buckets)) == 0)
        return (double)NAN; /* spares a walk over thousands of empty buckets */
    struct hist hist = {0};
    metrics_merge_times(document, times, &hist);
    if (!metrics_quantile_is_supported((double)hist_count(&hist), q))
        return (double)NAN;
    uint64_t value = hist_quantile_ns(&hist, q);
    return value < HIST_LIMIT_NS ? (double)value : (double)NAN;
}

static double latency_p50(const struct metric *m, const json_t *trial,
                          const struct metric_context *context)
{
    (void)m;
    (void)context;
    return trial_quantile(trial, METRICS_LATENCY, .5);
}

static double latency_p99(const struct metric *m, const json_t *trial,
                          const struct metric_context *context)
{
    (void)m;
    (void)context;
    return trial_quantile(trial, METRICS_LATENCY, .99);
}

static double response_p50(const struct metric *m, const json_t *trial,
                           const struct metric_context *context)
{
    (void)m;
    (void)context;
    return trial_quantile(trial, METRICS_RESPONSE, .5);
}

static double response_p99(const struct metric *m, const json_t *trial,
                           const struct metric_context *context)
{
    (void)m;
    (void)context;
    return trial_quantile(trial, METRICS_RESPONSE, .99);
}

static double lag_p99(const struct metric *m, const json_t *trial,
                      const struct metric_context *context)
{
    (void)m;
    (void)context;
    return trial_quantile(trial, METRICS_LAG, .99);
}

/* "task.producer_waits": a count of the document. */
static double task_count(const struct metric *m, const json_t *trial,
                         const struct metric_context *context)
{
    (void)context;
    return json_number_of(document_of(trial), strchr(m->name, '.') + 1);
}

/* The share of the requests in which one side waited; a consumer may wait once more. */
static double wait_ratio(const struct metric *m, const json_t *trial,
                         const struct metric_context *context)
{
    (void)context;
    const bool is_producer = strstr(m->name, "producer") != NULL;
    const double waits = json_number_of(
        document_of(trial), is_producer ? "producer_waits" : "consumer_waits");
    const double ratio = divide(waits, json_number_of(trial, "requests"));
    return ratio > 1 ? 1 : ratio;
}

/* The time that every sleep was asked for: runners in other languages do not repeat it in
 * their document, but it is in their command. NaN where sleeps differ. */
static double sleep_ms_of(const json_t *trial)
{
    double sleep_ms =
        json_number_of(json_object_get(document_of(trial), "knobs"), "sleep_ms");
    const json_t *command = json_object_get(trial, "command");
    for (size_t i = 0; i + 1 < json_array_size(command); i++) {
        const char *word = json_string_value(json_array_get(command, i));
        const char *value = json_string_value(json_array_get(command, i + 1));
        if (word && value && !strcmp(word, "--sleep-ms"))
            sleep_ms = strchr(value, ',') ? (double)NAN : strtod(value, NULL);
    }
    return sleep_ms;
}

/* How much later the last sleep ended than sleeps take that begin at once: those of one
 * worker after the other. */
static double late(const struct metric *m, const json_t *trial,
                   const struct metric_context *context)
{
    (void)m;
    (void)context;
    const json_t *document = document_of(trial);
    const double waves = ceil(divide(json_number_of(document, "requests"),
                                     json_number_of(document, "concurrency")));
    return json_number_of(document, "measured_ns") - waves * sleep_ms_of(trial) * 1e6;
}

static double failed_ratio(const struct metric *m, const json_t *trial,
                           const struct metric_context *context)
{
    (void)m;
    (void)context;
    const double requests = json_number_of(document_of(trial), "requests");
    return divide(requests - json_number_of(document_of(trial), "ok"), requests);
}

/* Combinations that several rows have. */
#define BOTH  (METRIC_SUMMARISED | METRIC_COMPARED)
#define TOTAL (METRIC_SUMMARISED | METRIC_PER_TRIAL | METRIC_BY_REQUEST)
#define P     METRIC_PERCENTILE
#define TASK  (METRIC_SUMMARISED | METRIC_TASK | METRIC_NEUTRAL)

const struct metric metrics_table[] = {
    {"throughput_per_s", throughput, BOTH | METRIC_MORE, 0, NULL, 0, 0},
    {"cpu_per_request_ns", cpu_per_request, BOTH, 0, NULL, 0, 0},
    {"cpu_startup_ns", cpu_startup, BOTH | METRIC_BY_WORKER, 0, NULL, 0, 0},
    {"max_rss_bytes", trial_field, BOTH, 0, NULL, 0, 0},
    {"latency_p50_ns", latency_p50, METRIC_COMPARED | METRIC_BY_TURN | P,
     METRICS_RESOLUTION, NULL, 0, 0},
    {"latency_p99_ns", latency_p99, METRIC_COMPARED | METRIC_BY_TURN | P,
     METRICS_RESOLUTION, NULL, 0, 0},
    {"response_p50_ns", response_p50, BOTH | METRIC_OPEN_LOOP, METRICS_RESOLUTION, NULL,
     0, 0},
    {"response_p99_ns", response_p99, BOTH | METRIC_OPEN_LOOP, METRICS_RESOLUTION, NULL,
     0, 0},
    {"lag_p99_ns", lag_p99, METRIC_SUMMARISED | METRIC_OPEN_LOOP, METRICS_RESOLUTION,
     NULL, 0, 0},
    {"wall_ns", trial_field, TOTAL | METRIC_COMPARED, 0, NULL, 0, 0},
    {"cpu_total_ns", trial_field, TOTAL, 0, NULL, 0, 0},
    {"cpu_user_ns", trial_field, TOTAL, 0, NULL, 0, 0},
    {"cpu_system_ns", trial_field, TOTAL, 0, NULL, 0, 0},
    {"setup_ns", document_field, METRIC_SUMMARISED | METRIC_BY_WORKER, 0, NULL, 0, 0},
    {"measured_ns", document_field, TOTAL, 0, NULL, 0, 0},
    {"voluntary_switches_per_request", per_request, METRIC_SUMMARISED, 0, NULL, 0, 0},
    {"involuntary_switches_per_request", per_request, METRIC_SUMMARISED, 0, NULL, 0, 0},
    {"minor_faults_per_request", per_request, METRIC_SUMMARISED, 0, NULL, 0, 0},
    {"energy_per_request_uj", energy_per_request, METRIC_SUMMARISED, 0, NULL, 0, 0},
    {"origin_cpu_ratio", origin_cpu_ratio, METRIC_SUMMARISED | METRIC_NEUTRAL, 0, NULL, 0,
     0},
    {"runner_cpu_ratio", runner_cpu_ratio, METRIC_SUMMARISED | METRIC_NEUTRAL, 0, NULL, 0,
     0},
    {"failed_ratio", failed_ratio, METRIC_SUMMARISED, 0, NULL, 0, 0},
    {"task.producer_waits", task_count, TASK | METRIC_PER_TRIAL, 0, NULL, 0, 0},
    {"task.consumer_waits", task_count, TASK | METRIC_PER_TRIAL, 0, NULL, 0, 0},
    {"task.producer_wait_ratio", wait_ratio, TASK, 0, NULL, 0, 0},
    {"task.consumer_wait_ratio", wait_ratio, TASK, 0, NULL, 0, 0},
    {"task.late_ns", late, METRIC_SUMMARISED | METRIC_TASK, 0, NULL, 0, 0},
    {"tree_memory_bytes", NULL,
     METRIC_COMPARED | METRIC_ONCE | METRIC_BY_REQUEST | METRIC_BY_WORKER |
         METRIC_BY_FURTHER,
     0, NULL, 0, 0},
};
const size_t metrics_count = COUNT_OF(metrics_table);

const struct metric *metrics_find(const char *name)
{
    for (size_t i = 0; i < metrics_count; i++) {
        if (!strcmp(metrics_table[i].name, name))
            return &metrics_table[i];
    }
    return NULL;
}

static const struct {
    const char *word;
    unsigned flag;
} divisors[] = {[METRIC_WHOLE] = {NULL, 0},
                [METRIC_REQUEST] = {"request", METRIC_BY_REQUEST},
                [METRIC_WORKER] = {"worker", METRIC_BY_WORKER},
                [METRIC_TURN] = {"turn", METRIC_BY_TURN},
                [METRIC_FURTHER] = {"further_worker", METRIC_BY_FURTHER}};

const char *metrics_per_word(enum metric_per per)
{
    return divisors[per].word;
}

bool metrics_divides(const struct metric *metric, enum metric_per per)
{
    return per == METRIC_WHOLE || (metric->flags & divisors[per].flag);
}

double metrics_divisor(const struct metric *metric, double requests, double concurrency)
{
    switch (metric->per) {
    case METRIC_REQUEST: /* the memory pass has one request in flight for each worker */
        return metric->flags & METRIC_ONCE ? concurrency : requests;
    case METRIC_WORKER:
        return concurrency;
    case METRIC_TURN: /* each of the others has its turn in between */
        return concurrency * metric->turns;
    case METRIC_FURTHER:
    case METRIC_WHOLE:
        break;
    }
    return 1;
}
