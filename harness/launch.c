/* launch.c: the harness's end of the pipes of launch_report.h; see launch.h.
 *
 * It starts the launcher, empties the runner's document and stderr with limits, and
 * waits for the report. What the outcome means is judged in gate.c. */
#include "harness/launch.h"

#include "common/clock.h"
#include "common/owners.h"
#include "common/paths.h"
#include "harness/cpus.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
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
    bool stopped;
    sigset_t old_mask;
};

static void close_fd(int *fd)
{
    owners_close_fd(fd);
    *fd = -1;
}

static int open_pipe(int *out_read_end, int *out_write_end)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC))
        return -errno;
    /* The launcher's ends are dup2'ed onto 2 to 5. A number in that range could be
     * overwritten before it is its turn, and dup2 onto itself keeps CLOEXEC: so all ends
     * are moved out of the way. */
    for (int i = 0; i < 2; i++) {
        int high = fcntl(fds[i], F_DUPFD_CLOEXEC, 10);
        int error = errno;
        (void)close(fds[i]);
        fds[i] = high;
        if (high < 0) {
            owners_close_fd(&fds[1 - i]);
            return -error;
        }
    }
    *out_read_end = fds[0];
    *out_write_end = fds[1];
    return 0;
}

static int open_pipes(struct session *s)
{
    int status = open_pipe(&s->control[0], &s->control[1]);
    for (int i = 0; i < READ_ENDS && !status; i++) {
        status = open_pipe(&s->fds[i], &s->theirs[i]);
        if (!status && fcntl(s->fds[i], F_SETFL, O_NONBLOCK))
            status = -errno;
    }
    return status;
}

static int add_actions(const struct session *s, posix_spawn_file_actions_t *actions)
{
    int status = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
    if (!status)
        status = posix_spawn_file_actions_addopen(actions, 1, "/dev/null", O_WRONLY, 0);
    if (!status)
        status = posix_spawn_file_actions_adddup2(actions, s->theirs[STDERR], 2);
    if (!status)
        status = posix_spawn_file_actions_adddup2(actions, s->theirs[REPORT],
                                                  LAUNCH_REPORT_FD);
    if (!status)
        status =
            posix_spawn_file_actions_adddup2(actions, s->control[0], LAUNCH_CONTROL_FD);
    if (!status)
        status = posix_spawn_file_actions_adddup2(actions, s->theirs[DOCUMENT],
                                                  LAUNCH_RESULT_FD);
    return status;
}

/* A process group of its own, so that Ctrl-C reaches the harness alone; no signal
 * ignored or blocked that the harness has ignored or blocked. */
static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t all;
    sigset_t none;
    (void)sigfillset(&all);
    (void)sigemptyset(&none);
    (void)posix_spawnattr_setpgroup(attributes, 0);
    (void)posix_spawnattr_setsigdefault(attributes, &all);
    (void)posix_spawnattr_setsigmask(attributes, &none);
    return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP |
                                                    POSIX_SPAWN_SETSIGDEF |
                                                    POSIX_SPAWN_SETSIGMASK);
}

/* environ and a variable of padding_bytes. The array is new, as is *out_padding. */
static char **make_environment(size_t padding_bytes, char **out_padding)
{
    static const char name[] = "CONCBENCH_PADDING=";
    size_t count = 0;
    while (environ[count])
        count++;
    char **environment = calloc(count + 2, sizeof *environment);
    char *padding = malloc(sizeof name + padding_bytes);
    if (!environment || !padding) {
        free(environment);
        free(padding);
        return NULL;
    }
    memcpy(padding, name, sizeof name);
    memset(padding + sizeof name - 1, 'x', padding_bytes);
    padding[sizeof name - 1 + padding_bytes] = '\0';
    memcpy(environment, environ, count * sizeof *environment);
    environment[count] = padding;
    *out_padding = padding;
    return environment;
}

/* The launcher's words, then the runner's. The array is new, the words are borrowed. */
static char **make_argv(char *path, char *timeout, char *cpus, char *const *runner)
{
    static char timeout_flag[] = "--timeout-ms";
    static char cpus_flag[] = "--cpus";
    static char end[] = "--";
    char *const own[] = {path, timeout_flag, timeout, cpus_flag, cpus, end};
    const size_t own_count = sizeof own / sizeof own[0];
    size_t count = 0;
    while (runner[count])
        count++;
    char **argv = calloc(own_count + count + 1, sizeof *argv);
    if (argv) {
        memcpy(argv, own, sizeof own);
        memcpy(argv + own_count, runner, count * sizeof *argv);
    }
    return argv;
}

static int spawn(struct session *s, char *path)
{
    char timeout[24];
    char cpus[CPUS_TEXT_SIZE];
    (void)snprintf(timeout, sizeof timeout, "%llu",
                   (unsigned long long)s->request->timeout_ms);
    cpus_format(s->request->cpus, cpus, sizeof cpus);
    AUTO_FREE char *padding = NULL;
    AUTO_FREE char **environment = make_environment(s->request->padding_bytes, &padding);
    AUTO_FREE char **argv = make_argv(path, timeout, cpus, s->request->argv);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (!argv || !environment || posix_spawn_file_actions_init(&actions))
        return ENOMEM;
    int status = posix_spawnattr_init(&attributes);
    if (!status) {
        status = add_actions(s, &actions);
        if (!status)
            status = set_attributes(&attributes);
        if (!status)
            status =
                posix_spawn(&s->launcher, path, &actions, &attributes, argv, environment);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return status;
}

/* Once is enough; the launcher does the rest. */
static void stop(struct session *s)
{
    static const char command = LAUNCH_STOP;
    if (!s->stopped)
        (void)!write(s->control[1], &command, 1); /* EPIPE: it is ending already */
    s->stopped = true;
}

static void flood(struct session *s, int which, const char *what)
{
    s->outcome->flooded = what;
    close_fd(&s->fds[which]);
    stop(s);
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
        char *bigger = realloc(o->document, room);
        if (!bigger) {
            flood(s, DOCUMENT, "the document");
            return;
        }
        o->document = bigger;
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
        s->outcome->reported = true;
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

/* Until the launcher has reported and closed its pipe, or is given up. */
static void wait_for_report(struct session *s)
{
    while (s->fds[REPORT] >= 0 && clock_ns() < s->give_up_at_ns) {
        if (s->request->interrupted && *s->request->interrupted && !s->stopped) {
            s->outcome->interrupted = true;
            stop(s);
        }
        struct pollfd fds[READ_ENDS];
        for (int i = 0; i < READ_ENDS; i++)
            fds[i] = (struct pollfd){.fd = s->fds[i], .events = POLLIN};
        struct timespec timeout = time_to_sleep(s);
        /* The two signals are blocked except in here, so none is missed in between. */
        int ready = ppoll(fds, READ_ENDS, &timeout, &s->old_mask);
        for (int i = 0; i < READ_ENDS && ready > 0; i++) {
            if (fds[i].revents)
                drain(s, i);
        }
        sample_if_due(s);
    }
}

/* No zombie, and no launcher that still runs. Its pipe has ended or its time is over. */
static void reap_launcher(struct session *s)
{
    if (s->fds[REPORT] >= 0)
        (void)kill(s->launcher, SIGKILL);
    while (waitpid(s->launcher, NULL, 0) < 0 && errno == EINTR)
        ;
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

static int run(struct session *s, char *path, struct err *err)
{
    sigset_t stops;
    (void)sigemptyset(&stops);
    (void)sigaddset(&stops, SIGINT);
    (void)sigaddset(&stops, SIGTERM);
    s->outcome->document = calloc(1, 1);
    s->document_room = 1;
    int status = s->outcome->document ? open_pipes(s) : -ENOMEM;
    if (!status)
        status = -spawn(s, path);
    if (status)
        return err_set(err, EXIT_CODE_UNFIT, "cannot start %.300s: %s", path,
                       strerror(-status));
    for (int i = 0; i < READ_ENDS; i++)
        close_fd(&s->theirs[i]);
    close_fd(&s->control[0]);
    s->give_up_at_ns =
        clock_ns() + (s->request->timeout_ms + LAUNCH_PATIENCE_MS) * NS_PER_MS;
    (void)pthread_sigmask(SIG_BLOCK, &stops, &s->old_mask);
    wait_for_report(s);
    (void)pthread_sigmask(SIG_SETMASK, &s->old_mask, NULL);
    reap_launcher(s);
    return 0;
}

int launch_run(const struct launch_request *request, struct launch_outcome *out_outcome,
               struct err *err)
{
    char path[PATH_MAX];
    *out_outcome = (struct launch_outcome){0};
    int status = paths_program("concbench-launch", path, sizeof path, err);
    if (status)
        return status;
    struct session s = {.request = request,
                        .outcome = out_outcome,
                        .fds = {-1, -1, -1},
                        .theirs = {-1, -1, -1},
                        .control = {-1, -1}};
    status = run(&s, path, err);
    session_done(&s);
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
