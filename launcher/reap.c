/* reap.c: kills and reaps what a runner left behind; see reap.h.
 *
 * A killed child's own children are re-parented to us in turn, so the list is read again
 * until the kernel says there is no child left. */
#include "launcher/reap.h"

#include "common/cleanup.h"
#include "common/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* Reads a small file of /proc into text, terminated; 0 bytes when it cannot. What does
 * not fit is left for the next round. */
static size_t read_proc(const char *path, char *text, size_t size)
{
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t used = 0;
    while (fd >= 0 && used + 1 < size) {
        ssize_t got = read(fd, text + used, size - 1 - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        used += (size_t)got;
    }
    text[used] = '\0';
    return used;
}

/* Sends SIGKILL to all children; returns one of them, or 0 when none is known. */
static pid_t kill_children(pid_t group)
{
    static char text[16384]; /* not on the stack: only what is used becomes resident */
    size_t size = read_proc("/proc/thread-self/children", text, sizeof text);
    pid_t one = 0;
    /* every pid is followed by a blank; one cut off by the buffer is not */
    for (char *p = text, *end = NULL; p < text + size; p = end + 1) {
        long pid = strtol(p, &end, 10);
        if (end == p || *end != ' ')
            break;
        (void)kill((pid_t)pid, SIGKILL);
        one = (pid_t)pid;
    }
    if (!one)
        (void)kill(-group, SIGKILL); /* a kernel without the children file */
    return one;
}

/* Reaps what is dead. Returns true when no child is left. */
static bool reap_dead(struct launch_report *report)
{
    for (;;) {
        struct rusage usage;
        pid_t pid = wait4(-1, NULL, WNOHANG, &usage);
        if (pid < 0 && errno == EINTR)
            continue;
        if (pid <= 0)
            return pid < 0;
        report->orphans++;
        report->orphan_cpu_ns +=
            (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * NS_PER_S +
            (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * NS_PER_US;
    }
}

/* Workers that die with their parent have their signal by now, but may not be dead. */
static void linger(struct launch_report *report, uint64_t linger_ms)
{
    const uint64_t deadline = clock_ns() + linger_ms * NS_PER_MS;
    while (!reap_dead(report) && clock_ns() < deadline)
        (void)poll(NULL, 0, 5);
    report->orphans = 0;
}

void reap_orphans(struct launch_report *report, uint64_t linger_ms)
{
    if (linger_ms > 0)
        linger(report, linger_ms);
    const uint64_t deadline = clock_ns() + LAUNCH_REAP_MS * NS_PER_MS;
    while (!reap_dead(report)) {
        pid_t one = kill_children(report->pid);
        AUTO_FD int pidfd = one ? pidfd_open(one, 0) : -1;
        struct pollfd wait = {.fd = pidfd, .events = POLLIN};
        (void)poll(&wait, 1, 10); /* a negative fd is ignored: then it only waits */
        if (clock_ns() > deadline) {
            report->unreaped = 1;
            return;
        }
    }
}

uint64_t reap_own_peak_bytes(void)
{
    static char text[8192];
    (void)read_proc("/proc/self/status", text, sizeof text);
    const char *line = strstr(text, "\nVmHWM:");
    return line ? strtoull(line + strlen("\nVmHWM:"), NULL, 10) * 1024 : 0;
}
