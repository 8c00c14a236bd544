/* fake-runner: a runner that behaves as badly as FAKE_MODE says, to test the harness.
 *
 * It takes the flags of docs/runner-contract.md, looks at three of them and makes no
 * request. Each mode is one line of the table at the end. It links nothing but libc. The
 * modes that work instead of misbehaving are in fake-work.c. */
#include "fake.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void ignore(int signal_number)
{
    const struct sigaction action = {.sa_handler = SIG_IGN};
    (void)sigaction(signal_number, &action, NULL);
}

static void say(int fd, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t put = write(fd, text, size);
        if (put <= 0 && errno != EINTR)
            return;
        if (put > 0) {
            text += put;
            size -= (size_t)put;
        }
    }
}

static void write_document(const struct call *call, const char *model, unsigned long ok,
                           unsigned long failed, unsigned long observed,
                           unsigned long units)
{
    char failures[40] = "";
    char text[2048];
    if (failed)
        (void)snprintf(failures, sizeof failures, "\"reset\": %lu", failed);
    int size = snprintf(
        text, sizeof text,
        "{\"contract\": 1, \"model\": \"%s\", \"task\": \"http\", \"requests\": %lu,"
        " \"concurrency\": %lu, \"ok\": %lu, \"failed\": {%s}, \"bytes_received\": %lu,"
        " \"connections_opened\": 1, \"units_created\": %lu, \"peak_in_flight\": %lu,"
        " \"setup_ns\": 1000, \"measured_ns\": 1000000, \"teardown_ns\": 1000,"
        " \"cpu_measured_ns\": 1000, \"latency_ns\": [[1024, %lu]], \"overflow\": 0,"
        " \"latency_sum_ns\": 5000, \"latency_min_ns\": 1024, \"latency_max_ns\": 1040,"
        " \"phases_ns\": {\"dns\": null, \"connect\": 10, \"tls\": null,"
        " \"first_byte\": 20}, \"knobs\": {\"libcurl\": \"none\", \"keepalive\": "
        "true}}\n",
        model, call->requests, call->concurrency, ok, failures, ok * 1024, units, units,
        observed);
    say(call->result_fd, text, (size_t)size);
}

int fake_good(const struct call *call)
{
    write_document(call, "fake", call->requests, 0, call->requests, call->concurrency);
    return 0;
}

static int wrong_counts(const struct call *call)
{
    write_document(call, "fake", call->requests - 1, 0, call->requests - 1,
                   call->concurrency);
    return 0;
}

static int wrong_histogram(const struct call *call)
{
    write_document(call, "fake", call->requests, 0, call->requests + 1,
                   call->concurrency);
    return 0;
}

static int wrong_model(const struct call *call)
{
    write_document(call, "other", call->requests, 0, call->requests, call->concurrency);
    return 0;
}

static int failed_requests(const struct call *call)
{
    write_document(call, "fake", call->requests - 1, 1, call->requests - 1,
                   call->concurrency);
    return 0;
}

/* As a model of the table, of which it is known how many it makes. */
static int too_few_units(const struct call *call)
{
    write_document(call, "threads", call->requests, 0, call->requests,
                   call->concurrency - 1);
    return 0;
}

static int bad_json(const struct call *call)
{
    static const char text[] = "{\"contract\": 1, \"model\": ";
    say(call->result_fd, text, sizeof text - 1);
    return 0;
}

static int deep_json(const struct call *call)
{
    char text[100000];
    memset(text, '[', sizeof text);
    say(call->result_fd, text, sizeof text);
    return 0;
}

static int endless(int fd)
{
    char text[65536];
    memset(text, '7', sizeof text);
    ignore(SIGPIPE);
    while (write(fd, text, sizeof text) > 0)
        ;
    return 0;
}

static int huge_document(const struct call *call)
{
    return endless(call->result_fd);
}

static int flood_stderr(const struct call *call)
{
    (void)call;
    return endless(STDERR_FILENO);
}

/* stdout is not the harness's business: 64 MiB go nowhere. */
static int flood_stdout(const struct call *call)
{
    char text[65536];
    memset(text, '7', sizeof text);
    for (size_t i = 0; i < 64 * MIB / sizeof text; i++)
        say(STDOUT_FILENO, text, sizeof text);
    return fake_good(call);
}

static int no_document(const struct call *call)
{
    (void)call;
    return 0;
}

static int crash(const struct call *call)
{
    (void)call;
    (void)raise(SIGSEGV);
    return 0;
}

static int exit_3(const struct call *call)
{
    static const char text[] = "runner-fake: \xff too few file descriptors\nmore\n";
    (void)call;
    say(STDERR_FILENO, text, sizeof text - 1);
    return 3;
}

static _Noreturn int hang(const struct call *call)
{
    (void)call;
    for (;;)
        (void)pause();
}

static _Noreturn int ignore_and_hang(const struct call *call)
{
    ignore(SIGTERM);
    hang(call);
}

/* Children that ignore SIGTERM; with a session of their own when apart is set. */
static void fork_children(const struct call *call, int apart)
{
    for (unsigned long i = 0; i < call->concurrency; i++) {
        if (fork() == 0) {
            if (apart)
                (void)setsid();
            ignore(SIGTERM);
            hang(call);
        }
    }
}

static int workers_left(const struct call *call)
{
    fork_children(call, 0);
    return fake_good(call);
}

static int workers_hang(const struct call *call)
{
    fork_children(call, 0);
    fork_children(call, 1);
    ignore_and_hang(call);
}

static int daemon_left(const struct call *call)
{
    if (fork() == 0) {
        (void)setsid();
        if (fork() == 0)
            ignore_and_hang(call);
        _exit(0);
    }
    (void)wait(NULL);
    return fake_good(call);
}

/* Its open descriptors, as one line on stderr. */
static int list_fds(const struct call *call)
{
    char text[8192] = "fds";
    size_t used = 3;
    for (int fd = 0; fd < 4096 && used + 8 < sizeof text; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            used += (size_t)snprintf(text + used, sizeof text - used, " %d", fd);
    }
    say(STDERR_FILENO, text, used);
    return fake_good(call);
}

static const struct {
    const char *name;
    int (*run)(const struct call *call);
} modes[] = {
    {"good", fake_good},
    {"wrong-counts", wrong_counts},
    {"wrong-histogram", wrong_histogram},
    {"wrong-model", wrong_model},
    {"failed-requests", failed_requests},
    {"too-few-units", too_few_units},
    {"bad-json", bad_json},
    {"deep-json", deep_json},
    {"huge-document", huge_document},
    {"flood-stderr", flood_stderr},
    {"flood-stdout", flood_stdout},
    {"no-document", no_document},
    {"crash", crash},
    {"exit-3", exit_3},
    {"hang", hang},
    {"ignore-and-hang", ignore_and_hang},
    {"workers-left", workers_left},
    {"workers-hang", workers_hang},
    {"daemon-left", daemon_left},
    {"spin", fake_spin},
    {"spin-tree", fake_spin_tree},
    {"millisecond-each", fake_millisecond_each},
    {"hold", fake_hold},
    {"hold-processes", fake_hold_processes},
    {"hold-threads", fake_hold_threads},
    {"hold-coroutines", fake_hold_coroutines},
    {"list-fds", list_fds},
};

static unsigned long number_after(int argc, char **argv, const char *flag,
                                  unsigned long otherwise)
{
    for (int i = 1; i + 1 < argc; i++) {
        if (!strcmp(argv[i], flag))
            return strtoul(argv[i + 1], NULL, 10);
    }
    return otherwise;
}

int main(int argc, char **argv)
{
    const char *mode = getenv("FAKE_MODE");
    const struct call call = {
        .requests = number_after(argc, argv, "-n", 100),
        .concurrency = number_after(argc, argv, "-c", 1),
        .result_fd = (int)number_after(argc, argv, "--result-fd", STDOUT_FILENO)};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (!strcmp(modes[i].name, mode ? mode : "good"))
            return modes[i].run(&call);
    }
    (void)fprintf(stderr, "fake-runner: no mode '%s'\n", mode);
    return 2;
}
