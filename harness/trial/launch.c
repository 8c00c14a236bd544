/* launch.c: the harness's end of the pipes of launch_report.h; see launch.h.
 *
 * It starts the launcher, empties the runner's document and stderr with limits, and
 * waits for the report. What the outcome means is judged in validity.c. */
#include "harness/trial/launch.h"

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/cpus.h"
#include "common/memory.h"
#include "common/paths.h"
#include "common/process.h"
#include "harness/host/cgroup.h"
#include "harness/host/spawn.h"
#include "harness/host/strays.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

/* A launcher that does not answer this long after the deadline is killed. */
#define LAUNCH_PATIENCE_MS (LAUNCH_GRACE_MS + 2 * LAUNCH_REAP_MS + 2000)

enum { REPORT, DOCUMENT, STDERR, READ_ENDS };

struct session {
    const struct launch_request *request;
    struct launch_outcome *outcome;
    pid_t launcher;
    int fds[READ_ENDS];    /* ours; -1 once closed */
    int theirs[READ_ENDS]; /* the launcher's, until it is started */
    int control[2];        /* read end theirs, write end ours */
    size_t document_room, stderr_total;
    pid_t runner;          /* 0 before LAUNCH_STARTED and after LAUNCH_DONE */
    uint64_t sample_at_ns; /* when request->sample is due */
    uint64_t give_up_at_ns;
    bool is_stopped;
    sigset_t waiting_mask; /* of signals, while it sleeps */
};

static void close_fd(int *fd)
{
    cleanup_close_fd(fd);
    *fd = -1;
}

static int open_pipes(struct session *s)
{
    int status = spawn_pipe(&s->control[0], &s->control[1]);
    for (int i = 0; i < READ_ENDS && !status; i++) {
        status = spawn_pipe(&s->fds[i], &s->theirs[i]);
        if (!status && fcntl(s->fds[i], F_SETFL, O_NONBLOCK))
            status = -errno;
    }
    return status;
}

/* Whether both are values of the same variable. */
static bool is_same_variable(const char *a, const char *b)
{
    const size_t length = strcspn(a, "=");
    return !strncmp(a, b, length + 1);
}

/* environ with the variables more (one, or NULL the second), which are borrowed and
 * replace those of that name. The array is new. */
static const char **make_environment(const char *padding, const char *variable)
{
    size_t all = 0, count = 0;
    while (environ[all])
        all++;
    const char **environment = memory_calloc(all + 3, sizeof *environment);
    for (size_t i = 0; i < all; i++) {
        if (!variable || !is_same_variable(variable, environ[i]))
            environment[count++] = environ[i];
    }
    environment[count++] = padding;
    environment[count] = variable;
    return environment;
}

/* The launcher's words, then the runner's. The array is new, the words are borrowed. */
static const char **make_argv(const char *path, const char *timeout, const char *linger,
                              const char *cpus, const struct launch_request *request)
{
    const char *own[14] = {path,   "--timeout-ms", timeout, "--linger-ms",
                           linger, "--cpus",       cpus};
    size_t own_count = 7, count = 0;
    if (request->takes_stdout)
        own[own_count++] = "--stdout";
    if (request->has_counters)
        own[own_count++] = "--count";
    if (request->group) {
        own[own_count++] = "--group";
        own[own_count++] = request->group;
    }
    own[own_count++] = "--";
    while (request->argv[count])
        count++;
    const char **argv = memory_calloc(own_count + count + 1, sizeof *argv);
    memcpy(argv, own, own_count * sizeof *argv);
    memcpy(argv + own_count, request->argv, count * sizeof *argv);
    return argv;
}

static int start_launcher(struct session *s, const char *path)
{
    static const char name[] = "CONCBENCH_PADDING=";
    const struct launch_request *request = s->request;
    const size_t padding_bytes = sizeof name + request->padding_bytes;
    char timeout[24], linger[24];
    char cpus[CPUS_TEXT_SIZE];
    (void)snprintf(timeout, sizeof timeout, "%" PRIu64, request->timeout_ms);
    (void)snprintf(linger, sizeof linger, "%" PRIu64, request->linger_ms);
    cpus_format(request->cpus, cpus, sizeof cpus);
    AUTO_FREE char *padding = memory_malloc(padding_bytes);
    AUTO_FREE const char **environment = make_environment(padding, request->variable);
    AUTO_FREE const char **argv = make_argv(path, timeout, linger, cpus, request);
    memset(padding, 'x', padding_bytes - 1);
    memcpy(padding, name, sizeof name - 1);
    padding[padding_bytes - 1] = '\0';
    const struct spawn_fd fds[] = {{s->theirs[STDERR], STDERR_FILENO},
                                   {s->theirs[REPORT], LAUNCH_REPORT_FD},
                                   {s->control[0], LAUNCH_CONTROL_FD},
                                   {s->theirs[DOCUMENT], LAUNCH_RESULT_FD}};
    return spawn_program(path, argv, environment, fds, COUNT_OF(fds), &s->launcher);
}

/* Once is enough; the launcher does the rest. */
static void stop(struct session *s)
{
    static const char command = LAUNCH_STOP;
    if (!s->is_stopped)
        (void)!write(s->control[1], &command, 1);
    s->is_stopped = true;
}

static void flood(struct session *s, int which, const char *what)
{
    s->outcome->flooded = what;
    stop(s);
    close_fd(&s->fds[which]);
}

static void keep_document(struct session *s, const char *bytes, size_t size)
{
    struct launch_outcome *o = s->outcome;
    if (o->document_size + size > LAUNCH_DOCUMENT_LIMIT) {
        flood(s, DOCUMENT, "the document");
        return;
    }
    if (o->document_size + size + 1 > s->document_room) {
        size_t room = 2 * (o->document_size + size + 1);
        o->document = memory_realloc(o->document, room);
        s->document_room = room;
    }
    memcpy(o->document + o->document_size, bytes, size);
    o->document_size += size;
    o->document[o->document_size] = '\0';
}

static void keep_stderr(struct session *s, const char *bytes, size_t size)
{
    struct launch_outcome *o = s->outcome;
    size_t room = LAUNCH_STDERR_KEPT - o->stderr_size;
    size_t kept = size < room ? size : room;
    memcpy(o->stderr_text + o->stderr_size, bytes, kept);
    o->stderr_size += kept;
    s->stderr_total += size;
    if (s->stderr_total > LAUNCH_STDERR_LIMIT)
        flood(s, STDERR, "stderr");
}

static void keep_report(struct session *s, const char *bytes, size_t size)
{
    struct launch_report report;
    if (size != sizeof report)
        return;
    memcpy(&report, bytes, sizeof report);
    s->runner = report.kind == LAUNCH_STARTED ? report.pid : 0;
    if (report.kind == LAUNCH_DONE) {
        s->outcome->report = report;
        s->outcome->is_reported = true;
    }
}

/* Reads what is there, up to the end of the pipe or until it would block. */
static void drain(struct session *s, int which)
{
    static void (*const keep[READ_ENDS])(struct session *, const char *, size_t) = {
        keep_report, keep_document, keep_stderr};
    char bytes[16384];
    const size_t size = which == REPORT ? sizeof(struct launch_report) : sizeof bytes;
    while (s->fds[which] >= 0) {
        ssize_t got = read(s->fds[which], bytes, size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return;
        if (got > 0)
            keep[which](s, bytes, (size_t)got);
        else
            close_fd(&s->fds[which]);
    }
}

/* How long ppoll may sleep: to the next sample or to the end of patience. */
static struct timespec time_to_sleep(const struct session *s)
{
    uint64_t until = s->give_up_at_ns;
    if (s->request->sample && s->runner && s->sample_at_ns < until)
        until = s->sample_at_ns;
    uint64_t now = clock_ns();
    uint64_t ns = until > now ? until - now : 0;
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S),
                             .tv_nsec = (long)(ns % NS_PER_S)};
}

static void sample_if_due(struct session *s)
{
    if (s->request->sample && s->runner && clock_ns() >= s->sample_at_ns) {
        uint64_t pause_ms = s->request->sample(s->request->sample_arg, s->runner);
        s->sample_at_ns = clock_ns() + pause_ms * NS_PER_MS;
    }
}

/* Whether the launcher has been stopped and would never answer. */
static bool is_launcher_stopped(struct session *s)
{
    siginfo_t info = {0};
    const int how = WSTOPPED | WNOHANG | WNOWAIT;
    if (waitid(P_PID, (id_t)s->launcher, &info, how) || info.si_pid != s->launcher)
        return false;
    s->outcome->is_launcher_stopped = true;
    return true;
}

/* Waits until the launcher has reported and closed its pipe, or is given up. */
static void wait_for_report(struct session *s)
{
    while (s->fds[REPORT] >= 0 && clock_ns() < s->give_up_at_ns &&
           !is_launcher_stopped(s)) {
        if (s->request->interrupted && *s->request->interrupted && !s->is_stopped) {
            s->outcome->is_interrupted = true;
            stop(s);
        }
        struct pollfd fds[READ_ENDS];
        for (int i = 0; i < READ_ENDS; i++)
            fds[i] = (struct pollfd){.fd = s->fds[i], .events = POLLIN};
        struct timespec timeout = time_to_sleep(s);
        /* The signals are blocked except in here, so none is missed in between. */
        int ready = ppoll(fds, READ_ENDS, &timeout, &s->waiting_mask);
        for (int i = 0; i < READ_ENDS && ready > 0; i++) {
            if (fds[i].revents)
                drain(s, i);
        }
        sample_if_due(s);
    }
}

/* Leaves no zombie and no running launcher. Its pipe has ended or its time is over.
 * A launcher that has closed its pipe ends by itself, unless it has been stopped
 * meanwhile. */
static void reap_launcher(struct session *s)
{
    int status = 0;
    AUTO_FD int pidfd = s->fds[REPORT] < 0 ? pidfd_open(s->launcher, 0) : -1;
    struct pollfd wait = {.fd = pidfd, .events = POLLIN};
    const bool ends = pidfd >= 0 && poll(&wait, 1, LAUNCH_GRACE_MS) > 0;
    if (!ends)
        (void)kill(s->launcher, SIGKILL);
    while (waitpid(s->launcher, &status, 0) < 0 && errno == EINTR)
        ;
    s->outcome->launcher_signal = ends && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    drain(s, DOCUMENT);
    drain(s, STDERR);
}

static void session_done(struct session *s)
{
    for (int i = 0; i < READ_ENDS; i++) {
        close_fd(&s->fds[i]);
        close_fd(&s->theirs[i]);
    }
    close_fd(&s->control[0]);
    close_fd(&s->control[1]);
}

/* It comes when the launcher is stopped, and ends a wait; SA_NOCLDSTOP is not set. */
static void wake(int signal_number)
{
    (void)signal_number;
}

/* Signals are blocked except in ppoll. */
static void take_signals(struct session *s, struct sigaction *old_child,
                         sigset_t *old_mask)
{
    const struct sigaction action = {.sa_handler = wake};
    sigset_t stops;
    process_ending_signals(&stops);
    (void)sigaddset(&stops, SIGCHLD);
    (void)sigaction(SIGCHLD, &action, old_child);
    (void)pthread_sigmask(SIG_BLOCK, &stops, old_mask);
    s->waiting_mask = *old_mask;
    (void)sigdelset(&s->waiting_mask, SIGCHLD);
}

/* Runs the launcher from its start to its end. */
static int run_launcher(struct session *s, const char *path)
{
    const int status = start_launcher(s, path);
    if (status)
        return status;
    for (int i = 0; i < READ_ENDS; i++)
        close_fd(&s->theirs[i]);
    /* Their end of the control pipe stays open here too: a stop that comes when the
     * launcher has gone must not raise SIGPIPE. */
    s->give_up_at_ns =
        clock_ns() +
        (s->request->timeout_ms + s->request->linger_ms + LAUNCH_PATIENCE_MS) * NS_PER_MS;
    wait_for_report(s);
    reap_launcher(s);
    return 0;
}

static int run(struct session *s, const char *path, struct err *err)
{
    struct sigaction old_child;
    sigset_t old_mask;
    struct strays strays;
    s->outcome->document = memory_calloc(1, 1);
    s->document_room = 1;
    int status = open_pipes(s);
    if (!status) {
        take_signals(s, &old_child, &old_mask);
        strays_begin(&strays);
        status = run_launcher(s, path);
        const int left = strays_end(&strays, &s->outcome->strays, err);
        (void)pthread_sigmask(SIG_SETMASK, &old_mask, NULL);
        (void)sigaction(SIGCHLD, &old_child, NULL);
        if (left)
            return left;
    }
    if (status)
        return err_set(err, EXIT_CODE_UNFIT, "cannot start %.300s: %s", path,
                       strerror(-status));
    return 0;
}

int launch_run(const struct launch_request *request, struct launch_outcome *out_outcome,
               struct err *err)
{
    char path[PATH_MAX];
    struct launch_request joined = *request;
    struct cgroup quota = {0};
    *out_outcome = (struct launch_outcome){0};
    int status = paths_program("concbench-launch", path, sizeof path, err);
    if (status)
        return status;
    if (request->quota_cpus) {
        cgroup_make_quota(request->quota_cpus, &quota);
        joined.group = quota.path;
    }
    if (request->quota_cpus && !quota.version)
        return err_set(err, EXIT_CODE_UNFIT, "CPU quota: %s; %s", quota.reason_v2,
                       quota.reason_v1);
    struct session s = {.request = &joined,
                        .outcome = out_outcome,
                        .fds = {-1, -1, -1},
                        .theirs = {-1, -1, -1},
                        .control = {-1, -1}};
    status = run(&s, path, err);
    session_done(&s);
    cgroup_remove(&quota);
    if (status)
        launch_outcome_done(out_outcome);
    return status;
}

void launch_outcome_done(struct launch_outcome *outcome)
{
    if (!outcome)
        return;
    free(outcome->document);
    outcome->document = NULL;
}
