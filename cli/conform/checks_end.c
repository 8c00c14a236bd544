/* checks_end.c: how a runner ends, by itself and by signals; see checks.h. */
#include "cli/conform/attempt.h"
#include "cli/conform/checks.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define LOOK_AGAIN_MS  5
#define NEVER_AGAIN_MS 3600000
#define LINGER_MS      2000 /* for workers that are about to die */

CHECK_FUNCTION(check_leftovers)
{
    AUTO_ATTEMPT struct attempt a = {.linger_ms = LAUNCH_LINGER_MS};
    (void)check;
    if (attempt_run(conform, &a, finding, "-n 8 -c %" PRIu64 " %s/bytes/4",
                    conform_concurrency(conform, 4),
                    origin_control_url(conform->origin)) &&
        a.outcome.report.orphans > 0)
        finding_fail(finding, "expected no process after its end, found %u",
                     a.outcome.report.orphans);
}

/* Sends the signal once all workers wait for an answer. */
struct strike {
    struct origin_control *origin;
    uint64_t workers;
    int signal_number;
    bool is_done;
};

static uint64_t strike_when_waiting(void *arg, pid_t runner)
{
    struct strike *strike = arg;
    struct origin_stats stats = {0};
    struct err err = {0};
    if (strike->is_done)
        return NEVER_AGAIN_MS;
    if (origin_control_stats(strike->origin, 0, &stats, &err) ||
        stats.in_flight < strike->workers)
        return LOOK_AGAIN_MS;
    strike->is_done = true;
    (void)kill(runner, strike->signal_number);
    return NEVER_AGAIN_MS;
}

CHECK_FUNCTION(check_signal)
{
    const int number = *(const int *)check->detail;
    struct strike strike = {.origin = conform->origin,
                            .workers = conform_concurrency(conform, 4),
                            .signal_number = number};
    AUTO_ATTEMPT struct attempt a = {
        .linger_ms = LINGER_MS, .sample = strike_when_waiting, .sample_arg = &strike};
    if (!attempt_run(conform, &a, finding,
                     "-n 8 -c %" PRIu64 " --timeout-ms 300000 %s/bytes/4?delay_ms=300000",
                     strike.workers, origin_control_url(conform->origin)))
        return;
    const struct launch_report *report = &a.outcome.report;
    if (!strike.is_done)
        finding_fail(finding, "expected %" PRIu64 " requests in flight, never found them",
                     strike.workers);
    else if (report->timed_out)
        finding_fail(finding, "expected its end by signal %d, found it still running",
                     number);
    else if (!WIFSIGNALED(report->wait_status))
        finding_fail(finding, "expected its end by signal %d, found exit code %d", number,
                     WEXITSTATUS(report->wait_status));
    else if (WTERMSIG(report->wait_status) != number)
        finding_fail(finding, "expected its end by signal %d, found signal %d", number,
                     WTERMSIG(report->wait_status));
    else if (a.outcome.document_size > 0)
        finding_fail(finding, "expected no document, found %zu bytes",
                     a.outcome.document_size);
    else if (report->orphans > 0)
        finding_fail(finding, "expected none of its processes to remain, found %u",
                     report->orphans);
}
