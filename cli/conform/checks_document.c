/* checks_document.c: what the document says of simple requests; see checks.h. */
#include "cli/conform/attempt.h"
#include "cli/conform/checks.h"

#include "common/clock.h"
#include "common/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SHOWN(number) ((unsigned long long)(number))

static const char *url_of(const struct conform *conform)
{
    return origin_control_url(conform->origin);
}

CHECK_FUNCTION(check_document)
{
    AUTO_ATTEMPT struct attempt a = {.linger_ms = 0};
    (void)check;
    if (!attempt_run(conform, &a, finding, "-n 4 -c 1 --task http %s/bytes/4",
                     url_of(conform)) ||
        !attempt_read(&a, finding))
        return;
    conform->works = true;
    conform->is_null = a.document.has_no_request;
    (void)snprintf(conform->model, sizeof conform->model, "%s",
                   json_text_of(a.document.json, "model"));
    if (json_object_get(a.document.json, "rate_per_s"))
        finding_fail(finding, "expected no rate_per_s without --rate, found it");
}

CHECK_FUNCTION(check_stdout)
{
    AUTO_ATTEMPT struct attempt a = {.takes_stdout = true};
    (void)check;
    if (!attempt_run(conform, &a, finding, "--json -n 4 %s/bytes/4", url_of(conform)) ||
        !attempt_read(&a, finding))
        return;
    if (a.document.requests != 4)
        finding_fail(finding, "expected 4 requests, found %llu",
                     SHOWN(a.document.requests));
}

CHECK_FUNCTION(check_quiet)
{
    AUTO_ATTEMPT struct attempt a = {.linger_ms = 0};
    (void)check;
    if (attempt_run(conform, &a, finding, "-n 4 %s/bytes/4", url_of(conform)) &&
        a.outcome.stderr_size > 0)
        finding_fail(finding, "expected nothing on stderr, found '%s'", a.stderr_line);
}

struct sum {
    const char *what;
    uint64_t found, expected;
};

static void compare(const struct sum *sums, size_t count, struct finding *finding)
{
    for (size_t i = 0; i < count; i++) {
        if (sums[i].found != sums[i].expected)
            finding_fail(finding, "%s: expected %" PRIu64 ", found %" PRIu64,
                         sums[i].what, sums[i].expected, sums[i].found);
    }
}

CHECK_FUNCTION(check_counts)
{
    AUTO_ATTEMPT struct attempt a = {.linger_ms = 0};
    const uint64_t c = conform_concurrency(conform, 4);
    (void)check;
    if (!attempt_run(conform, &a, finding, "-n 50 -c %" PRIu64 " %s/bytes/10", c,
                     url_of(conform)) ||
        !attempt_read(&a, finding))
        return;
    const struct collect_document *d = &a.document;
    const struct sum sums[] = {
        {"requests", d->requests, 50},
        {"concurrency", d->concurrency, c},
        {"ok + failed", d->ok + d->failed, 50},
        {"ok", d->ok, 50},
        {"latency_ns counts + overflow", d->latency_count + d->overflow, d->ok},
        {"requests that reached the server", a.origin.requests,
         d->has_no_request ? 0 : 50}};
    compare(sums, COUNT_OF(sums), finding);
    if (!d->has_no_request && d->units_created != c && d->units_created != 50)
        finding_fail(finding,
                     "units_created: expected %" PRIu64
                     " (or 50, one for each request), found %" PRIu64,
                     c, d->units_created);
}

CHECK_FUNCTION(check_bytes)
{
    static const uint64_t sizes[] = {0, 1, 150000};
    (void)check;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        AUTO_ATTEMPT struct attempt a = {.linger_ms = 0};
        if (!attempt_succeed(conform, &a, finding, "-n 10 %s/bytes/%" PRIu64,
                             url_of(conform), sizes[i]))
            return;
        const struct sum sum = {"bytes_received", a.document.bytes_received,
                                10 * sizes[i]};
        compare(&sum, 1, finding);
    }
}

/* Responses of 60 ms show whether times are in nanoseconds and taken around the wait. */
CHECK_FUNCTION(check_times)
{
    AUTO_ATTEMPT struct attempt a = {.linger_ms = 0};
    const uint64_t delay_ns = 60 * NS_PER_MS;
    (void)check;
    if (!attempt_succeed(conform, &a, finding, "-n 4 -c 1 %s/bytes/4?delay_ms=60",
                         url_of(conform)))
        return;
    const struct collect_document *d = &a.document;
    const uint64_t sum = attempt_number(&a, "latency_sum_ns");
    const uint64_t least = attempt_number(&a, "latency_min_ns");
    const uint64_t most = attempt_number(&a, "latency_max_ns");
    const uint64_t lowest_edge = attempt_quantile(&a, "latency_ns", 0, NULL);
    const uint64_t told = d->setup_ns + d->measured_ns + d->teardown_ns;
    if (least < delay_ns)
        finding_fail(finding, "latency_min_ns: expected 60000000 or more, found %llu",
                     SHOWN(least));
    if (most < least || sum < 4 * least || sum > 4 * most)
        finding_fail(finding,
                     "expected 4 x latency_min_ns <= latency_sum_ns <= 4 x "
                     "latency_max_ns, found %llu, %llu, %llu",
                     SHOWN(least), SHOWN(sum), SHOWN(most));
    if (lowest_edge > least || lowest_edge < least / 2)
        finding_fail(finding,
                     "latency_ns: expected the first edge at or a little below "
                     "latency_min_ns %llu, found %llu",
                     SHOWN(least), SHOWN(lowest_edge));
    if (d->measured_ns < sum)
        finding_fail(finding,
                     "measured_ns: expected at least the sum of all latencies %llu "
                     "with one in flight, found %llu",
                     SHOWN(sum), SHOWN(d->measured_ns));
    if (told > a.outcome.report.wall_ns)
        finding_fail(finding,
                     "setup_ns + measured_ns + teardown_ns: expected at most the "
                     "process's life of %llu, found %llu",
                     SHOWN(a.outcome.report.wall_ns), SHOWN(told));
}

/* The CPU time is above a microsecond per request and below what the kernel reports for
 * the whole process. The kernel may count in ticks of 10 ms, hence the margin. */
CHECK_FUNCTION(check_cpu)
{
    AUTO_ATTEMPT struct attempt a = {.linger_ms = 0};
    const struct launch_report *r = &a.outcome.report;
    (void)check;
    if (!attempt_succeed(conform, &a, finding, "-n 200 %s/bytes/4", url_of(conform)))
        return;
    const uint64_t most = r->cpu_user_ns + r->cpu_system_ns + 20 * NS_PER_MS;
    const uint64_t found = a.document.cpu_measured_ns;
    if (found < 200 * NS_PER_US || found > most)
        finding_fail(
            finding,
            "expected 200000 to %llu for 200 requests (wait4 gives the upper bound), "
            "found %llu",
            SHOWN(most), SHOWN(found));
}

static json_int_t column(const json_t *trace, size_t i, size_t at)
{
    return json_integer_value(json_array_get(json_array_get(trace, i), at));
}

/* Whether a worker, where the trace names it, has one request in hand at a time. */
static bool is_one_at_a_time(const json_t *trace, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        const json_t *worker = json_array_get(json_array_get(trace, k), 3);
        if (json_is_integer(worker) && column(trace, k, 3) == column(trace, i, 3) &&
            column(trace, k, 2) > column(trace, i, 1) &&
            column(trace, i, 2) > column(trace, k, 1))
            return false;
    }
    return true;
}

/* Whether span number i of 8 is that request, within the measured time. */
static bool is_span(const json_t *span, size_t i, uint64_t measured_ns)
{
    const json_int_t start = json_integer_value(json_array_get(span, 1));
    const json_int_t end = json_integer_value(json_array_get(span, 2));
    return json_integer_value(json_array_get(span, 0)) == (json_int_t)i && start >= 0 &&
           end - start >= 20 * (json_int_t)NS_PER_MS && end <= (json_int_t)measured_ns;
}

CHECK_FUNCTION(check_trace)
{
    AUTO_ATTEMPT struct attempt a = {.linger_ms = 0};
    (void)check;
    if (!attempt_succeed(conform, &a, finding,
                         "-n 8 -c %" PRIu64 " --trace %s/bytes/4?delay_ms=20",
                         conform_concurrency(conform, 4), url_of(conform)))
        return;
    const json_t *trace = json_object_get(a.document.json, "trace_ns");
    const uint64_t told = attempt_number(&a, "latency_sum_ns");
    uint64_t sum = 0;
    if (json_array_size(trace) != 8)
        finding_fail(finding, "trace_ns: expected 8 requests, found %zu",
                     json_array_size(trace));
    for (size_t i = 0; i < json_array_size(trace); i++) {
        if (!is_span(json_array_get(trace, i), i, a.document.measured_ns))
            finding_fail(
                finding,
                "trace_ns[%zu]: expected [%zu, start, end] with 20000000 or more "
                "between, from the first start on",
                i, i);
        if (!is_one_at_a_time(trace, i))
            finding_fail(finding,
                         "trace_ns[%zu]: its worker has another request in hand at the "
                         "same time",
                         i);
        sum += (uint64_t)(column(trace, i, 2) - column(trace, i, 1));
    }
    if (sum * 50 < told * 49 || sum * 50 > told * 51)
        finding_fail(finding,
                     "trace_ns: expected spans that add up to latency_sum_ns %llu within "
                     "2 %%, found %llu",
                     SHOWN(told), SHOWN(sum));
}
