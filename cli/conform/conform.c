/* conform.c: the table of checks, and what all of them need; see conform.h. */
#include "cli/conform/conform.h"

#include "cli/conform/checks.h"
#include "common/cleanup.h"
#include "common/paths.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum {
    WORKS = CHECK_NEEDS_WORKS,
    REQUESTS = CHECK_NEEDS_WORKS | CHECK_NEEDS_REQUESTS,
    MANY = CHECK_NEEDS_WORKS | CHECK_NEEDS_REQUESTS | CHECK_NEEDS_MANY
};

#define FAULT(outcome, ...)                                                              \
    &(const struct check_fault)                                                          \
    {                                                                                    \
        outcome, __VA_ARGS__                                                             \
    }
#define SIGNAL(number)                                                                   \
    &(const int)                                                                         \
    {                                                                                    \
        number                                                                           \
    }

/* In this order: the later ones rely on what the earlier ones found out. */
static const struct check checks[] = {
    {"help", "--help explains it on stdout, exit code 0",
     "print the usage on stdout and exit with 0, before anything else is looked at", 0,
     check_help, NULL},
    {"document",
     "-n 4 URL --result-fd 3: exit code 0 and a document that keeps the schema",
     "write one JSON object with exactly the keys of docs/runner-contract.md to file "
     "descriptor 3",
     0, check_document, NULL},
    {"stdout", "--json prints the document on stdout, and nothing else",
     "with --json the document is all of stdout; there is no summary", WORKS,
     check_stdout, NULL},
    {"quiet", "nothing on stderr when all goes well",
     "switch warnings off, or print them only when something is wrong", WORKS,
     check_quiet, NULL},
    {"flags", "every flag of the contract is taken",
     "take each, also those that mean nothing to this runner", WORKS, check_flags, NULL},
    {"bad-flags",
     "a bad command line: exit code 2, one line on stderr, nothing on stdout",
     "check names, numbers (-n from 1, -c from 1 to -n) and words before anything is run",
     0, check_bad_flags, NULL},
    {"no-url", "a missing URL is a bad command line", "see bad-flags", WORKS,
     check_no_url, NULL},
    {"concurrency", "-c 2 is taken, or refused with exit code 2",
     "a runner that makes one request at a time says so with exit code 2", WORKS,
     check_concurrency, NULL},
    {"tasks", "tasks and work that are not offered are refused with exit code 2",
     "refuse --task sleep, cpu and none, --work and --work-us unless you do them", WORKS,
     check_tasks, NULL},
    {"describe", "--describe: what it says of itself is so (version 2)",
     "see \"What a runner says of itself\" in docs/runner-contract.md; a runner without "
     "it "
     "is of version 1",
     WORKS, check_describe, NULL},
    {"counts", "requests, failures, histogram and workers add up",
     "requests == ok + sum(failed); ok == sum of latency_ns + overflow; every request "
     "is made once",
     WORKS, check_counts, NULL},
    {"bytes", "bytes_received counts the body, whatever its size",
     "read the whole body and count it; headers and chunk frames do not count", REQUESTS,
     check_bytes, NULL},
    {"times", "times are nanoseconds, taken around the request",
     "take a monotonic clock before a request is sent and after the last byte of its "
     "body",
     REQUESTS, check_times, NULL},
    {"cpu", "cpu_measured_ns is the CPU time, user and system, of all workers",
     "subtract the process's CPU clock at the first request from that at the last end",
     REQUESTS, check_cpu, NULL},
    {"trace", "--trace notes the start and end of each request, and perhaps its worker",
     "number requests from 0 as they are taken, count from the first start on, and leave "
     "out a worker that is not known",
     REQUESTS, check_trace, NULL},
    {"keepalive", "connections are kept: at most one for each worker",
     "read each body to its end, and let each worker reuse its connection", REQUESTS,
     check_keepalive, NULL},
    {"no-keepalive", "--no-keepalive opens one connection per request",
     "close the connection after each response", REQUESTS, check_no_keepalive, NULL},
    {"warm", "--warm-requests N is refused, or N requests of each worker are not counted",
     "a worker makes its warm requests before the first request is measured", REQUESTS,
     check_warm, NULL},
    {"in-flight", "-c N has N requests in flight at once, and peak_in_flight says so",
     "start all workers before the first request; a library's pool may be smaller than "
     "-c",
     REQUESTS, check_in_flight, NULL},
    {"together", "workers wait together, not in turn",
     "something blocks while a worker waits: a lock, a loop, a pool too small", MANY,
     check_together, NULL},
    {"proxy", "proxies in the environment are not used",
     "tell the library to ignore the environment", REQUESTS, check_proxy, NULL},
    {"redirect", "a redirect is an answer like any other, and is not followed",
     "switch following redirects off", REQUESTS, check_redirect, NULL},
    {"failed-status", "503 counts as status, and is not repeated",
     "a status of 400 and above is no error to the library but a failed request",
     REQUESTS, check_failure,
     FAULT("status", "http", "/status", false, false, true, false)},
    {"failed-connect", "a refused connection counts as connect",
     "see failure classes in docs/runner-contract.md", REQUESTS, check_failure,
     FAULT("connect", "http", "/", true, false, false, false)},
    {"failed-reset", "a connection that is reset counts as reset, and is not repeated",
     "switch repeating off; a connection lost in mid-request is a reset", REQUESTS,
     check_failure, FAULT("reset", "http", "/reset", false, false, true, false)},
    {"failed-short", "a body shorter than announced counts as short",
     "compare the bytes with Content-Length: not every library does", REQUESTS,
     check_failure, FAULT("short", "http", "/short", false, false, true, false)},
    {"failed-timeout", "no answer within --timeout-ms counts as timeout",
     "limit the whole request, from connecting to the last byte", REQUESTS, check_failure,
     FAULT("timeout", "http", "/stall", false, true, true, false)},
    {"failed-protocol", "an answer that is not HTTP counts as protocol",
     "see failure classes in docs/runner-contract.md", REQUESTS, check_failure,
     FAULT("protocol", "http", "/garbage", false, false, true, false)},
    {"failed-tls", "https to a server without TLS counts as tls",
     "see failure classes in docs/runner-contract.md", REQUESTS, check_failure,
     FAULT("tls", "https", "/", false, false, false, true)},
    {"open-loop", "--rate: requests start when they are due, and their lags are recorded",
     "see open loop in docs/runner-contract.md", REQUESTS, check_open_loop, NULL},
    {"lag", "--rate: response_ns counts from when a request was due",
     "a request that waits for a worker is late already; its due time does not move",
     REQUESTS, check_lag, NULL},
    {"leftovers", "no process remains after it has ended",
     "join or reap all workers before the end", WORKS, check_leftovers, NULL},
    {"sigterm", "SIGTERM ends it by that signal, at once, with all its processes",
     "leave the signal's default action alone; a wrapper script has to exec", REQUESTS,
     check_signal, SIGNAL(SIGTERM)},
    {"sigint", "SIGINT ends it by that signal, at once, with all its processes",
     "some languages turn SIGINT into an exception: restore its default action", REQUESTS,
     check_signal, SIGNAL(SIGINT)},
    {"sigkill", "no process of it survives SIGKILL",
     "worker processes need PR_SET_PDEATHSIG, or a pipe whose end shows it to them",
     REQUESTS, check_signal, SIGNAL(SIGKILL)},
};

static const char certificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBiTCCAS+gAwIBAgIUOlEgJQsQ6MG+y85D0ub9BV3s/V0wCgYIKoZIzj0EAwIw\n"
    "GTEXMBUGA1UEAwwObm9ib2R5LmludmFsaWQwIBcNMjYxMTIwMTAxNTU5WhgPMjEy\n"
    "NjEwMjcxMDE1NTlaMBkxFzAVBgNVBAMMDm5vYm9keS5pbnZhbGlkMFkwEwYHKoZI\n"
    "zj0CAQYIKoZIzj0DAQcDQgAEqGyvx+i+P7zakIydneG+kBQSPA6DJFWL3itxdz2r\n"
    "IHRI1eg7YRfIbkzh8JrXgz3KYg/nUuRPWNX8mK6HUWPPuaNTMFEwHQYDVR0OBBYE\n"
    "FOO14l2Ox+gM6912mev1tV+cP0IpMB8GA1UdIwQYMBaAFOO14l2Ox+gM6912mev1\n"
    "tV+cP0IpMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAJiE1P1v\n"
    "9w92/LCVaWVEWprR8ym+Bl169xq2N5E05sGyAiB2/A2na1xU83ZdlFuQBwSjFIY3\n"
    "XzOpLxfgaxf0F7jhMA==\n"
    "-----END CERTIFICATE-----\n";

__attribute__((format(printf, 3, 0))) static void finding_set(struct finding *finding,
                                                              enum finding_status status,
                                                              const char *format,
                                                              va_list args)
{
    if (finding->status != FINDING_OK)
        return;
    finding->status = status;
    (void)vsnprintf(finding->text, sizeof finding->text, format, args);
}

void finding_fail(struct finding *finding, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    finding_set(finding, FINDING_FAILED, format, args);
    va_end(args);
}

void finding_skip(struct finding *finding, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    finding_set(finding, FINDING_SKIPPED, format, args);
    va_end(args);
}

uint64_t conform_concurrency(const struct conform *conform, uint64_t wanted)
{
    return conform->is_single ? 1 : wanted;
}

/* As a shell finds it: a word with a slash is a path, any other is looked for in PATH. */
static int find_program(const char *word, char *out_path, size_t size, struct err *err)
{
    const bool is_path = strchr(word, '/') != NULL;
    if (is_path)
        (void)snprintf(out_path, size, "%s", word);
    if (is_path ? paths_is_program(word) && strlen(word) < size
                : paths_find(word, out_path, size))
        return 0;
    return err_set(err, EXIT_CODE_UNFIT, "cannot start '%.200s': no such program%s", word,
                   strchr(word, ' ') ? "; give command and arguments as separate words"
                                     : "");
}

/* A port that refuses: bound, so that no other program gets it, but not listening. */
static int refuse_port(struct conform *conform)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    conform->refused_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (conform->refused_fd < 0 ||
        bind(conform->refused_fd, (const struct sockaddr *)&address, size) ||
        getsockname(conform->refused_fd, (struct sockaddr *)&address, &size))
        return -errno;
    conform->refused_port = ntohs(address.sin_port);
    return 0;
}

/* Holds the text in memory, so that no file can be left behind. */
static int make_ca_file(struct conform *conform)
{
    const ssize_t size = sizeof certificate - 1;
    conform->ca_fd = memfd_create("concbench-ca", MFD_CLOEXEC);
    if (conform->ca_fd < 0 || write(conform->ca_fd, certificate, (size_t)size) != size)
        return -errno;
    (void)snprintf(conform->ca_file, sizeof conform->ca_file, "/proc/%d/fd/%d",
                   (int)getpid(), conform->ca_fd);
    return 0;
}

int conform_init(struct conform *out_conform, char *const *command, uint64_t limit_ms,
                 struct err *err)
{
    struct conform *c = out_conform;
    *c = (struct conform){
        .command = command, .limit_ms = limit_ms, .refused_fd = -1, .ca_fd = -1};
    while (command[c->word_count])
        c->word_count++;
    int status = find_program(command[0], c->program, sizeof c->program, err);
    if (status)
        return status;
    status = cpus_read(0, &c->cpus);
    if (!status)
        status = refuse_port(c);
    if (!status)
        status = make_ca_file(c);
    if (status)
        return err_set(err, EXIT_CODE_UNFIT, "cannot prepare: %s", strerror(-status));
    status = faulty_start(&c->faulty, err);
    return status ? status
                  : origin_control_start(&c->cpus, 1, 1, 1, NULL, &c->origin, err);
}

static void run(struct conform *conform, const struct check *check,
                struct finding *finding)
{
    if (check->needs & CHECK_NEEDS_WORKS && !conform->works)
        finding_skip(finding, "needs 'document'");
    else if (check->needs & CHECK_NEEDS_REQUESTS && conform->is_null)
        finding_skip(finding, "it makes no requests (task \"none\")");
    else if (check->needs & CHECK_NEEDS_MANY && conform->is_single)
        finding_skip(finding, "it takes only -c 1");
    else
        check->run(conform, check, finding);
}

int conform_run(struct conform *conform,
                void (*tell)(void *arg, const struct check *check,
                             const struct finding *finding),
                void *arg, size_t *out_counts, struct err *err)
{
    memset(out_counts, 0, FINDING_STATUSES * sizeof *out_counts);
    for (size_t i = 0; i < COUNT_OF(checks); i++) {
        struct finding finding = {.status = FINDING_OK};
        run(conform, &checks[i], &finding);
        if (conform->stopped.code)
            return err_set(err, conform->stopped.code, "%s", conform->stopped.text);
        out_counts[finding.status]++;
        tell(arg, &checks[i], &finding);
    }
    return 0;
}

void conform_done(struct conform *conform)
{
    if (!conform)
        return;
    origin_control_free(conform->origin);
    faulty_free(conform->faulty);
    cleanup_close_fd(&conform->refused_fd);
    cleanup_close_fd(&conform->ca_fd);
}
