/* concbench-launch: stands between the harness and one runner, for one trial.
 *
 * Why it exists: a process starts its life with the footprint of the one that forked it
 * (ru_maxrss survives exec), and the harness holds a whole run in memory. This program is
 * static and about 1 MB, so the runner's peak is the runner's own. It also outlives the
 * runner: as subreaper it gets every process the runner leaves behind, and when the
 * harness dies its control pipe ends and everything is killed.
 *
 * It does one thing: start, wait for the end, the deadline or a command, kill, reap,
 * report. Judging the numbers is left to the harness. */
#include "common/cleanup.h"
#include "common/clock.h"
#include "common/cpus.h"
#include "common/options.h"
#include "common/process.h"
#include "launcher/counters.h"
#include "launcher/launch_report.h"
#include "launcher/reap.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct launcher {
    uint64_t timeout_ms, linger_ms;
    const char *cpus_text, *group;
    bool count, take_stdout;
    struct cpus cpus;
    int counter_fds[COUNTERS_COUNT];
    uint64_t started_ns;
    struct launch_report report;
};

static const struct option_spec specs[] = {
    {"timeout-ms", 0, "T", OPTION_UINT, offsetof(struct launcher, timeout_ms), 1,
     1000000000, NULL, "stop the runner after this time"},
    {"cpus", 0, "LIST", OPTION_STRING, offsetof(struct launcher, cpus_text), 0, 0, NULL,
     "CPUs that the runner may use, as 0,2-3 (default: all it has)"},
    {"count", 0, NULL, OPTION_FLAG, offsetof(struct launcher, count), 0, 0, NULL,
     "count instructions, cycles, misses, switches; costs the runner some CPU time"},
    {"group", 0, "DIR", OPTION_STRING, offsetof(struct launcher, group), 0, 0, NULL,
     "control group that the runner joins"},
    {"stdout", 0, NULL, OPTION_FLAG, offsetof(struct launcher, take_stdout), 0, 0, NULL,
     "take the runner's stdout in place of its fd 3"},
    {"linger-ms", 0, "T", OPTION_UINT, offsetof(struct launcher, linger_ms), 0, 60000,
     NULL, "time for what the runner leaves behind to end by itself"},
};

static const struct option_table table = {
    "concbench-launch [OPTIONS] -- RUNNER [ARG...]",
    "Starts one runner for the harness and accounts for it. Fds 3, 4 and 5 are pipes to "
    "the harness; see launch_report.h.",
    specs,
    COUNT_OF(specs),
    NULL,
    NULL};

/* The message of a child that did not reach the runner, sent over a pipe that exec
 * closes. */
struct failure {
    int32_t error;
    uint32_t step;
};

static void send_report(const struct launch_report *report)
{
    while (write(LAUNCH_REPORT_FD, report, sizeof *report) < 0 && errno == EINTR)
        ;
}

static void ignore_sigpipe(void)
{
    const struct sigaction action = {.sa_handler = SIG_IGN};
    (void)sigaction(SIGPIPE, &action, NULL);
}

static _Noreturn void fail_child(int fd, enum launch_step step)
{
    const struct failure failure = {.error = errno, .step = step};
    while (write(fd, &failure, sizeof failure) < 0 && errno == EINTR)
        ;
    _exit(127);
}

/* In the child: becomes the runner. parent guards against a launcher that died before
 * the death signal was armed; hold_fd ends when the exec may come (-1: at once). */
static _Noreturn void become_runner(const struct launcher *l, char **argv, pid_t parent,
                                    int failure_fd, int hold_fd)
{
    char nothing = 0;
    (void)setpgid(0, 0);
    process_before_exec();
    process_die_with(parent, SIGKILL);
    while (hold_fd >= 0 && read(hold_fd, &nothing, 1) < 0 && errno == EINTR)
        ;
    if (l->cpus_text && cpus_use(0, &l->cpus))
        fail_child(failure_fd, LAUNCH_STEP_CPUS);
    const int result_fd = l->take_stdout ? STDOUT_FILENO : LAUNCH_RUNNER_FD;
    /* fd 4 for failures, fd 3 (or 1) for the document, nothing above */
    if (dup3(failure_fd, LAUNCH_CONTROL_FD, O_CLOEXEC) < 0)
        fail_child(failure_fd, LAUNCH_STEP_FDS);
    if (dup2(LAUNCH_RESULT_FD, result_fd) < 0 ||
        close_range(LAUNCH_CONTROL_FD + 1, ~0U, 0))
        fail_child(LAUNCH_CONTROL_FD, LAUNCH_STEP_FDS);
    if (l->take_stdout)
        (void)close(LAUNCH_REPORT_FD);
    (void)execv(argv[0], argv);
    fail_child(LAUNCH_CONTROL_FD, LAUNCH_STEP_EXEC);
}

/* Waits until the runner is exec'ed (the pipe ends) or says why not. */
static void read_failure(int fd, struct launch_report *report)
{
    struct failure failure;
    ssize_t got = 0;
    do {
        got = read(fd, &failure, sizeof failure);
    } while (got < 0 && errno == EINTR);
    if (got == (ssize_t)sizeof failure) {
        report->failed_errno = failure.error;
        report->failed_step = failure.step;
    }
}

static int join_group(const char *group, pid_t pid)
{
    char path[PATH_MAX], text[16];
    (void)snprintf(path, sizeof path, "%s/cgroup.procs", group);
    const int size = snprintf(text, sizeof text, "%d", (int)pid);
    AUTO_FD int fd = open(path, O_WRONLY | O_CLOEXEC);
    return fd >= 0 && write(fd, text, (size_t)size) == size ? 0 : errno;
}

/* What has to be done to the child before its exec, while it is held. */
static void prepare(struct launcher *l, pid_t pid)
{
    if (l->group)
        l->report.group_errno = join_group(l->group, pid);
    if (l->count)
        counters_open(pid, l->counter_fds, l->report.counters);
}

/* Forks and execs the runner; on failure report->failed_errno is set. */
static void start_runner(struct launcher *l, char **argv)
{
    int pipe_fds[2], hold_fds[2] = {-1, -1};
    const pid_t self = getpid();
    if (pipe2(pipe_fds, O_CLOEXEC) ||
        ((l->group || l->count) && pipe2(hold_fds, O_CLOEXEC))) {
        l->report.failed_errno = errno;
        return;
    }
    l->started_ns = clock_ns();
    const pid_t pid = fork();
    if (pid == 0) {
        (void)close(hold_fds[1]);
        become_runner(l, argv, self, pipe_fds[1], hold_fds[0]);
    }
    l->report.failed_errno = pid < 0 ? errno : 0;
    l->report.pid = pid;
    if (pid > 0)
        prepare(l, pid);
    cleanup_close_fd(&hold_fds[0]);
    cleanup_close_fd(&hold_fds[1]); /* which lets the child go */
    (void)close(pipe_fds[1]);
    (void)close(LAUNCH_RESULT_FD);
    if (pid > 0) {
        (void)setpgid(pid,
                      pid); /* the child does it too; EACCES after the exec is fine */
        read_failure(pipe_fds[0], &l->report);
    }
    (void)close(pipe_fds[0]);
}

static void send_signal(pid_t pid, int signal_number)
{
    (void)kill(-pid, signal_number); /* the group ... */
    (void)kill(pid, signal_number);  /* ... and a runner that has left it */
}

/* The order of the harness: 0 for none, LAUNCH_STOP, or EOF (-1) when it is gone. */
static int read_command(void)
{
    char command = 0;
    ssize_t got = read(LAUNCH_CONTROL_FD, &command, 1);
    if (got < 0)
        return errno == EINTR || errno == EAGAIN ? 0 : -1;
    return got == 0 ? -1 : command;
}

/* How far the ending of a runner has come. Each phase has its own deadline. */
enum phase { RUNNING, STOPPING, KILLED, GIVEN_UP };

static uint64_t enter(enum phase phase, pid_t pid)
{
    if (phase == STOPPING) {
        send_signal(pid, SIGTERM);
        return clock_ns() + LAUNCH_GRACE_MS * NS_PER_MS;
    }
    send_signal(pid, SIGKILL);
    return clock_ns() + LAUNCH_REAP_MS * NS_PER_MS;
}

static int milliseconds_until(uint64_t deadline_ns)
{
    uint64_t now = clock_ns();
    return deadline_ns > now ? (int)((deadline_ns - now) / NS_PER_MS + 1) : 0;
}

/* Returns when the runner is dead (a zombie), or cannot be killed. */
static enum phase wait_for_end(struct launcher *l)
{
    const pid_t pid = l->report.pid;
    const int pidfd = pidfd_open(pid, 0);
    uint64_t deadline_ns = l->started_ns + l->timeout_ms * NS_PER_MS;
    enum phase phase = RUNNING;
    if (pidfd < 0)
        deadline_ns = enter(phase = KILLED, pid);
    struct pollfd fds[2] = {{.fd = pidfd, .events = POLLIN},
                            {.fd = LAUNCH_CONTROL_FD, .events = POLLIN}};
    while (phase != GIVEN_UP) {
        int ready = poll(fds, 2, milliseconds_until(deadline_ns));
        if (fds[0].revents && ready > 0)
            break;
        int command = ready > 0 && fds[1].revents ? read_command() : 0;
        if (command < 0) {
            fds[1].fd = -1;
            deadline_ns = enter(phase = KILLED, pid);
        } else if (command == LAUNCH_STOP && phase == RUNNING) {
            deadline_ns = enter(phase = STOPPING, pid);
        } else if (clock_ns() >= deadline_ns) {
            l->report.timed_out |= phase == RUNNING;
            deadline_ns = enter(++phase, pid);
        }
    }
    (void)close(pidfd);
    return phase;
}

static uint64_t timeval_ns(struct timeval t)
{
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_usec * NS_PER_US;
}

static void account(struct launcher *l, int options)
{
    struct launch_report *report = &l->report;
    struct rusage usage;
    pid_t reaped = 0;
    do {
        reaped = wait4(report->pid, &report->wait_status, options, &usage);
    } while (reaped < 0 && errno == EINTR);
    report->wall_ns = clock_ns() - l->started_ns;
    if (reaped != report->pid) {
        report->unreaped = 1;
        return;
    }
    report->cpu_user_ns = timeval_ns(usage.ru_utime);
    report->cpu_system_ns = timeval_ns(usage.ru_stime);
    report->max_rss_bytes = (uint64_t)usage.ru_maxrss * 1024;
    report->voluntary_switches = (uint64_t)usage.ru_nvcsw;
    report->involuntary_switches = (uint64_t)usage.ru_nivcsw;
    report->minor_faults = (uint64_t)usage.ru_minflt;
    report->major_faults = (uint64_t)usage.ru_majflt;
}

static void run(struct launcher *l, char **argv)
{
    start_runner(l, argv);
    if (l->report.pid > 0) {
        enum phase phase = RUNNING;
        if (!l->report.failed_errno) {
            l->report.kind = LAUNCH_STARTED;
            send_report(&l->report);
            phase = wait_for_end(l);
        }
        account(l, phase == GIVEN_UP ? WNOHANG : 0);
        reap_orphans(&l->report, l->linger_ms);
        if (l->count)
            counters_close(l->counter_fds, l->report.counters);
    }
    l->report.launcher_rss_bytes = reap_own_peak_bytes();
    l->report.kind = LAUNCH_DONE;
    send_report(&l->report);
}

int main(int argc, char **argv)
{
    struct launcher launcher = {.timeout_ms = 60000};
    struct err err = {0};
    int arguments = 0;
    int help = 0;
    if (process_begin(&err) ||
        options_parse(&table, argc, argv, &launcher, &arguments, &help, &err))
        return err_report(&err, "concbench-launch");
    if (help) {
        options_print_help(&table, stdout);
        return process_end(EXIT_CODE_OK, &err, "concbench-launch");
    }
    if (arguments == 0 ||
        (launcher.cpus_text && cpus_parse(launcher.cpus_text, &launcher.cpus))) {
        (void)err_set(&err, EXIT_CODE_USAGE, "needs a runner and a list of CPUs");
        return err_report(&err, "concbench-launch");
    }
    argv[arguments + 1] = NULL; /* options_parse moved the runner's words to argv[1] on */
    (void)close_range(LAUNCH_RESULT_FD + 1, ~0U, 0);
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    /* A report that nothing reads any more must not end us: we have yet to kill and
     * reap. */
    ignore_sigpipe();
    run(&launcher, argv + 1);
    return EXIT_CODE_OK;
}
