/* probe.c: see probe.h. */
#include "harness/host/probe.h"

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/process.h"
#include "harness/host/spawn.h"
#include "harness/host/strays.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#define SAID_MAX 4096

/* Reads what is there and drops what is beyond the size. False at the end. */
static bool read_some(int fd, char *out_text, size_t size, size_t *used)
{
    char chunk[1024];
    ssize_t got = read(fd, chunk, sizeof chunk);
    if (got <= 0)
        return got < 0 && errno == EINTR;
    size_t room = size - 1 - *used;
    size_t kept = (size_t)got < room ? (size_t)got : room;
    memcpy(out_text + *used, chunk, kept);
    *used += kept;
    out_text[*used] = '\0';
    return true;
}

/* Waits until the program has ended (true) or the deadline has passed. What it wrote
 * before its end is in the pipe when the pidfd reports the end, and is read first: both
 * are polled together. */
static bool wait_end(int pidfd, int fd, uint64_t deadline_ns, char *out_text, size_t size)
{
    size_t used = 0;
    struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {.fd = pidfd, .events = POLLIN}};
    for (uint64_t now_ns = clock_ns(); now_ns < deadline_ns; now_ns = clock_ns()) {
        if (poll(fds, 2, (int)((deadline_ns - now_ns) / NS_PER_MS) + 1) <= 0)
            continue;
        if (fds[0].revents && !read_some(fd, out_text, size, &used))
            fds[0].fd = -1; /* it has closed its stderr; its end is yet to come */
        else if (!fds[0].revents && fds[1].revents)
            return true;
    }
    return false;
}

/* The last line. It names the error, also in a traceback. */
static void keep_last_line(char *text, char *out_line, size_t size)
{
    size_t length = strlen(text);
    while (length > 0 && strchr("\r\n \t", text[length - 1]))
        text[--length] = '\0';
    const char *line = strrchr(text, '\n');
    (void)snprintf(out_line, size, "%s", line ? line + 1 : text);
    for (char *at = out_line; *at; at++)
        *at = *at >= 0x20 && *at < 0x7f ? *at : '?';
}

static int finish(pid_t pid, bool has_ended, uint64_t limit_ms, char *text,
                  char *out_line, size_t size)
{
    int state = 0;
    (void)kill(-pid, SIGKILL); /* what it started, and itself if it still runs */
    while (waitpid(pid, &state, 0) < 0 && errno == EINTR)
        ;
    if (has_ended && WIFEXITED(state)) {
        keep_last_line(text, out_line, size);
        return WEXITSTATUS(state);
    }
    if (has_ended)
        (void)snprintf(out_line, size, "killed by signal %d", WTERMSIG(state));
    else
        (void)snprintf(out_line, size, "no answer within %d s", (int)(limit_ms / 1000));
    return -1;
}

/* A process that is the program's parent in our place, and ends as the program does. Its
 * stderr is nowhere: what it cannot do shows in its exit code, and the harness tells of it. */
static _Noreturn void stand_in(const char *const *argv, const struct spawn_fd *said,
                               int nowhere, pid_t parent)
{
    pid_t pid = -1;
    int state = 0;
    process_die_with(parent, SIGKILL);
    (void)setpgid(0, 0);
    if (nowhere < 0 || dup2(nowhere, STDERR_FILENO) < 0 ||
        spawn_program(argv[0], argv, (const char *const *)environ, said, 1, &pid))
        _exit(127);
    while (waitpid(pid, &state, 0) < 0 && errno == EINTR)
        ;
    _exit(WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state));
}

/* Starts argv with a pipe as its descriptor `said_on`. is_foreign: with a stand-in for its
 * parent, which is the process then, and with its stderr nowhere. 0 or -errno. */
static int start(const char *const *argv, int said_on, bool is_foreign, int *out_read_end,
                 pid_t *out_pid)
{
    const pid_t parent = getpid();
    int write_end = -1;
    int status = spawn_pipe(out_read_end, &write_end);
    if (status)
        return status;
    AUTO_FD int nowhere = is_foreign ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
    const struct spawn_fd fds[] = {{.ours = write_end, .theirs = said_on}};
    if (is_foreign) {
        *out_pid = fork();
        status = *out_pid < 0 ? -errno : 0;
        if (*out_pid == 0)
            stand_in(argv, fds, nowhere, parent);
    } else {
        status =
            spawn_program(argv[0], argv, (const char *const *)environ, fds, 1, out_pid);
    }
    (void)close(write_end);
    return status;
}

/* Keeps what it says on the descriptor `said_on` in text (text_size bytes). */
static int run(const char *const *argv, uint64_t limit_ms, int said_on, bool is_foreign,
               char *text, size_t text_size, char *out_line, size_t size)
{
    int read_end = -1;
    pid_t pid = -1;
    *text = *out_line = '\0';
    int status = start(argv, said_on, is_foreign, &read_end, &pid);
    AUTO_FD int said = read_end;
    AUTO_FD int pidfd = status ? -1 : pidfd_open(pid, 0);
    if (status) {
        (void)snprintf(out_line, size, "cannot start it: %s", strerror(-status));
        return -1;
    }
    bool has_ended =
        pidfd >= 0 &&
        wait_end(pidfd, said, clock_ns() + limit_ms * NS_PER_MS, text, text_size);
    return finish(pid, has_ended, limit_ms, text, out_line, size);
}

int probe_run(const char *const *argv, uint64_t limit_ms, char *out_line)
{
    char text[SAID_MAX];
    return run(argv, limit_ms, STDERR_FILENO, false, text, sizeof text, out_line,
               PROBE_TEXT_SIZE);
}

char *probe_question(const char *const *argv)
{
    json_auto_t *words = json_array();
    size_t count = 0;
    for (; argv[count]; count++)
        (void)json_array_append_new(words, json_string(argv[count]));
    return json_array_size(words) == count ? json_dumps(words, JSON_COMPACT) : NULL;
}

int probe_once(const char *const *argv, uint64_t limit_ms, char *out_line)
{
    static json_t *answers; /* {question: [exit code, line]} */
    AUTO_FREE char *question = probe_question(argv);
    if (!question) /* a word that is not UTF-8 */
        return probe_run(argv, limit_ms, out_line);
    const json_t *known = json_object_get(answers, question);
    if (known) {
        (void)snprintf(out_line, PROBE_TEXT_SIZE, "%s",
                       json_string_value(json_array_get(known, 1)));
        return (int)json_integer_value(json_array_get(known, 0));
    }
    int code = probe_run(argv, limit_ms, out_line);
    json_t *answer = json_array();
    json_push(answer, json_integer(code));
    json_push(answer, json_string(out_line));
    if (!answers)
        answers = json_object();
    json_put(answers, question, answer);
    return code;
}

int probe_ask(const char *const *argv, uint64_t limit_ms, char *out_said, size_t size)
{
    char text[SAID_MAX];
    return run(argv, limit_ms, STDOUT_FILENO, false, text, sizeof text, out_said, size);
}

int probe_read(const char *const *argv, uint64_t limit_ms, char *out_text, size_t size,
               int *out_code, struct err *err)
{
    char line[PROBE_TEXT_SIZE];
    struct strays strays;
    unsigned int ended = 0;
    strays_begin(&strays);
    *out_code =
        run(argv, limit_ms, STDOUT_FILENO, true, out_text, size, line, sizeof line);
    return strays_end(&strays, &ended, err);
}
