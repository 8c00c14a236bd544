/* counters: what the kernel and the processor counted while a runner ran, through
 * perf_event_open. One table of them; the launcher opens and reads, the harness names.
 *
 * Each counter is an event of its own (a group cannot be inherited and read), counts user
 * and kernel mode, starts at the exec and is inherited by threads and forks. It is never
 * scaled here: with more events than the processor has counters the kernel takes turns,
 * and running_ns / enabled_ns says for which part of the time it counted. */
#ifndef LAUNCHER_COUNTERS_H
#define LAUNCHER_COUNTERS_H

#include <stdint.h>
#include <sys/types.h>

enum { COUNTERS_COUNT = 8 };

/* As sent in struct launch_report. */
struct counters_value {
    int32_t error; /* 0, or the errno of opening or reading it; then nothing below */
    uint64_t value, enabled_ns, running_ns;
};

struct counters_spec {
    const char *name; /* key in the trial's `counters` */
    uint32_t type;    /* PERF_TYPE_... */
    uint64_t config;
};

extern const struct counters_spec counters_table[COUNTERS_COUNT];

/* Opens all counters on pid, which has not exec'ed yet. out_fds gets COUNTERS_COUNT
 * descriptors (CLOEXEC) or -1; errors go to values, which is otherwise zeroed. */
void counters_open(pid_t pid, int *out_fds, struct counters_value *out_values);

/* Reads and closes what counters_open gave, when the process has been reaped. */
void counters_close(const int *fds, struct counters_value *values);

#endif
