/* summary.c: requests/s, latency, failures, for a person; see summary.h. */
#include "runtime/summary.h"

#include "common/clean.h"
#include "common/clock.h"
#include "common/fold.h"
#include "runtime/document.h"
#include "runtime/runner.h"
#include "runtime/shared.h"

#include <inttypes.h>
#include <stdio.h>

static double ms(uint64_t ns)
{
    return (double)ns / (double)NS_PER_MS;
}

/* The times that one request in 2, 10, 100, 1000 exceeds. One says something only with at
 * least 10 requests beyond it. */
static void print_percentiles(const struct hist *hist, uint64_t count, const char *what,
                              FILE *out)
{
    static const struct {
        uint64_t one_in;
        const char *name;
    } table[] = {{2, "p50"}, {10, "p90"}, {100, "p99"}, {1000, "p99.9"}};
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        char name[32];
        uint64_t needed = 10 * table[i].one_in;
        double q = 1 - 1 / (double)table[i].one_in;
        (void)snprintf(name, sizeof name, "%s %s", what, table[i].name);
        if (count < needed)
            clean_print(out, "  %-22s - (needs %" PRIu64 " requests)\n", name, needed);
        else
            clean_print(out, "  %-22s %.3f ms\n", name, ms(hist_quantile_ns(hist, q)));
    }
}

static void print_latency(const struct recorder *total, FILE *out)
{
    uint64_t ok = total->outcomes[OUTCOME_OK];
    if (ok == 0)
        return;
    clean_print(out, "  %-22s %.3f ms\n", "latency mean", ms(total->latency_sum_ns / ok));
    clean_print(out, "  %-22s %.3f ms\n", "latency min", ms(total->latency_min_ns));
    print_percentiles(total->latency, ok, "latency", out);
    clean_print(out, "  %-22s %.3f ms\n", "latency max", ms(total->latency_max_ns));
    clean_print(out, "  %-22s %" PRIu64 " bytes\n", "mean response size",
                total->bytes_received / ok);
}

/* Prints the times of an open loop: what users see, and whether the workers kept up. */
static void print_open_loop(const struct total *total, FILE *out)
{
    uint64_t ok = total->all.outcomes[OUTCOME_OK];
    if (ok == 0)
        return;
    print_percentiles(&total->response, ok, "response", out);
    clean_print(out, "  %-22s %.3f ms\n", "response max", ms(total->all.response_max_ns));
    print_percentiles(&total->lag, hist_count(&total->lag), "start lag", out);
}

static void print_failures(const struct run *run, const struct recorder *total, FILE *out)
{
    uint64_t requests = run->settings.requests;
    uint64_t failed = requests - total->outcomes[OUTCOME_OK];
    clean_print(out, "  %-22s %" PRIu64 "\n", "failed", failed);
    for (int i = OUTCOME_OK + 1; i < OUTCOME_COUNT; i++) {
        const char *reason = document_reason(run, (enum outcome)i);
        if (total->outcomes[i])
            clean_print(out, "    %-20s %" PRIu64 "%s%s\n", outcome_name((enum outcome)i),
                        total->outcomes[i], reason ? ", the first: " : "",
                        reason ? reason : "");
    }
}

/* Prints redirects: a user may have measured nothing but a redirect page. */
static void print_redirects(const struct run *run, const struct recorder *total,
                            FILE *out)
{
    const char *first = document_reason(run, OUTCOME_OK);
    if (total->redirects)
        clean_print(out, "  %-22s %" PRIu64 ", not followed; the first: %s\n",
                    "redirects", total->redirects, first ? first : "unknown");
}

void summary_complain(const struct run *run, const char *program, FILE *out)
{
    struct total merged;
    document_total(run, &merged);
    for (int i = OUTCOME_OK + 1; i < OUTCOME_COUNT; i++) {
        const char *reason = document_reason(run, (enum outcome)i);
        if (merged.all.outcomes[i])
            clean_print(out, "%s: %" PRIu64 " of %" PRIu64 " request%s failed: %s%s%s\n",
                        program, merged.all.outcomes[i], run->settings.requests,
                        run->settings.requests == 1 ? "" : "s",
                        outcome_name((enum outcome)i), reason ? ": " : "",
                        reason ? reason : "");
    }
}

int summary_print(const struct run *run, struct err *err)
{
    struct total merged;
    document_total(run, &merged);
    const struct recorder *total = &merged.all;
    uint64_t requests = run->settings.requests;
    uint64_t ok = total->outcomes[OUTCOME_OK];
    double seconds =
        (double)(total->last_end_ns - total->first_start_ns) / (double)NS_PER_S;
    FILE *out = fold_open(stdout, 0);
    clean_print(out, "%s: %" PRIu64 " request%s, %" PRIu64 " at a time\n",
                run->model->name, requests, requests == 1 ? "" : "s",
                run->settings.concurrency);
    clean_print(out, "  %-22s %.3f s\n", "time", seconds);
    clean_print(out, "  %-22s %.1f\n", "requests/s",
                seconds > 0 ? (double)ok / seconds : 0.0);
    clean_print(out, "  %-22s %.1f us\n", "CPU per request",
                (double)total->cpu_end_ns / (double)NS_PER_US / (double)requests);
    print_latency(total, out);
    if (run->settings.rate_per_s)
        print_open_loop(&merged, out);
    clean_print(out, "  %-22s %" PRIu64 "\n", "connections opened",
                total->connections_opened);
    print_redirects(run, total, out);
    print_failures(run, total, out);
    fold_close(out, stdout);
    if (fflush(stdout))
        return err_set(err, EXIT_CODE_UNFIT, "cannot write to stdout");
    return 0;
}
