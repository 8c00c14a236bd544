/* process.c: see process.h. */
#include "common/process.h"

#include "common/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static void handle(int signal_number, void (*handler)(int))
{
    const struct sigaction action = {.sa_handler = handler};
    (void)sigaction(signal_number, &action, NULL);
}

static void unblock_signals(void)
{
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* open gives the lowest number, which is the one that was found closed. Reading from
 * stdin finds the end, writing to stdout an error, and stderr has no reader. */
static void open_standard_fds(void)
{
    static const int modes[] = {O_RDONLY, O_RDONLY, O_WRONLY};
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)!open("/dev/null", modes[fd]);
    }
}

static int check_stack(struct err *err)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) || limit.rlim_cur == RLIM_INFINITY ||
        limit.rlim_cur >= PROCESS_STACK_KIB * (rlim_t)1024)
        return 0;
    return err_set(err, EXIT_CODE_UNFIT,
                   "the stack may have only %llu KiB, and %d are needed; raise it with "
                   "`ulimit -s 8192`",
                   (unsigned long long)limit.rlim_cur / 1024, PROCESS_STACK_KIB);
}

int process_begin(struct err *err)
{
    open_standard_fds();
    unblock_signals();
    handle(SIGCHLD, SIG_DFL);
    handle(SIGXFSZ, SIG_IGN);
    return check_stack(err);
}

void process_before_exec(void)
{
    handle(SIGXFSZ, SIG_DFL);
    handle(SIGPIPE, SIG_DFL);
    unblock_signals();
}

void process_die_with(pid_t parent, int signal_number)
{
    (void)prctl(PR_SET_PDEATHSIG, (unsigned long)signal_number);
    if (getppid() != parent)
        _exit(127);
}

static const int ending[] = {SIGHUP, SIGINT, SIGTERM};

void process_ending_signals(sigset_t *out_set)
{
    (void)sigemptyset(out_set);
    for (size_t i = 0; i < COUNT_OF(ending); i++) {
        struct sigaction action;
        if (!sigaction(ending[i], NULL, &action) && action.sa_handler != SIG_IGN)
            (void)sigaddset(out_set, ending[i]);
    }
}

#define ONE_EVENT_NS (200 * NS_PER_MS)

static void (*ending_handler)(int signal_number);
static atomic_uint_least64_t ending_began_ns; /* 0: no signal has come */

static void on_ending(int signal_number)
{
    uint64_t began_ns = 0;
    const uint64_t now_ns = clock_ns();
    if (atomic_compare_exchange_strong(&ending_began_ns, &began_ns, now_ns)) {
        ending_handler(signal_number);
    } else if (now_ns - began_ns > ONE_EVENT_NS) {
        handle(signal_number, SIG_DFL);
        (void)raise(signal_number); /* delivered when this handler returns */
    }
}

void process_catch_ending(void (*handler)(int signal_number))
{
    const struct sigaction action = {.sa_handler = on_ending};
    sigset_t set;
    ending_handler = handler;
    process_ending_signals(&set);
    for (size_t i = 0; i < COUNT_OF(ending); i++) {
        if (sigismember(&set, ending[i]) == 1)
            (void)sigaction(ending[i], &action, NULL);
    }
}

int process_end(int code, struct err *err, const char *program)
{
    if (err->code == EXIT_CODE_OK && (fflush(stdout) || ferror(stdout)))
        (void)err_set(err, EXIT_CODE_UNFIT, "cannot write to stdout: %s",
                      errno ? strerror(errno) : "an error");
    return err->code != EXIT_CODE_OK ? err_report(err, program) : code;
}

void process_end_by_signal(int signal_number, struct err *err, const char *program)
{
    (void)fflush(stdout);
    if (err->code != EXIT_CODE_OK)
        (void)err_report(err, program);
    handle(signal_number, SIG_DFL);
    (void)raise(signal_number);
}
