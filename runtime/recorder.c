/* recorder.c: constant-size accounting of a worker's requests; see recorder.h. */
#include "runtime/recorder.h"

#include "common/clock.h"

static const char *const names[OUTCOME_COUNT] = {
    [OUTCOME_OK] = "ok",           [OUTCOME_RESOLVE] = "resolve",
    [OUTCOME_CONNECT] = "connect", [OUTCOME_TLS] = "tls",
    [OUTCOME_TIMEOUT] = "timeout", [OUTCOME_RESET] = "reset",
    [OUTCOME_SHORT] = "short",     [OUTCOME_PROTOCOL] = "protocol",
    [OUTCOME_STATUS] = "status",   [OUTCOME_WORKER] = "worker",
    [OUTCOME_OTHER] = "other",
};

const char *outcome_name(enum outcome outcome)
{
    return names[outcome];
}

void recorder_begin(struct recorder *recorder)
{
    if (recorder->open_workers++ == 0 && recorder->cpu_begin_ns == 0)
        recorder->cpu_begin_ns = clock_thread_cpu_ns();
}

void recorder_end(struct recorder *recorder)
{
    if (--recorder->open_workers == 0)
        recorder->cpu_end_ns = clock_thread_cpu_ns();
}

void recorder_renew(struct recorder *recorder)
{
    if (recorder->outcomes[OUTCOME_OK])
        hist_clear_range(recorder->latency, recorder->latency_min_ns,
                         recorder->latency_max_ns);
    *recorder = (struct recorder){.open_workers = recorder->open_workers,
                                  .cpu_begin_ns = clock_thread_cpu_ns(),
                                  .latency = recorder->latency,
                                  .response = recorder->response,
                                  .lag = recorder->lag};
}

void recorder_add(struct recorder *recorder, enum outcome outcome, uint64_t start_ns,
                  uint64_t end_ns, uint64_t bytes)
{
    if (recorder->first_start_ns == 0 || start_ns < recorder->first_start_ns)
        recorder->first_start_ns = start_ns;
    recorder->last_end_ns = end_ns;
    recorder->outcomes[outcome]++;
    if (outcome != OUTCOME_OK)
        return;
    uint64_t latency_ns = end_ns - start_ns;
    recorder->bytes_received += bytes;
    recorder->latency_sum_ns += latency_ns;
    if (latency_ns > recorder->latency_max_ns)
        recorder->latency_max_ns = latency_ns;
    if (latency_ns < recorder->latency_min_ns || recorder->outcomes[OUTCOME_OK] == 1)
        recorder->latency_min_ns = latency_ns;
    hist_add(recorder->latency, latency_ns);
}

void recorder_add_due(struct recorder *recorder, enum outcome outcome, uint64_t due_ns,
                      uint64_t start_ns, uint64_t end_ns)
{
    uint64_t lag_ns = start_ns > due_ns ? start_ns - due_ns : 0;
    hist_add(recorder->lag, lag_ns);
    if (lag_ns > recorder->lag_max_ns)
        recorder->lag_max_ns = lag_ns;
    if (outcome != OUTCOME_OK)
        return;
    uint64_t response_ns = end_ns - due_ns;
    hist_add(recorder->response, response_ns);
    if (response_ns > recorder->response_max_ns)
        recorder->response_max_ns = response_ns;
}

/* A worker's histogram is read only where it has values: see hist_merge_range. */
static void merge_latency(struct recorder *into, const struct recorder *from)
{
    if (from->outcomes[OUTCOME_OK] == 0)
        return;
    if (into->outcomes[OUTCOME_OK] == 0 || from->latency_min_ns < into->latency_min_ns)
        into->latency_min_ns = from->latency_min_ns;
    if (from->latency_max_ns > into->latency_max_ns)
        into->latency_max_ns = from->latency_max_ns;
    into->latency_sum_ns += from->latency_sum_ns;
    hist_merge_range(into->latency, from->latency, from->latency_min_ns,
                     from->latency_max_ns);
}

/* Response times are merged from the range of latencies on: none is shorter than its
 * latency. */
static void merge_open_loop(struct recorder *into, const struct recorder *from)
{
    if (!from->response || !from->last_end_ns)
        return;
    if (from->response_max_ns > into->response_max_ns)
        into->response_max_ns = from->response_max_ns;
    hist_merge_range(into->response, from->response, from->latency_min_ns,
                     from->response_max_ns);
    hist_merge_range(into->lag, from->lag, 0, from->lag_max_ns);
}

void recorder_merge(struct recorder *into, const struct recorder *from)
{
    merge_latency(into, from);
    merge_open_loop(into, from);
    if (from->first_start_ns &&
        (!into->first_start_ns || from->first_start_ns < into->first_start_ns))
        into->first_start_ns = from->first_start_ns;
    if (from->last_end_ns > into->last_end_ns)
        into->last_end_ns = from->last_end_ns;
    if (from->cpu_end_ns > from->cpu_begin_ns)
        into->cpu_end_ns += from->cpu_end_ns - from->cpu_begin_ns + from->cpu_helpers_ns;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        into->outcomes[i] += from->outcomes[i];
    into->redirects += from->redirects;
    into->bytes_received += from->bytes_received;
    into->connections_opened += from->connections_opened;
}
