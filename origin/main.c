/* concbench-origin: the HTTP server that the runners fetch from (docs/origin.md).
 *
 * The main thread reads the command line, opens the sockets, starts one loop per thread,
 * prints where it listens, and sleeps until a signal ends it. What it prints is here;
 * what it serves is in server.c and below.
 *
 *   main -- server (loop, thread, listening sockets) -- conn -- request, query, delay,
 *                                                              answer, timer_queue
 *              all of them: stats, freeze */
#include "common/cleanup.h"
#include "common/err.h"
#include "common/file.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/process.h"
#include "origin/answer.h"
#include "origin/guard.h"
#include "origin/listener.h"
#include "origin/server.h"
#include "origin/tls.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define THREADS_MAX 256
#define NO_FD       UINT64_MAX

struct origin_options {
    const char *address, *ca_out;
    uint64_t port, addresses, threads, seed, ready_fd, token_fd;
    bool tls, control, version;
};

static const struct option_spec specs[] = {
    {"address", 0, "A", OPTION_STRING, offsetof(struct origin_options, address), 0, 0,
     NULL, "numeric address to listen on (default 127.0.0.1)"},
    {"port", 0, "N", OPTION_UINT, offsetof(struct origin_options, port), 0, 65535, NULL,
     "port to listen on; 0 takes a free one (default 0)"},
    {"addresses", 0, "N", OPTION_UINT, offsetof(struct origin_options, addresses), 1,
     LISTENER_ADDRESSES_MAX, NULL, "listen on 127.0.0.1 to 127.0.0.N (default 1)"},
    {"threads", 0, "N", OPTION_UINT, offsetof(struct origin_options, threads), 1,
     THREADS_MAX, NULL, "event loops, one thread each (default 1)"},
    {"seed", 0, "N", OPTION_UINT, offsetof(struct origin_options, seed), 0, UINT64_MAX,
     NULL, "seed of jitter and tail (default 1)"},
    {"ready-fd", 0, "N", OPTION_UINT, offsetof(struct origin_options, ready_fd), 0, 65535,
     NULL, "write the URL there when listening, and end with the parent"},
    {"token-fd", 0, "N", OPTION_UINT, offsetof(struct origin_options, token_fd), 0, 65535,
     NULL, "read the token that orders need from there"},
    {"tls", 0, NULL, OPTION_FLAG, offsetof(struct origin_options, tls), 0, 0, NULL,
     "speak TLS 1.3, with a certificate made now"},
    {"ca-out", 0, "FILE", OPTION_STRING, offsetof(struct origin_options, ca_out), 0, 0,
     NULL, "with --tls: write the certificate to trust there, PEM"},
    {"control", 0, NULL, OPTION_FLAG, offsetof(struct origin_options, control), 0, 0,
     NULL, "also listen in the clear, for /stats; a second ready line says where"},
    {"version", 0, NULL, OPTION_FLAG, offsetof(struct origin_options, version), 0, 0,
     NULL, "print the version and those of libevent and OpenSSL"},
};

static const struct option_table table = {
    .usage = "concbench-origin [OPTIONS]",
    .about = "Serves GET and POST /bytes/N?delay_ms=D&jitter_ms=J&exp_ms=E&tail_ppm=P& "
             "tail_ms=T, with &status=S, &chunked=1, &chunk_bytes=B, &trickle_ms=D& "
             "trickle_bytes=B, &fault=reset|short|stall|garbage|close and &fault_ppm=P; "
             "GET /stats, and with the token POST /stats/reset and POST "
             "/freeze?after_ms=A&for_ms=D; until SIGTERM, SIGINT or SIGHUP.",
    .specs = specs,
    .count = COUNT_OF(specs),
    .examples = "concbench-origin --port 8080\nconcbench-origin --tls --ca-out ca.pem",
    .exits = "3  it cannot listen, or a file cannot be written",
};

static void print_version(void)
{
    struct event_base *base = event_base_new();
    (void)printf("concbench-origin %s\nlibevent: %s\nmethod: %s\ntls: %s\n",
                 CONCBENCH_VERSION, event_get_version(),
                 base ? event_base_get_method(base) : "none",
                 OpenSSL_version(OPENSSL_VERSION));
    if (base)
        event_base_free(base);
}

static int check_fd(const char *option, uint64_t fd, struct err *err)
{
    if (fd == NO_FD || fcntl((int)fd, F_GETFD) >= 0)
        return 0;
    return err_set(err, EXIT_CODE_USAGE, "--%s: %d is not an open file descriptor",
                   option, (int)fd);
}

/* Returns 1 when --help or --version was asked for and printed. */
static int read_options(int argc, char **argv, struct origin_options *options,
                        struct err *err)
{
    int positional = 0;
    int help = 0;
    int status = options_parse(&table, argc, argv, options, &positional, &help, err);
    if (status)
        return status;
    if (help) {
        options_print_help(&table, stdout);
        return 1;
    }
    if (options->version) {
        print_version();
        return 1;
    }
    if (positional > 0)
        return err_set(err, EXIT_CODE_USAGE, "unexpected argument '%.60s'; see --help",
                       argv[1]);
    if (options->ca_out && !options->tls)
        return err_set(err, EXIT_CODE_USAGE, "--ca-out: needs --tls");
    status = check_fd("ready-fd", options->ready_fd, err);
    return status ? status : check_fd("token-fd", options->token_fd, err);
}

/* With --ready-fd a program started us and nothing else knows of us, so we end with
 * it. Its death before the prctl shows in the parent, before that in the write to
 * the ready fd. Without --ready-fd a shell started us, and `concbench-origin &`
 * outlives its shell. */
static int follow_parent(pid_t parent, struct err *err)
{
    if (prctl(PR_SET_PDEATHSIG, SIGTERM))
        return err_set(err, EXIT_CODE_INTERNAL, "prctl: %s", strerror(errno));
    if (getppid() != parent)
        return err_set(err, EXIT_CODE_UNFIT, "the parent is gone");
    return 0;
}

static void raise_fd_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit))
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit); /* without it: fewer connections */
}

/* The signals that end us wait for main's sigwait in every thread. A write to a client
 * that is gone must be an error, not a signal. */
static int prepare_signals(sigset_t *out_ending, struct err *err)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    process_ending_signals(out_ending);
    if (sigaction(SIGPIPE, &ignore, NULL) || sigprocmask(SIG_BLOCK, out_ending, NULL))
        return err_set(err, EXIT_CODE_INTERNAL, "signals: %s", strerror(errno));
    return 0;
}

static int say_ready(const struct origin_options *options, const char *url,
                     const char *control_url, struct err *err)
{
    bool is_stdout = options->ready_fd == NO_FD;
    int fd = is_stdout ? STDOUT_FILENO : (int)options->ready_fd;
    char line[2 * LISTENER_URL_MAX + 2];
    int size = snprintf(line, sizeof line, "%s\n%s%s", url, control_url,
                        *control_url ? "\n" : "");
    int status = file_write_all(fd, line, (size_t)size);
    if (!is_stdout && close(fd) && !status)
        status = -errno;
    if (status)
        return err_set(err, EXIT_CODE_UNFIT, "cannot write the ready line to fd %d: %s",
                       fd, strerror(-status));
    return 0;
}

/* Fills servers[0..threads); those not made stay NULL. listen_fds, `addresses` for each,
 * are taken. */
static int make_servers(const struct server_context *context, const int *listen_fds,
                        size_t addresses, struct server **servers, struct err *err)
{
    int status = 0;
    for (uint64_t i = 0; i < context->threads; i++) {
        const int *fds = listen_fds + i * addresses;
        for (size_t a = 0; a < addresses && status; a++)
            (void)close(fds[a]);
        if (!status)
            status = server_new(context, fds, addresses, &servers[i], err);
    }
    for (uint64_t i = 0; i < context->threads && !status; i++)
        status = server_start(servers[i], err);
    return status;
}

/* One more loop, in the clear, on a separate port; without it *out_control is NULL. */
static int start_control(const struct origin_options *options,
                         struct server_context context, struct server **out_control,
                         char *out_url, struct err *err)
{
    int fd = -1;
    *out_url = '\0';
    if (!options->control)
        return 0;
    context.tls = NULL;
    int status = listener_open(options->address, 0, 1, 1, &fd, err);
    if (!status)
        status = listener_url(fd, "http", out_url, LISTENER_URL_MAX, err);
    if (!status)
        status = server_new(&context, &fd, 1, out_control, err);
    return status ? status : server_start(*out_control, err);
}

static int serve(const struct origin_options *options, const sigset_t *ending,
                 const struct guard *guard, SSL_CTX *tls, struct err *err)
{
    struct stats stats = {0};
    struct server *servers[THREADS_MAX] = {NULL}, *control = NULL;
    const size_t addresses = (size_t)options->addresses;
    AUTO_FREE int *listen_fds =
        memory_calloc((size_t)options->threads * addresses, sizeof *listen_fds);
    char url[LISTENER_URL_MAX], control_url[LISTENER_URL_MAX];
    AUTO_FD int stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (stop_fd < 0)
        return err_set(err, EXIT_CODE_UNFIT, "cannot begin: %s", strerror(errno));
    struct freeze freeze;
    freeze_init(&freeze, stop_fd);
    const struct server_context context = {
        &stats, &freeze, guard, options->seed, options->threads, tls, stop_fd};
    int status = listener_open(options->address, options->port, addresses,
                               (size_t)context.threads, listen_fds, err);
    if (status)
        return status;
    status = listener_url(listen_fds[0], tls ? "https" : "http", url, sizeof url, err);
    int made = make_servers(&context, listen_fds, addresses, servers, err);
    if (!status)
        status = made;
    if (!status)
        status = start_control(options, context, &control, control_url, err);
    if (!status)
        status = say_ready(options, url, control_url, err);
    int signal_number = 0;
    if (!status && sigwait(ending, &signal_number))
        status = err_set(err, EXIT_CODE_INTERNAL, "sigwait failed");
    (void)eventfd_write(stop_fd, 1);
    for (uint64_t i = 0; i < context.threads; i++)
        server_free(servers[i]);
    server_free(control);
    return status;
}

static void say_nothing(int severity, const char *text)
{
    (void)severity;
    (void)text;
}

/* Without memory the libraries are to end the program, not to go on somehow; and what
 * libevent has to complain of is an error here already. */
static void guard_libraries(void)
{
    event_set_mem_functions(memory_malloc, memory_realloc, free);
    event_set_log_callback(say_nothing);
    (void)CRYPTO_set_mem_functions(memory_malloc_at, memory_realloc_at, memory_free_at);
}

/* The certificate can be read by the time the ready line is. */
static int make_tls(const struct origin_options *options, SSL_CTX **out_tls,
                    struct err *err)
{
    int status = options->tls ? tls_new(options->address, out_tls, err) : 0;
    if (!status && options->ca_out)
        status = tls_write_ca(*out_tls, options->ca_out, err);
    return status;
}

int main(int argc, char **argv)
{
    pid_t parent = getppid();
    struct err err = {.code = EXIT_CODE_OK};
    struct origin_options options = {.address = "127.0.0.1",
                                     .addresses = 1,
                                     .threads = 1,
                                     .seed = 1,
                                     .ready_fd = NO_FD,
                                     .token_fd = NO_FD};
    struct guard guard = {.size = 0};
    sigset_t ending;
    guard_libraries();
    int status = process_begin(&err);
    if (!status)
        status = read_options(argc, argv, &options, &err);
    if (status > 0)
        return process_end(EXIT_CODE_OK, &err, "concbench-origin");
    if (!status)
        status = prepare_signals(&ending, &err);
    if (!status && options.ready_fd != NO_FD)
        status = follow_parent(parent, &err);
    SSL_CTX *tls = NULL;
    if (!status && options.token_fd != NO_FD)
        status = guard_read(&guard, (int)options.token_fd, &err);
    if (!status)
        status = make_tls(&options, &tls, &err);
    if (!status) {
        raise_fd_limit();
        answer_prepare();
        status = serve(&options, &ending, &guard, tls, &err);
    }
    SSL_CTX_free(tls);
    libevent_global_shutdown();
    return status ? err_report(&err, "concbench-origin") : EXIT_CODE_OK;
}
