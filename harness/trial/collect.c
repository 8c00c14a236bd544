/* collect.c: parses and checks the result document of a runner; see collect.h.
 *
 * Every number is bounded, so that no sum of them overflows. */
#include "harness/trial/collect.h"

#include "common/json.h"
#include "harness/trial/trace_rows.h"

#include <stddef.h>
#include <string.h>

#define COUNT_MAX   UINT64_C(4000000000)          /* requests of a trial */
#define BIG_MAX     UINT64_C(1000000000000000000) /* bytes and nanoseconds: 31 years */
#define BUCKETS_MAX 65536                         /* of another language's histogram */
#define KNOBS_MAX   64
#define REASON_MAX  1024 /* bytes of a text */

static const char *const known_keys[] = {"contract",
                                         "model",
                                         "task",
                                         "requests",
                                         "concurrency",
                                         "ok",
                                         "failed",
                                         "bytes_received",
                                         "connections_opened",
                                         "units_created",
                                         "peak_in_flight",
                                         "setup_ns",
                                         "measured_ns",
                                         "teardown_ns",
                                         "cpu_measured_ns",
                                         "latency_ns",
                                         "overflow",
                                         "latency_sum_ns",
                                         "latency_min_ns",
                                         "latency_max_ns",
                                         "rate_per_s",
                                         "arrivals",
                                         "response_ns",
                                         "response_overflow",
                                         "response_max_ns",
                                         "lag_ns",
                                         "lag_overflow",
                                         "phases_ns",
                                         "knobs",
                                         "trace_ns",
                                         "producer_waits",
                                         "consumer_waits",
                                         "reasons",
                                         "redirects",
                                         "first_redirect",
                                         "trace_calls_ns",
                                         "trace_due_ns",
                                         "trace_queue_ns",
                                         "warm_requests",
                                         "warm_failed",
                                         "stack_used_bytes",
                                         NULL};

static const char *const failure_classes[] = {"resolve", "connect", "tls",      "timeout",
                                              "reset",   "short",   "protocol", "status",
                                              "worker",  "other",   NULL};

static const char *const phase_names[] = {"dns", "connect", "tls", "first_byte", NULL};

static const struct {
    const char *key;
    uint64_t min, max;
    size_t offset;
} numbers[] = {
#define NUMBER(name, min, max)                                                           \
    {                                                                                    \
#name, min, max, offsetof(struct collect_document, name)                         \
    }
    NUMBER(requests, 0, COUNT_MAX),
    NUMBER(concurrency, 0, COUNT_MAX),
    NUMBER(ok, 0, COUNT_MAX),
    NUMBER(bytes_received, 0, BIG_MAX),
    NUMBER(connections_opened, 0, BIG_MAX),
    NUMBER(units_created, 0, COUNT_MAX),
    NUMBER(peak_in_flight, 0, COUNT_MAX),
    NUMBER(setup_ns, 0, BIG_MAX),
    NUMBER(measured_ns, 0, BIG_MAX),
    NUMBER(teardown_ns, 0, BIG_MAX),
    NUMBER(cpu_measured_ns, 0, BIG_MAX),
    NUMBER(overflow, 0, COUNT_MAX),
#undef NUMBER
};

static int read_numbers(const json_t *json, struct collect_document *document,
                        struct err *err)
{
    uint64_t contract = 0;
    int status = json_need_uint(json, "", "contract", 1, 1, &contract, err);
    for (size_t i = 0; i < COUNT_OF(numbers) && !status; i++) {
        char *field = (char *)document + numbers[i].offset;
        status = json_need_uint(json, "", numbers[i].key, numbers[i].min, numbers[i].max,
                                (uint64_t *)(void *)field, err);
    }
    return status;
}

static int read_names(const json_t *json, const char *model, const char *task,
                      struct collect_document *document, struct err *err)
{
    const char *said_model = "";
    const char *said_task = "";
    int status = json_need_string(json, "", "model", 1, 64, &said_model, err);
    if (!status)
        status = json_need_string(json, "", "task", 1, 64, &said_task, err);
    if (status)
        return status;
    if (model && strcmp(said_model, model) != 0)
        return err_set(err, EXIT_CODE_USAGE, "model: expected '%.64s', found '%.64s'",
                       model, said_model);
    document->has_no_request = !strcmp(said_task, "none");
    if (task && !document->has_no_request && strcmp(said_task, task) != 0)
        return err_set(err, EXIT_CODE_USAGE, "task: expected '%.64s', found '%.64s'",
                       task, said_task);
    return 0;
}

/* Sums the counts of a document's "failed" or "warm_failed". */
static int read_failed(const json_t *json, const char *key, uint64_t *out_sum,
                       struct err *err)
{
    json_t *failed = NULL;
    int status = json_need_object(json, "", key, &failed, err);
    if (!status)
        status = json_only_keys(failed, key, failure_classes, err);
    for (size_t i = 0; failure_classes[i] && !status; i++) {
        uint64_t count = 0;
        status =
            json_get_uint(failed, key, failure_classes[i], 1, COUNT_MAX, &count, err);
        *out_sum += count;
    }
    return status;
}

static int read_warm(const json_t *json, struct collect_document *document,
                     struct err *err)
{
    if (!json_object_get(json, "warm_requests"))
        return 0;
    int status = json_get_uint(json, "", "warm_requests", 0, COUNT_MAX,
                               &document->warm_requests, err);
    return status ? status
                  : read_failed(json, "warm_failed", &document->warm_failed, err);
}

/* [lower_edge, count] with the edge above the last one's and no zero count */
static int read_bucket(const json_t *bucket, const char *key, size_t index,
                       json_int_t *last_edge, uint64_t *count_sum, struct err *err)
{
    const json_t *edge = json_array_get(bucket, 0);
    const json_t *count = json_array_get(bucket, 1);
    if (json_array_size(bucket) != 2 || !json_is_integer(edge) || !json_is_integer(count))
        return err_set(err, EXIT_CODE_USAGE, "%s[%zu]: expected [lower_edge, count]", key,
                       index);
    const json_int_t low = json_integer_value(edge);
    const json_int_t observed = json_integer_value(count);
    if (low <= *last_edge || low > (json_int_t)BIG_MAX)
        return err_set(err, EXIT_CODE_USAGE,
                       "%s[%zu]: expected ascending edges of 0 or more", key, index);
    if (observed < 1 || observed > (json_int_t)COUNT_MAX)
        return err_set(err, EXIT_CODE_USAGE, "%s[%zu]: expected a count above 0", key,
                       index);
    *last_edge = low;
    *count_sum += (uint64_t)observed;
    return 0;
}

static int read_histogram(const json_t *json, const char *key, uint64_t *out_count,
                          struct err *err)
{
    json_t *buckets = NULL;
    int status = json_need_array(json, "", key, BUCKETS_MAX, &buckets, err);
    json_int_t last_edge = -1;
    uint64_t count = 0;
    for (size_t i = 0; !status && i < json_array_size(buckets); i++)
        status = read_bucket(json_array_get(buckets, i), key, i, &last_edge, &count, err);
    if (!status)
        *out_count = count;
    return status;
}

/* A key that must be there, as a whole number or null. */
static int check_nullable(const json_t *object, const char *at, const char *key,
                          struct err *err)
{
    uint64_t value = 0;
    if (json_is_null(json_object_get(object, key)))
        return 0;
    return json_need_uint(object, at, key, 0, BIG_MAX, &value, err);
}

static int check_times(const json_t *json, struct err *err)
{
    static const char *const keys[] = {"latency_sum_ns", "latency_min_ns",
                                       "latency_max_ns"};
    json_t *phases = NULL;
    int status = json_need_object(json, "", "phases_ns", &phases, err);
    if (!status)
        status = json_only_keys(phases, "phases_ns", phase_names, err);
    for (size_t i = 0; phase_names[i] && !status; i++)
        status = check_nullable(phases, "phases_ns", phase_names[i], err);
    for (size_t i = 0; i < COUNT_OF(keys) && !status; i++)
        status = check_nullable(json, "", keys[i], err);
    return status;
}

/* With rate_per_s come the histograms of an open loop; its responses are the ok ones. */
static int check_open_loop(const json_t *json, const struct collect_document *document,
                           struct err *err)
{
    uint64_t rate = 0, responses = 0, lags = 0, overflow = 0;
    const char *arrivals = "";
    if (!json_object_get(json, "rate_per_s"))
        return 0;
    int status = json_need_uint(json, "", "rate_per_s", 1, COUNT_MAX, &rate, err);
    if (!status)
        status = json_need_string(json, "", "arrivals", 1, 16, &arrivals, err);
    if (!status)
        status = read_histogram(json, "lag_ns", &lags, err);
    if (!status)
        status = json_need_uint(json, "", "lag_overflow", 0, COUNT_MAX, &overflow, err);
    if (!status)
        status = read_histogram(json, "response_ns", &responses, err);
    if (!status)
        status = check_nullable(json, "", "response_max_ns", err);
    if (!status)
        status =
            json_need_uint(json, "", "response_overflow", 0, COUNT_MAX, &overflow, err);
    if (!status && responses + overflow != document->ok)
        return err_set(err, EXIT_CODE_USAGE,
                       "response_ns: its counts and overflow do not add up to ok");
    return status;
}

/* The numbers that some tasks and models have besides. */
static int check_more(const json_t *json, struct err *err)
{
    uint64_t number = 0;
    int status = json_get_uint(json, "", "producer_waits", 0, BIG_MAX, &number, err);
    if (!status)
        status = json_get_uint(json, "", "consumer_waits", 0, BIG_MAX, &number, err);
    if (!status)
        status = json_get_uint(json, "", "stack_used_bytes", 1, BIG_MAX, &number, err);
    return status;
}

/* Why requests failed (the first of each class), and the redirects among the answers. */
static int check_reasons(const json_t *json, struct err *err)
{
    json_t *reasons = NULL;
    const char *text = NULL;
    uint64_t redirects = 0;
    int status = json_get_object(json, "", "reasons", &reasons, err);
    if (!status && reasons)
        status = json_only_keys(reasons, "reasons", failure_classes, err);
    for (size_t i = 0; failure_classes[i] && reasons && !status; i++)
        status = json_get_string(reasons, "reasons", failure_classes[i], 1, REASON_MAX,
                                 &text, err);
    if (!status)
        status = json_get_uint(json, "", "redirects", 0, COUNT_MAX, &redirects, err);
    if (!status)
        status = json_get_string(json, "", "first_redirect", 1, REASON_MAX, &text, err);
    return status;
}

static int check_knobs(const json_t *json, struct err *err)
{
    json_t *knobs = NULL;
    int status = json_need_object(json, "", "knobs", &knobs, err);
    if (status)
        return status;
    if (json_object_size(knobs) > KNOBS_MAX)
        return err_set(err, EXIT_CODE_USAGE, "knobs: more than %d", KNOBS_MAX);
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach (knobs, name, value) {
        if (!json_name_is_safe(name))
            return err_set(err, EXIT_CODE_USAGE, "knobs.%.64s: not a name", name);
        bool is_short = json_is_string(value) && json_string_length(value) <= 256;
        if (!is_short && !json_is_integer(value) && !json_is_boolean(value) &&
            !json_is_null(value))
            return err_set(err, EXIT_CODE_USAGE,
                           "knobs.%.64s: expected a short string, integer or boolean",
                           name);
    }
    return 0;
}

static int check(const json_t *json, const char *model, const char *task,
                 struct collect_document *document, struct err *err)
{
    int status = json_only_keys(json, "", known_keys, err);
    if (!status)
        status = read_names(json, model, task, document, err);
    if (!status)
        status = read_numbers(json, document, err);
    if (!status)
        status = read_failed(json, "failed", &document->failed, err);
    if (!status)
        status = read_warm(json, document, err);
    if (!status)
        status = read_histogram(json, "latency_ns", &document->latency_count, err);
    if (!status)
        status = check_times(json, err);
    if (!status)
        status = check_open_loop(json, document, err);
    if (!status)
        status = trace_rows_check(json, err);
    if (!status)
        status = check_more(json, err);
    if (!status)
        status = check_reasons(json, err);
    return status ? status : check_knobs(json, err);
}

int collect_document(const char *text, size_t size, const char *model, const char *task,
                     struct collect_document *out_document, struct err *err)
{
    struct collect_document document = {0};
    int status = json_load_text("document", text, size, &document.json, err);
    if (!status)
        status = check(document.json, model, task, &document, err);
    if (status) {
        collect_done(&document);
        return status;
    }
    *out_document = document;
    return 0;
}

void collect_done(struct collect_document *document)
{
    if (document)
        json_decref(document->json);
}
