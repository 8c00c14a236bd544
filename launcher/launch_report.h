/* launch_report: what the launcher sends to the harness. Both come from the same build,
 * so it is a plain C struct; a write of it is below PIPE_BUF and therefore whole.
 *
 *     harness  --spawns-->  concbench-launch --timeout-ms T --cpus LIST [--count]
 *                           [--group DIR] [--stdout] [--linger-ms T] -- RUNNER ARG...
 *                             fd 0, 1  /dev/null
 *                             fd 2     pipe: the runner's stderr
 *                             fd 3     pipe: launch_report, twice
 *                             fd 4     pipe: commands; its end means the harness is gone
 *                             fd 5     pipe: the runner's result document (its fd 3,
 *                                      or with --stdout its fd 1)
 *
 * The first report (LAUNCH_STARTED) comes when the runner has been exec'ed and carries
 * its pid; the second (LAUNCH_DONE) when nothing of it remains. If the runner could not
 * be started there is only LAUNCH_DONE, with failed_errno set. */
#ifndef LAUNCHER_LAUNCH_REPORT_H
#define LAUNCHER_LAUNCH_REPORT_H

#include "launcher/counters.h"

#include <stdint.h>

#define LAUNCH_REPORT_FD  3
#define LAUNCH_CONTROL_FD 4
#define LAUNCH_RESULT_FD  5
#define LAUNCH_RUNNER_FD  3   /* where the runner finds its result pipe */
#define LAUNCH_STOP       's' /* the one command: SIGTERM, then SIGKILL after the grace */
#define LAUNCH_GRACE_MS   1000
#define LAUNCH_REAP_MS    4000 /* at most, for what even SIGKILL does not end at once */

enum launch_kind { LAUNCH_STARTED = 1, LAUNCH_DONE = 2 };

enum launch_step {
    LAUNCH_STEP_FORK,
    LAUNCH_STEP_CPUS,
    LAUNCH_STEP_FDS,
    LAUNCH_STEP_EXEC
};

struct launch_report {
    uint32_t kind; /* enum launch_kind */
    int32_t pid;   /* of the runner, also its process group */

    /* The rest is set in LAUNCH_DONE. */
    int32_t failed_errno; /* 0, or why the runner did not start */
    uint32_t failed_step; /* enum launch_step */
    int32_t wait_status;  /* of the runner, as from wait4 */
    uint32_t timed_out;   /* 1: the deadline passed and the runner was stopped */
    uint32_t orphans;     /* processes that the runner left behind; killed, reaped.
                             With --linger-ms only those that outlived it */
    uint32_t unreaped;    /* 1: something could not be killed within LAUNCH_REAP_MS */

    uint64_t wall_ns;                    /* fork to reaped */
    uint64_t cpu_user_ns, cpu_system_ns; /* the runner and all it reaped */
    uint64_t orphan_cpu_ns;              /* of the orphans; in none of the above */
    uint64_t max_rss_bytes;              /* largest process of the tree */
    uint64_t voluntary_switches, involuntary_switches, minor_faults, major_faults;
    uint64_t launcher_rss_bytes; /* peak of the launcher: the floor of max_rss_bytes */
    int32_t group_errno;         /* of --group: 0, or why the runner could not join it */
    struct counters_value counters[COUNTERS_COUNT]; /* with --count; else zeroed */
};

#endif
