/* summary.c: requests/s, latency, failures, for a person; see summary.h. */
#include "core/summary.h"

#include "common/clock.h"
#include "core/board.h"
#include "core/document.h"
#include "core/runner.h"

#include <inttypes.h>
#include <stdio.h>

static double ms(uint64_t ns)
{
    return (double)ns / (double)NS_PER_MS;
}

/* The latency that one request in `one_in` exceeds. It says something only with at least
 * 10 requests beyond it. */
static void print_percentile(const struct recorder *total, uint64_t one_in,
                             const char *name)
{
    uint64_t needed = 10 * one_in;
    double q = 1 - 1 / (double)one_in;
    if (total->outcomes[OUTCOME_OK] < needed)
        (void)printf("  %-22s - (needs %" PRIu64 " requests)\n", name, needed);
    else
        (void)printf("  %-22s %.3f ms\n", name, ms(hist_quantile_ns(total->latency, q)));
}

static void print_latency(const struct recorder *total)
{
    uint64_t ok = total->outcomes[OUTCOME_OK];
    if (ok == 0)
        return;
    (void)printf("  %-22s %.3f ms\n", "latency mean", ms(total->latency_sum_ns / ok));
    (void)printf("  %-22s %.3f ms\n", "latency min", ms(total->latency_min_ns));
    print_percentile(total, 2, "latency p50");
    print_percentile(total, 10, "latency p90");
    print_percentile(total, 100, "latency p99");
    print_percentile(total, 1000, "latency p99.9");
    (void)printf("  %-22s %.3f ms\n", "latency max", ms(total->latency_max_ns));
    (void)printf("  %-22s %" PRIu64 " bytes\n", "mean response size",
                 total->bytes_received / ok);
}

static void print_failures(const struct recorder *total, uint64_t requests)
{
    uint64_t failed = requests - total->outcomes[OUTCOME_OK];
    (void)printf("  %-22s %" PRIu64 "\n", "failed", failed);
    for (int i = OUTCOME_OK + 1; i < OUTCOME_COUNT; i++) {
        if (total->outcomes[i])
            (void)printf("    %-20s %" PRIu64 "\n", outcome_name((enum outcome)i),
                         total->outcomes[i]);
    }
}

int summary_print(const char *model, const struct run *run, struct err *err)
{
    struct recorder total;
    struct hist latency;
    document_total(run, &total, &latency);
    uint64_t requests = run->settings.requests;
    uint64_t ok = total.outcomes[OUTCOME_OK];
    double seconds =
        (double)(total.last_end_ns - total.first_start_ns) / (double)NS_PER_S;
    (void)printf("%s: %" PRIu64 " requests, %" PRIu64 " at a time\n", model, requests,
                 run->settings.concurrency);
    (void)printf("  %-22s %.3f s\n", "time", seconds);
    (void)printf("  %-22s %.1f\n", "requests/s",
                 seconds > 0 ? (double)ok / seconds : 0.0);
    (void)printf("  %-22s %.1f us\n", "CPU per request",
                 (double)total.cpu_end_ns / (double)NS_PER_US / (double)requests);
    print_latency(&total);
    (void)printf("  %-22s %" PRIu64 "\n", "connections opened", total.connections_opened);
    print_failures(&total, requests);
    if (fflush(stdout))
        return err_set(err, EXIT_CODE_UNFIT, "cannot write to stdout");
    return 0;
}
