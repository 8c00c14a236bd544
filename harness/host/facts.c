/* facts.c: the null with its reason, small files and the output of small programs; see
 * facts.h. Which facts there are is environment_*.c's. */
#include "harness/host/facts.h"

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/json.h"
#include "harness/host/spawn.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define CAPTURE_LIMIT_NS (5 * NS_PER_S)
#define EXACT_LIMIT      9007199254740992.0 /* 2^53: whole doubles below it are exact */

struct facts facts_begin(void)
{
    return (struct facts){json_object(), json_object()};
}

json_t *facts_finish(struct facts *facts)
{
    json_t *all = facts->all;
    json_put(all, "unknown", facts->unknown);
    *facts = (struct facts){0};
    return all;
}

/* value is taken; NULL is an unknown one. */
static void put(struct facts *facts, const char *group, const char *fact, json_t *value,
                const char *reason)
{
    json_t *object = json_object_get(facts->all, group);
    if (!object) {
        object = json_object();
        json_put(facts->all, group, object);
    }
    if (!value) {
        char name[128];
        (void)snprintf(name, sizeof name, "%s.%s", group, fact);
        json_put(facts->unknown, name, json_string(reason));
    }
    json_put(object, fact, value ? value : json_null());
}

void facts_put_text(struct facts *facts, const char *group, const char *fact,
                    const char *text, const char *reason)
{
    if (!text || !*text) {
        put(facts, group, fact, NULL, reason);
        return;
    }
    char clean[1024];
    size_t length = 0;
    for (; text[length] && length < sizeof clean - 1; length++) {
        unsigned char c = (unsigned char)text[length];
        clean[length] = (char)(isprint(c) && c < 0x7f ? c : c == '\t' ? ' ' : '?');
    }
    put(facts, group, fact, json_stringn(clean, length), reason);
}

void facts_put_number(struct facts *facts, const char *group, const char *fact,
                      double value, const char *reason)
{
    json_t *json = NULL;
    if (isfinite(value) && fabs(value) < EXACT_LIMIT && floor(value) == value)
        json = json_uint((uint64_t)value);
    else if (isfinite(value))
        json = json_real(value);
    put(facts, group, fact, json, reason);
}

void facts_put_bool(struct facts *facts, const char *group, const char *fact,
                    bool is_known, bool value, const char *reason)
{
    put(facts, group, fact, is_known ? json_boolean(value) : NULL, reason);
}

static void say_unread(const char *path, int status, char *out_reason, size_t size)
{
    (void)snprintf(out_reason, size, "%s: %s", path,
                   status ? strerror(-status) : "nothing in it that is understood");
}

void facts_put_line(struct facts *facts, const char *group, const char *fact,
                    const char *path)
{
    char text[1024], reason[256];
    int status = facts_read(path, text, sizeof text);
    text[strcspn(text, "\n")] = '\0';
    say_unread(path, status, reason, sizeof reason);
    facts_put_text(facts, group, fact, text, reason);
}

void facts_put_file_number(struct facts *facts, const char *group, const char *fact,
                           const char *path)
{
    char text[64], reason[256], *end = text;
    int status = facts_read(path, text, sizeof text);
    double value = strtod(text, &end);
    say_unread(path, status, reason, sizeof reason);
    facts_put_number(facts, group, fact, end == text ? (double)NAN : value, reason);
}

int facts_read(const char *path, char *out_text, size_t size)
{
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t used = 0;
    *out_text = '\0';
    if (fd < 0)
        return -errno;
    while (used < size - 1) {
        ssize_t got = read(fd, out_text + used, size - 1 - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            *out_text = '\0';
            return -errno;
        }
        if (got == 0)
            break;
        used += (size_t)got;
    }
    out_text[used] = '\0';
    return 0;
}

/* Reads until its end or the deadline. Output beyond the size is read and dropped, so
 * that a program never waits for us. */
static void read_output(int fd, uint64_t deadline_ns, char *out_text, size_t size)
{
    size_t used = 0;
    for (uint64_t now_ns = clock_ns(); now_ns < deadline_ns; now_ns = clock_ns()) {
        char chunk[4096];
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        if (poll(&wait, 1, (int)((deadline_ns - now_ns) / NS_PER_MS) + 1) <= 0)
            continue;
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got == 0 || (got < 0 && errno != EINTR))
            break;
        size_t room = size - 1 - used;
        size_t kept = got < 0 ? 0 : (size_t)got < room ? (size_t)got : room;
        memcpy(out_text + used, chunk, kept);
        used += kept;
    }
    out_text[used] = '\0';
}

/* Its wait status. It has until the deadline to exit by itself. */
static int reap(pid_t pid, uint64_t deadline_ns)
{
    int state = 0;
    pid_t reaped = 0;
    while (clock_ns() < deadline_ns && (reaped = waitpid(pid, &state, WNOHANG)) == 0)
        (void)poll(NULL, 0, 1);
    if (reaped == 0)
        (void)kill(-pid, SIGKILL); /* it leads a group of its own */
    while (reaped == 0 && waitpid(pid, &state, 0) < 0 && errno == EINTR)
        continue;
    return state;
}

static int capture(const char *const *argv, bool takes_stderr, char *out_text,
                   size_t size)
{
    static const char *const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", NULL};
    int read_end = -1, write_end = -1;
    pid_t pid = -1;
    *out_text = '\0';
    int status = spawn_pipe(&read_end, &write_end);
    if (status)
        return status;
    const struct spawn_fd out = {.ours = write_end, .theirs = STDOUT_FILENO};
    AUTO_FD int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    const int errors = takes_stderr ? write_end : nowhere;
    const struct spawn_fd fds[] = {out, {.ours = errors, .theirs = STDERR_FILENO}};
    status = spawn_program(argv[0], argv, environment, fds, errors < 0 ? 1 : 2, &pid);
    (void)close(write_end);
    if (!status) {
        const uint64_t deadline_ns = clock_ns() + CAPTURE_LIMIT_NS;
        read_output(read_end, deadline_ns, out_text, size);
        const int state = reap(pid, deadline_ns);
        status = WIFEXITED(state) && WEXITSTATUS(state) == 0 ? 0 : -EIO;
    }
    (void)close(read_end);
    return status;
}

int facts_capture(const char *const *argv, char *out_text, size_t size)
{
    return capture(argv, false, out_text, size);
}

int facts_capture_all(const char *const *argv, char *out_text, size_t size)
{
    return capture(argv, true, out_text, size);
}
