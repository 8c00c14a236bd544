/* origin_control.c: starts, asks and stops concbench-origin; see origin_control.h and
 * docs/origin.md.
 *
 * It speaks just enough HTTP/1.1 for /stats: one kept connection, an answer with a
 * Content-Length in one small buffer. libcurl would bring its CPU and memory into the
 * process that watches the measurement. */
#include "harness/servers/origin_control.h"

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/paths.h"
#include "harness/host/spawn.h"
#include "harness/servers/origin_ask.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define START_LIMIT_MS 30000
#define STOP_LIMIT_MS  1000
#define READY_FD       3
#define TOKEN_FD       4
#define TOKEN_BYTES    32 /* each two digits */

struct origin_control {
    pid_t pid;                       /* 0: it runs on another host */
    int fd;                          /* connection for /stats; -1 while there is none */
    struct sockaddr_storage address; /* of /stats */
    socklen_t address_size;
    struct cpus cpus;
    char url[80];
    char token[ORIGIN_TOKEN_SIZE]; /* only this origin and we know it */
};

/* A child starts with its parent's CPUs, so they are changed for the moment. */
static int start(const char *path, const struct cpus *cpus, uint64_t threads,
                 uint64_t addresses, uint64_t seed, const char *ca_file, int ready_fd,
                 int token_fd, pid_t *out_pid)
{
    char threads_text[24], addresses_text[24], seed_text[24];
    (void)snprintf(threads_text, sizeof threads_text, "%" PRIu64, threads);
    (void)snprintf(addresses_text, sizeof addresses_text, "%" PRIu64, addresses);
    (void)snprintf(seed_text, sizeof seed_text, "%" PRIu64, seed);
    const char *const argv[] = {path,
                                "--port",
                                "0",
                                "--threads",
                                threads_text,
                                "--addresses",
                                addresses_text,
                                "--seed",
                                seed_text,
                                "--ready-fd",
                                "3",
                                "--token-fd",
                                "4",
                                ca_file ? "--tls" : NULL,
                                "--control",
                                "--ca-out",
                                ca_file,
                                NULL};
    const struct spawn_fd fds[] = {{ready_fd, READY_FD}, {token_fd, TOKEN_FD}};
    struct cpus before;
    int status = cpus_read(0, &before);
    if (!status)
        status = cpus_use(0, cpus);
    if (status)
        return status;
    status = spawn_program(path, argv, (const char *const *)(uintptr_t)environ, fds, 2,
                           out_pid);
    (void)cpus_use(0, &before);
    return status;
}

/* Makes a token, and the end of a pipe from which it can be read once. A command line, a
 * file or the environment would show it to others. */
static int make_token(char *out_token, int *out_fd)
{
    unsigned char bytes[TOKEN_BYTES];
    int write_end = -1;
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        return -EIO;
    for (size_t i = 0; i < sizeof bytes; i++)
        (void)snprintf(out_token + 2 * i, 3, "%02x", bytes[i]);
    int status = spawn_pipe(out_fd, &write_end);
    if (!status)
        status = file_write_all(write_end, out_token, 2 * sizeof bytes); /* it fits */
    cleanup_close_fd(&write_end);
    return status;
}

/* Waits until fd can be read; 0, or -1 at the deadline. */
static int wait_readable(int fd, uint64_t deadline_ns)
{
    for (;;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        uint64_t now = clock_ns();
        int ms = deadline_ns > now ? (int)((deadline_ns - now) / NS_PER_MS) + 1 : 0;
        int ready = poll(&wait, 1, ms);
        if (ready > 0)
            return 0;
        if (ready == 0 || errno != EINTR)
            return -1;
    }
}

/* The port at the end of a line "http://127.0.0.1:PORT". */
static int port_of(const char *line, const char *prefix, struct origin_control *origin)
{
    uint64_t port = 0;
    if (strncmp(line, prefix, strlen(prefix)) != 0 ||
        options_parse_uint(line + strlen(prefix), &port) || port > UINT16_MAX)
        return -1;
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    memcpy(&origin->address, &address, sizeof address);
    origin->address_size = sizeof address;
    return 0;
}

/* The ready line, and with TLS a second one, where to ask for the counts in the clear. */
static int read_ready(int fd, bool tls, struct origin_control *origin)
{
    const uint64_t deadline_ns = clock_ns() + START_LIMIT_MS * NS_PER_MS;
    char text[2 * sizeof origin->url] = "";
    const size_t lines = tls ? 2 : 1;
    size_t used = 0;
    for (size_t seen = 0; seen < lines;) {
        if (used + 1 >= sizeof text || wait_readable(fd, deadline_ns))
            return -1;
        ssize_t got = read(fd, text + used, sizeof text - 1 - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return -1;
        for (ssize_t i = 0; i < got; i++)
            seen += text[used + (size_t)i] == '\n';
        used += (size_t)got;
    }
    char *end = strchr(text, '\n');
    *end = '\0';
    (void)snprintf(origin->url, sizeof origin->url, "%.79s", text);
    if (!tls)
        return port_of(text, "http://127.0.0.1:", origin);
    end[1 + strcspn(end + 1, "\n")] = '\0';
    return port_of(end + 1, "http://127.0.0.1:", origin);
}

int origin_control_start(const struct cpus *cpus, uint64_t threads, uint64_t addresses,
                         uint64_t seed, const char *ca_file,
                         struct origin_control **out_origin, struct err *err)
{
    char path[PATH_MAX];
    AUTO_FD int ready_fd = -1;
    AUTO_FD int token_fd = -1;
    int write_end = -1;
    int status = paths_program("concbench-origin", path, sizeof path, err);
    if (status)
        return status;
    struct origin_control *origin = memory_calloc(1, sizeof *origin);
    origin->fd = -1;
    origin->cpus = *cpus;
    status = spawn_pipe(&ready_fd, &write_end);
    if (!status)
        status = make_token(origin->token, &token_fd);
    if (!status)
        status = start(path, cpus, threads, addresses, seed, ca_file, write_end, token_fd,
                       &origin->pid);
    cleanup_close_fd(&write_end);
    if (status || read_ready(ready_fd, ca_file != NULL, origin)) {
        origin_control_free(origin);
        return err_set(err, EXIT_CODE_UNFIT, "the origin does not start: %s",
                       status ? strerror(-status)
                              : "no ready line; run concbench-origin");
    }
    *out_origin = origin;
    return 0;
}

struct origin_control *origin_control_join(const struct origin_remote *remote)
{
    struct origin_control *origin = memory_calloc(1, sizeof *origin);
    origin->fd = -1;
    origin->address = remote->address;
    origin->address_size = remote->address_size;
    (void)snprintf(origin->url, sizeof origin->url, "%s", remote->url);
    (void)snprintf(origin->token, sizeof origin->token, "%s", remote->token);
    return origin;
}

const char *origin_control_url(const struct origin_control *origin)
{
    return origin->url;
}

int origin_control_place(struct origin_control *origin, const struct cpus *cpus)
{
    if (!origin->pid || cpus_is_equal(cpus, &origin->cpus))
        return 0;
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/task", (int)origin->pid);
    DIR *tasks = opendir(path);
    if (!tasks)
        return -errno;
    int status = 0;
    const struct dirent *entry = NULL;
    while ((entry = readdir(tasks))) {
        uint64_t tid = 0;
        const int done =
            options_parse_uint(entry->d_name, &tid) ? 0 : cpus_use((pid_t)tid, cpus);
        status = done ? done : status;
    }
    (void)closedir(tasks);
    if (!status)
        origin->cpus = *cpus;
    return status;
}

static int reconnect(struct origin_control *origin)
{
    cleanup_close_fd(&origin->fd);
    origin->fd = socket(origin->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (origin->fd < 0)
        return -errno;
    const struct timeval limit = {.tv_sec = ORIGIN_ASK_LIMIT_S};
    (void)setsockopt(origin->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    (void)setsockopt(origin->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(origin->fd, (const struct sockaddr *)&origin->address,
                origin->address_size)) {
        int error = errno;
        cleanup_close_fd(&origin->fd);
        origin->fd = -1;
        return -error;
    }
    return 0;
}

/* line is a method and a target. The kept connection may have been closed for idling:
 * then once more with a new one. */
static int ask_again(struct origin_control *origin, const char *line, char *text,
                     const char **out_body, size_t *out_length)
{
    char request[600];
    int status = -EPIPE;
    (void)snprintf(request, sizeof request,
                   "%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"
                   "Content-Length: 0\r\n\r\n",
                   line, origin->pid ? "127.0.0.1" : origin->url + strlen("http://"),
                   origin->token);
    for (int attempt = 0; attempt < 2 && status && status != -EINTR; attempt++) {
        status = origin->fd < 0 || attempt ? reconnect(origin) : 0;
        if (!status)
            status = origin_ask(origin->fd, request, text, out_body, out_length);
    }
    return status;
}

static int parse(const char *body, size_t length, struct origin_stats *out_stats,
                 struct err *err)
{
    struct origin_stats stats = {0};
    const struct {
        const char *key;
        uint64_t *field;
    } numbers[] = {{"requests", &stats.requests},
                   {"in_flight", &stats.in_flight},
                   {"peak_in_flight", &stats.peak_in_flight},
                   {"connections", &stats.connections},
                   {"cpu_ns", &stats.cpu_ns},
                   {"threads", &stats.threads}};
    json_auto_t *json = NULL;
    int status = json_load_text("/stats", body, length, &json, err);
    for (size_t i = 0; i < COUNT_OF(numbers) && !status; i++)
        status =
            json_need_uint(json, "", numbers[i].key, 0, INT64_MAX, numbers[i].field, err);
    if (!status)
        *out_stats = stats;
    return status;
}

/* Loopback that is down is the machine's fault, an origin that fails is ours. */
static int fail(const struct origin_control *origin, int status, const char *what,
                struct err *err)
{
    if (!origin->pid)
        return err_set(err, EXIT_CODE_UNFIT, "the origin at %s does not %s: %s",
                       origin->url, what,
                       status == -EPROTO ? "it refuses; is the token the one that it was "
                                           "started with?"
                                         : strerror(-status));
    if (status == -ENETUNREACH || status == -EADDRNOTAVAIL)
        return err_set(err, EXIT_CODE_UNFIT,
                       "the origin on 127.0.0.1 cannot be reached: %s; is the loopback "
                       "interface up (`ip link set lo up`)?",
                       strerror(-status));
    return err_set(err, EXIT_CODE_INTERNAL, "the origin does not %s: %s", what,
                   strerror(-status));
}

int origin_control_stats(struct origin_control *origin, int reset,
                         struct origin_stats *out_stats, struct err *err)
{
    char text[ORIGIN_ASK_SIZE_MAX + 1];
    const char *body = NULL;
    size_t length = 0;
    int status = ask_again(origin, reset ? "POST /stats/reset" : "GET /stats", text,
                           &body, &length);
    if (status)
        return fail(origin, status, "answer /stats", err);
    return parse(body, length, out_stats, err);
}

int origin_control_freeze(struct origin_control *origin, uint64_t after_ms,
                          uint64_t for_ms, struct err *err)
{
    char line[96];
    char text[ORIGIN_ASK_SIZE_MAX + 1];
    const char *body = NULL;
    size_t length = 0;
    (void)snprintf(line, sizeof line, "POST /freeze?after_ms=%" PRIu64 "&for_ms=%" PRIu64,
                   after_ms, for_ms);
    int status = ask_again(origin, line, text, &body, &length);
    if (status)
        return fail(origin, status, "take /freeze", err);
    return 0;
}

void origin_control_free(struct origin_control *origin)
{
    if (!origin)
        return;
    cleanup_close_fd(&origin->fd);
    if (origin->pid > 0) {
        int pidfd = pidfd_open(origin->pid, 0);
        (void)kill(origin->pid, SIGTERM);
        if (pidfd < 0 || wait_readable(pidfd, clock_ns() + STOP_LIMIT_MS * NS_PER_MS))
            (void)kill(origin->pid, SIGKILL);
        cleanup_close_fd(&pidfd);
        while (waitpid(origin->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    free(origin);
}
