/* launch: runs one runner under a fresh concbench-launch and brings home what it wrote
 * and what it used. The harness sleeps in ppoll meanwhile.
 *
 * Recipe: fill a launch_request, call launch_run, look at the outcome, call
 * launch_outcome_done. */
#ifndef HARNESS_LAUNCH_H
#define HARNESS_LAUNCH_H

#include "common/cpus.h"
#include "common/err.h"
#include "launcher/launch_report.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define LAUNCH_DOCUMENT_LIMIT ((size_t)4 << 20) /* more is a flood */
#define LAUNCH_STDERR_LIMIT   ((size_t)1 << 20) /* more is a flood */
#define LAUNCH_STDERR_KEPT    ((size_t)2048)
#define LAUNCH_LINGER_MS      250 /* for helpers that see that their runner has ended */

struct launch_request {
    char *const *argv;       /* borrowed; argv[0] is the path, NULL at the end */
    const char *variable;    /* borrowed or NULL; NAME=VALUE for its environment */
    const struct cpus *cpus; /* borrowed; that the runner may use */
    uint64_t timeout_ms;     /* then it is stopped: SIGTERM, 1 s, SIGKILL */
    bool has_counters;       /* attach the counters; costs the runner some CPU time */
    const char *group;       /* borrowed or NULL; control group that the runner joins */
    uint64_t quota_cpus;     /* > 0: instead of it, one that allows so many CPUs */
    bool takes_stdout;       /* the document is what it prints; it has no fd 3 */
    uint64_t linger_ms;      /* time for what it leaves behind to end: no orphans */
    size_t padding_bytes;    /* added to the environment: its size moves the stack */
    const volatile sig_atomic_t *interrupted; /* borrowed or NULL; set by a handler of
                                                 SIGHUP, SIGINT or SIGTERM: stop the
                                                 runner */

    /* NULL, or called in the meantime, first when the runner has been exec'ed; returns
     * the milliseconds until it wants to be called again. */
    uint64_t (*sample)(void *arg, pid_t runner);
    void *sample_arg;
};

struct launch_outcome {
    bool is_reported; /* false: the launcher died; report is not set */
    bool is_launcher_stopped;
    int launcher_signal; /* that it died of; 0: it ended by itself, or had to be killed */
    unsigned int strays; /* processes that it left, ended by us */
    struct launch_report report;
    char *document; /* owned; what the runner wrote, terminated; never NULL */
    size_t document_size;
    char stderr_text[LAUNCH_STDERR_KEPT + 1]; /* its first bytes, as they came */
    size_t stderr_size;                       /* of stderr_text, without the NUL */
    const char *flooded;                      /* NULL, "stderr" or "the document" */
    bool is_interrupted;
};

/* Runs it to its end; *out_outcome must be given to launch_outcome_done. Whatever the
 * runner does is an outcome. An error (EXIT_CODE_UNFIT) means that no launcher could be
 * started, or that a process it left cannot be ended, beside which nothing more can be
 * measured. Not thread-safe: it changes the signal mask, and adopts orphans, while it
 * waits. */
int launch_run(const struct launch_request *request, struct launch_outcome *out_outcome,
               struct err *err);

void launch_outcome_done(struct launch_outcome *outcome); /* NULL-safe */

#endif
