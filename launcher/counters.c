/* counters.c: the events of perf_event_open; see counters.h. Libc only: it is part of the
 * launcher. harness/trial/counts.c explains a refusal. */
#include "launcher/counters.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

const struct counters_spec counters_table[COUNTERS_COUNT] = {
    {"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
    {"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
    {"cache_misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES},
    {"branch_misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES},
    /* The kernel's own counters: every machine has them, and they check the way that all
     * take. */
    {"task_clock_ns", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK},
    {"page_faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS},
    {"context_switches", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES},
    {"cpu_migrations", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS},
};

static int open_one(const struct counters_spec *spec, pid_t pid)
{
    struct perf_event_attr attr = {.size = sizeof attr,
                                   .type = spec->type,
                                   .config = spec->config,
                                   .disabled = 1,
                                   .inherit = 1,
                                   .enable_on_exec = 1,
                                   .read_format = PERF_FORMAT_TOTAL_TIME_ENABLED |
                                                  PERF_FORMAT_TOTAL_TIME_RUNNING};
    return (int)syscall(SYS_perf_event_open, &attr, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

void counters_open(pid_t pid, int *out_fds, struct counters_value *out_values)
{
    for (size_t i = 0; i < COUNTERS_COUNT; i++) {
        out_fds[i] = open_one(&counters_table[i], pid);
        out_values[i] = (struct counters_value){.error = out_fds[i] < 0 ? errno : 0};
    }
}

void counters_close(const int *fds, struct counters_value *values)
{
    for (size_t i = 0; i < COUNTERS_COUNT; i++) {
        uint64_t read_values[3] = {0}; /* value, enabled, running: the read_format's */
        if (fds[i] < 0)
            continue;
        if (read(fds[i], read_values, sizeof read_values) != (ssize_t)sizeof read_values)
            values[i].error = errno ? errno : EIO;
        values[i].value = read_values[0];
        values[i].enabled_ns = read_values[1];
        values[i].running_ns = read_values[2];
        (void)close(fds[i]);
    }
}
