/* document.c: from recorders to the result document; see document.h. */
#include "runtime/document.h"

#include "common/clean.h"
#include "common/cleanup.h"
#include "common/clock.h"
#include "common/json.h"
#include "runtime/runner.h"
#include "runtime/shared.h"
#include "runtime/task/task.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <string.h>

void document_total(const struct run *run, struct total *out_total)
{
    *out_total = (struct total){0};
    struct recorder *all = &out_total->all;
    all->latency = &out_total->latency;
    all->response = &out_total->response;
    all->lag = &out_total->lag;
    for (size_t i = 0; i < run->shared->recorder_count; i++) {
        if (!run->shared->recorders[i].is_warm)
            recorder_merge(all, &run->shared->recorders[i]);
    }
    if (run->cpu_measured_ns)
        all->cpu_end_ns = run->cpu_measured_ns;
    uint64_t known = 0;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        known += all->outcomes[i];
    if (known < run->settings.requests)
        all->outcomes[OUTCOME_WORKER] += run->settings.requests - known;
}

const char *document_reason(const struct run *run, enum outcome outcome)
{
    const char *text = reasons_text(&run->shared->reasons, outcome);
    if (!text && outcome == OUTCOME_WORKER)
        return "the worker died before its request was over";
    return text;
}

static json_t *failed_of(const uint64_t *outcomes)
{
    json_t *failed = json_object();
    for (int i = OUTCOME_OK + 1; i < OUTCOME_COUNT; i++) {
        if (outcomes[i])
            json_put(failed, outcome_name((enum outcome)i), json_uint(outcomes[i]));
    }
    return failed;
}

static void put_warm(json_t *document, const struct warm *warm)
{
    uint64_t outcomes[OUTCOME_COUNT], sum = 0;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        sum += outcomes[i] = atomic_load(&warm->outcomes[i]);
    json_put(document, "warm_requests", json_uint(sum));
    json_put(document, "warm_failed", failed_of(outcomes));
}

static json_t *reasons_of(const struct run *run, const struct recorder *total)
{
    json_t *reasons = json_object();
    for (int i = OUTCOME_OK + 1; i < OUTCOME_COUNT; i++) {
        const char *text = document_reason(run, (enum outcome)i);
        if ((total->outcomes[i] || atomic_load(&run->shared->warm.outcomes[i])) && text)
            json_put(reasons, outcome_name((enum outcome)i), json_string(text));
    }
    return reasons;
}

/* Adds the reasons, if there are any. */
static void put_words(json_t *document, const struct run *run,
                      const struct recorder *total)
{
    json_t *reasons = reasons_of(run, total);
    if (json_object_size(reasons) > 0)
        json_put(document, "reasons", json_incref(reasons));
    json_decref(reasons);
    if (!total->redirects)
        return;
    const char *first = document_reason(run, OUTCOME_OK);
    json_put(document, "redirects", json_uint(total->redirects));
    json_put(document, "first_redirect", json_string(first ? first : "unknown"));
}

static json_t *buckets_of(const struct hist *hist)
{
    json_t *buckets = json_array();
    for (size_t i = 0; i < HIST_BUCKETS; i++) {
        if (hist->counts[i]) {
            json_t *pair = json_array();
            json_push(pair, json_uint(hist_lower_edge_ns(i)));
            json_push(pair, json_uint(hist->counts[i]));
            json_push(buckets, pair);
        }
    }
    return buckets;
}

static json_t *phases_of(const struct shared *shared)
{
    static const char *const names[PHASE_COUNT] = {"dns", "connect", "tls", "first_byte"};
    json_t *phases = json_object();
    for (int i = 0; i < PHASE_COUNT; i++) {
        const struct hist *hist = &shared->phases[i];
        json_put(phases, names[i],
                 hist_count(hist) ? json_uint(hist_quantile_ns(hist, 0.5)) : json_null());
    }
    return phases;
}

/* NULL for a libcurl older than 7.87, whose struct is shorter; --libcurl may load one. */
static const char *const *feature_names(const curl_version_info_data *curl)
{
    return curl->age >= CURLVERSION_ELEVENTH ? curl->feature_names : NULL;
}

void document_print_libcurl(FILE *out)
{
    const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
    (void)fprintf(out, "libcurl: %s\ntls: %s\nfeatures:", curl->version,
                  curl->ssl_version ? curl->ssl_version : "none");
    const char *const *names = feature_names(curl);
    for (size_t i = 0; names && names[i]; i++)
        (void)fprintf(out, " %s", names[i]);
    (void)fputc('\n', out);
    Dl_info place; /* a string inside libcurl; the address of a function may be that of a
                      stub */
    if (dladdr(curl->version, &place))
        clean_print(out, "libcurl_file: %s\n", place.dli_fname);
}

static json_t *knobs_of(const struct run *run)
{
    const struct settings *s = &run->settings;
    const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
    json_t *knobs = json_object();
    bool has_libcurl = !run->model->has_own_http;
    bool has_tls = has_libcurl && curl->ssl_version;
    json_put(knobs, "libcurl",
             has_libcurl ? json_string(curl->version) : json_string("none"));
    json_put(knobs, "tls", has_tls ? json_string(curl->ssl_version) : json_null());
    json_put(knobs, "buffer_bytes", json_uint(s->buffer_bytes));
    json_put(knobs, "keepalive", json_boolean(!s->no_keepalive));
    json_put(knobs, "max_connections",
             json_uint(s->connections ? s->connections : s->concurrency * s->fan_out));
    json_put(knobs, "timeout_ms", json_uint(s->timeout_ms));
    json_put(knobs, "addresses", json_uint(s->addresses));
    json_put(knobs, "build_type", json_string(CONCBENCH_BUILD_TYPE));
    for (size_t i = 0; i < run->shared->knob_count; i++) {
        const struct knob *knob = &run->shared->knobs[i];
        json_put(knobs, knob->name,
                 knob->text ? json_string(knob->text) : json_uint(knob->number));
    }
    return knobs;
}

static void put_times(json_t *document, const struct run *run,
                      const struct recorder *total)
{
    uint64_t now_ns = clock_ns();
    uint64_t first_ns = total->first_start_ns ? total->first_start_ns : now_ns;
    uint64_t last_ns = total->last_end_ns > first_ns ? total->last_end_ns : first_ns;
    json_put(document, "setup_ns", json_uint(first_ns - run->started_ns));
    json_put(document, "measured_ns", json_uint(last_ns - first_ns));
    json_put(document, "teardown_ns", json_uint(now_ns - last_ns));
    json_put(document, "cpu_measured_ns", json_uint(total->cpu_end_ns));
}

static void put_latency(json_t *document, const struct recorder *total)
{
    bool has_any = total->outcomes[OUTCOME_OK] > 0;
    json_put(document, "latency_ns", buckets_of(total->latency));
    json_put(document, "overflow", json_uint(total->latency->overflow));
    json_put(document, "latency_sum_ns",
             has_any ? json_uint(total->latency_sum_ns) : json_null());
    json_put(document, "latency_min_ns",
             has_any ? json_uint(total->latency_min_ns) : json_null());
    json_put(document, "latency_max_ns",
             has_any ? json_uint(total->latency_max_ns) : json_null());
}

/* Adds the times of an open loop: from when requests were due to their end and start. */
static void put_open_loop(json_t *document, const struct settings *s,
                          const struct total *total)
{
    json_put(document, "rate_per_s", json_uint(s->rate_per_s));
    json_put(document, "arrivals", json_string(s->arrivals));
    json_put(document, "response_ns", buckets_of(&total->response));
    json_put(document, "response_overflow", json_uint(total->response.overflow));
    json_put(document, "response_max_ns",
             hist_count(&total->response) ? json_uint(total->all.response_max_ns)
                                          : json_null());
    json_put(document, "lag_ns", buckets_of(&total->lag));
    json_put(document, "lag_overflow", json_uint(total->lag.overflow));
}

json_t *document_new(const struct run *run)
{
    struct total merged;
    document_total(run, &merged);
    const struct recorder *total = &merged.all;
    json_t *document = json_object();
    json_put(document, "contract", json_integer(1));
    json_put(document, "model", json_string(run->model->name));
    json_put(document, "task", json_string(run->task->name));
    json_put(document, "requests", json_uint(run->settings.requests));
    json_put(document, "concurrency", json_uint(run->settings.concurrency));
    json_put(document, "ok", json_uint(total->outcomes[OUTCOME_OK]));
    json_put(document, "failed", failed_of(total->outcomes));
    put_words(document, run, total);
    if (run->settings.warm_requests)
        put_warm(document, &run->shared->warm);
    json_put(document, "bytes_received", json_uint(total->bytes_received));
    json_put(document, "connections_opened", json_uint(total->connections_opened));
    json_put(document, "units_created", json_uint(run->units_created));
    json_put(document, "peak_in_flight",
             json_uint(atomic_load(&run->shared->peak_in_flight)));
    put_times(document, run, total);
    put_latency(document, total);
    if (run->settings.rate_per_s)
        put_open_loop(document, &run->settings, &merged);
    if (run->shared->channel) {
        json_put(document, "producer_waits",
                 json_uint(run->shared->channel->producer_waits));
        json_put(document, "consumer_waits",
                 json_uint(run->shared->channel->consumer_waits));
    }
    const uint64_t stack_used = atomic_load(&run->shared->stack_used_bytes);
    if (stack_used)
        json_put(document, "stack_used_bytes", json_uint(stack_used));
    if (run->shared->trace)
        trace_put(run->shared->trace, total->first_start_ns, document);
    json_put(document, "phases_ns", phases_of(run->shared));
    json_put(document, "knobs", knobs_of(run));
    return document;
}

static int write_stream(const json_t *document, FILE *stream, size_t flags,
                        const char *name, struct err *err)
{
    AUTO_FREE char *text = json_dumps(document, flags);
    if (text)
        clean_json(stream, text);
    if (!text || fputc('\n', stream) == EOF || fflush(stream) || ferror(stream))
        return err_set(err, EXIT_CODE_UNFIT, "cannot write the result document to %s: %s",
                       name, strerror(errno));
    return 0;
}

int document_write_fd(const json_t *document, int fd, struct err *err)
{
    AUTO_FILE FILE *stream = fdopen(fd, "w");
    if (!stream)
        return err_set(err, EXIT_CODE_UNFIT, "--result-fd %d: %s", fd, strerror(errno));
    return write_stream(document, stream, JSON_COMPACT, "--result-fd", err);
}

int document_print(const json_t *document, struct err *err)
{
    return write_stream(document, stdout, JSON_COMPACT, "stdout", err);
}
