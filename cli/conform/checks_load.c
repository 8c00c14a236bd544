/* checks_load.c: connections, concurrency, arrivals and failures; see checks.h. */
#include "cli/conform/attempt.h"
#include "cli/conform/checks.h"

#include "common/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SHOWN(number) ((unsigned long long)(number))

static const char *url_of(const struct conform *conform)
{
    return origin_control_url(conform->origin);
}

/* 40 requests; the document and the origin must agree on low to high connections. */
static void expect_connections(struct conform *conform, const char *flag, uint64_t low,
                               struct finding *finding)
{
    AUTO_ATTEMPT struct attempt a = {.linger_ms = 0};
    const uint64_t c = conform_concurrency(conform, 4);
    if (!attempt_succeed(conform, &a, finding, "-n 40 -c %" PRIu64 "%s %s/bytes/4", c,
                         flag, url_of(conform)))
        return;
    const uint64_t seen = a.origin.connections;
    uint64_t high = low > c ? low : c;
    if (a.document.units_created == 40) /* a worker for each request, nothing to reuse */
        high = 40;
    if (seen < low || seen > high)
        finding_fail(finding,
                     "expected %s%llu connections for 40 requests, the server found %llu",
                     low < high ? "at most " : "", SHOWN(high), SHOWN(seen));
    else if (a.document.connections_opened < seen || a.document.connections_opened > high)
        finding_fail(finding, "connections_opened: expected %llu, found %llu",
                     SHOWN(seen), SHOWN(a.document.connections_opened));
}

CHECK_FUNCTION(check_keepalive)
{
    (void)check;
    expect_connections(conform, "", 1, finding);
}

CHECK_FUNCTION(check_no_keepalive)
{
    (void)check;
    expect_connections(conform, " --no-keepalive", 40, finding);
}

/* Warm requests reach the server and are told apart; a runner need not offer them. */
CHECK_FUNCTION(check_warm)
{
    AUTO_ATTEMPT struct attempt a = {.linger_ms = 0};
    struct finding end = {.status = FINDING_OK};
    const uint64_t c = conform_concurrency(conform, 4), warm = 3 * c;
    (void)check;
    if (!attempt_run(conform, &a, finding,
                     "-n 8 -c %" PRIu64 " --warm-requests 3 %s/bytes/4", c,
                     url_of(conform)) ||
        attempt_exited(&a, EXIT_CODE_USAGE, &end) || !attempt_read(&a, finding))
        return;
    const uint64_t told = attempt_number(&a, "warm_requests");
    if (a.document.requests != 8)
        finding_fail(finding, "requests: expected 8, found %llu",
                     SHOWN(a.document.requests));
    else if (told != warm)
        finding_fail(finding, "warm_requests: expected %llu, found %llu", SHOWN(warm),
                     SHOWN(told));
    else if (a.origin.requests != 8 + warm)
        finding_fail(finding, "expected %llu requests, the server found %llu",
                     SHOWN(8 + warm), SHOWN(a.origin.requests));
}

static void expect_in_flight(struct conform *conform, int delay_ms,
                             struct finding *finding)
{
    AUTO_ATTEMPT struct attempt a = {.linger_ms = 0};
    const uint64_t c = conform_concurrency(conform, 16);
    if (!attempt_succeed(conform, &a, finding,
                         "-n %" PRIu64 " -c %" PRIu64 " %s/bytes/4?delay_ms=%d", c, c,
                         url_of(conform), delay_ms))
        return;
    if (a.origin.peak_in_flight != c)
        finding_fail(finding, "expected %llu at once, the server found %llu", SHOWN(c),
                     SHOWN(a.origin.peak_in_flight));
    else if (a.document.peak_in_flight != c)
        finding_fail(finding, "peak_in_flight: expected %llu, found %llu", SHOWN(c),
                     SHOWN(a.document.peak_in_flight));
}

/* A busy machine may need longer than the first delay until all are under way. */
CHECK_FUNCTION(check_in_flight)
{
    struct finding first = {.status = FINDING_OK};
    (void)check;
    expect_in_flight(conform, 400, &first);
    if (first.status != FINDING_OK)
        expect_in_flight(conform, 5000, finding);
}

/* The responses take 16 x 300 ms in turn and 300 ms together. Half of the sum is a wide
 * limit. */
CHECK_FUNCTION(check_together)
{
    AUTO_ATTEMPT struct attempt a = {.linger_ms = 0};
    (void)check;
    if (attempt_succeed(conform, &a, finding, "-n 16 -c 16 %s/bytes/4?delay_ms=300",
                        url_of(conform)) &&
        a.document.measured_ns > UINT64_C(2400) * NS_PER_MS)
        finding_fail(finding,
                     "expected 16 responses of 300 ms in far less than the 4.8 s that "
                     "they take in turn, found %.1f s",
                     (double)a.document.measured_ns / (double)NS_PER_S);
}

/* Proxies in the environment lead to a port on which nothing listens. */
CHECK_FUNCTION(check_proxy)
{
    static const char *const names[] = {"http_proxy", "HTTP_PROXY", "all_proxy",
                                        "ALL_PROXY"};
    AUTO_ATTEMPT struct attempt a = {.linger_ms = 0};
    char proxy[64];
    (void)check;
    (void)snprintf(proxy, sizeof proxy, "http://127.0.0.1:%u", conform->refused_port);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        (void)setenv(names[i], proxy, 1);
    (void)attempt_succeed(conform, &a, finding, "-n 4 %s/bytes/4", url_of(conform));
    for (size_t i = 0; i < COUNT_OF(names); i++)
        (void)unsetenv(names[i]);
}

/* 60 arrivals, one every 5 ms: 295 ms. Half of it is demanded, as the first start, from
 * which measured_ns counts, may be late. At once they would take a few milliseconds. */
CHECK_FUNCTION(check_open_loop)
{
    AUTO_ATTEMPT struct attempt a = {.linger_ms = 0};
    uint64_t lags = 0, responses = 0;
    const uint64_t schedule_ns = 295 * NS_PER_MS;
    (void)check;
    if (!attempt_succeed(conform, &a, finding,
                         "-n 60 -c %" PRIu64 " --rate 200 --arrivals fixed %s/bytes/4",
                         conform_concurrency(conform, 4), url_of(conform)))
        return;
    if (attempt_number(&a, "rate_per_s") != 200)
        finding_fail(finding, "expected rate_per_s 200, found %llu",
                     SHOWN(attempt_number(&a, "rate_per_s")));
    (void)attempt_quantile(&a, "lag_ns", 0, &lags);
    (void)attempt_quantile(&a, "response_ns", 0, &responses);
    lags += attempt_number(&a, "lag_overflow");
    responses += attempt_number(&a, "response_overflow");
    if (lags != 60 || responses != 60)
        finding_fail(finding,
                     "expected 60 in lag_ns and in response_ns, found %llu, %llu",
                     SHOWN(lags), SHOWN(responses));
    if (a.document.measured_ns < schedule_ns / 2)
        finding_fail(
            finding,
            "measured_ns: expected about the %llu that 60 arrivals at 200/s take, "
            "found %llu",
            SHOWN(schedule_ns), SHOWN(a.document.measured_ns));
}

/* One worker serves 50/s at best and 400/s become due: the k-th response comes about
 * k x 17.5 ms late, 0.5 s for the last of 30, while the service stays at 20 ms. */
CHECK_FUNCTION(check_lag)
{
    AUTO_ATTEMPT struct attempt a = {.linger_ms = 0};
    (void)check;
    if (!attempt_succeed(conform, &a, finding,
                         "-n 30 -c 1 --rate 400 --arrivals fixed %s/bytes/4?delay_ms=20",
                         url_of(conform)))
        return;
    const uint64_t slowest = attempt_number(&a, "response_max_ns");
    const uint64_t lag = attempt_quantile(&a, "lag_ns", 0.5, NULL);
    const uint64_t least = attempt_number(&a, "latency_min_ns");
    if (slowest < 300 * NS_PER_MS)
        finding_fail(finding,
                     "response_max_ns: expected 500000000 or more with one worker too "
                     "few, found %llu",
                     SHOWN(slowest));
    if (lag < 100 * NS_PER_MS)
        finding_fail(finding, "lag_ns: expected a median of 250000000, found %llu",
                     SHOWN(lag));
    if (least > 200 * NS_PER_MS)
        finding_fail(finding,
                     "latency_min_ns: expected the service alone, 20000000, found %llu",
                     SHOWN(least));
}

CHECK_FUNCTION(check_redirect)
{
    AUTO_ATTEMPT struct attempt a = {.linger_ms = 0};
    (void)check;
    if (attempt_succeed(conform, &a, finding, "-n 4 http://127.0.0.1:%u/redirect",
                        faulty_port(conform->faulty)) &&
        a.document.bytes_received != 24)
        finding_fail(finding, "expected the 24 bytes of 4 answers with 302, found %llu",
                     SHOWN(a.document.bytes_received));
}

CHECK_FUNCTION(check_failure)
{
    const struct check_fault *fault = check->detail;
    const uint64_t c = conform_concurrency(conform, 3);
    AUTO_ATTEMPT struct attempt a = {.linger_ms = 0};
    (void)faulty_take_count(conform->faulty);
    if (!attempt_run(conform, &a, finding,
                     "-n 6 -c %" PRIu64 " --timeout-ms %d %s://127.0.0.1:%u%s", c,
                     fault->is_stall ? 300 : 10000, fault->scheme,
                     fault->is_refused ? conform->refused_port
                                       : faulty_port(conform->faulty),
                     fault->path))
        return;
    struct finding end = {.status = FINDING_OK};
    if (fault->is_optional && attempt_exited(&a, EXIT_CODE_USAGE, &end)) {
        finding_skip(finding, "it takes no %s URL", fault->scheme);
        return;
    }
    if (!attempt_read(&a, finding))
        return;
    const json_t *failed = json_object_get(a.document.json, "failed");
    const uint64_t seen = faulty_take_count(conform->faulty);
    const uint64_t least =
        fault->is_stall ? 1 : 6; // a time may end before the request is sent
    if (json_object_size(failed) != 1 ||
        json_integer_value(json_object_get(failed, fault->outcome)) != 6) {
        char *text = json_dumps(failed, JSON_SORT_KEYS);
        finding_fail(finding, "expected failed {\"%s\": 6}, found %.200s and %llu ok",
                     fault->outcome, text ? text : "", SHOWN(a.document.ok));
        free(text);
    } else if (fault->is_counted && (seen > 6 || seen < least)) {
        finding_fail(finding, "expected 6 requests, the server found %llu", SHOWN(seen));
    } else if (json_is_integer(json_object_get(a.document.json, "latency_min_ns"))) {
        finding_fail(finding, "latency_min_ns: expected null when nothing was ok");
    }
}
