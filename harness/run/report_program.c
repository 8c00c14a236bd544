/* report_program.c: see report_program.h. */
#include "harness/run/report_program.h"

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/paths.h"
#include "common/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX    8
#define END_LIMIT_MS 1000

static _Noreturn void become(const char *program, const struct report_request *request,
                             pid_t parent)
{
    char *argv[WORDS_MAX + 2] = {(char *)(uintptr_t)program};
    for (size_t i = 0; i < WORDS_MAX && request->words[i]; i++)
        argv[i + 1] = (char *)(uintptr_t)request->words[i];
    process_before_exec();
    process_die_with(parent, SIGTERM); /* it cleans up then */
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (request->cpus)
        (void)cpus_use(0, request->cpus);
    if (nowhere >= 0 && dup2(nowhere, STDOUT_FILENO) >= 0)
        (void)execv(program, argv);
    _exit(127);
}

/* Waits until its end, the deadline (0: none) or, when mask is given, an interrupt. */
static bool wait_end(int pidfd, uint64_t deadline_ns, const sigset_t *mask,
                     const volatile sig_atomic_t *interrupted)
{
    struct pollfd wait = {.fd = pidfd, .events = POLLIN};
    while (!interrupted || !*interrupted) {
        const uint64_t now_ns = clock_ns();
        const uint64_t left_ns = deadline_ns > now_ns ? deadline_ns - now_ns : 0;
        const struct timespec left = {.tv_sec = (time_t)(left_ns / NS_PER_S),
                                      .tv_nsec = (long)(left_ns % NS_PER_S)};
        const int ready = ppoll(&wait, 1, deadline_ns ? &left : NULL, mask);
        if (ready > 0)
            return true;
        if (ready == 0 || errno != EINTR)
            return false;
    }
    return false;
}

/* The signals are blocked except while it waits, so that none is missed in between. */
static void wait_for(pid_t pid, const volatile sig_atomic_t *interrupted)
{
    sigset_t ending, mask;
    AUTO_FD int pidfd = pidfd_open(pid, 0);
    if (pidfd < 0 || !interrupted)
        return; /* waitpid will wait */
    process_ending_signals(&ending);
    (void)pthread_sigmask(SIG_BLOCK, &ending, &mask);
    if (!wait_end(pidfd, 0, &mask, interrupted)) {
        (void)kill(pid, SIGTERM);
        if (!wait_end(pidfd, clock_ns() + END_LIMIT_MS * NS_PER_MS, &mask, NULL))
            (void)kill(pid, SIGKILL);
    }
    (void)pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

int report_program_run(const struct report_request *request, const char *failure,
                       struct err *err)
{
    char program[PATH_MAX];
    const pid_t self = getpid();
    if (paths_program("concbench-report", program, sizeof program, err))
        return -1;
    const pid_t pid = fork();
    if (pid == 0)
        become(program, request, self);
    if (pid < 0)
        return err_set(err, EXIT_CODE_UNFIT, "cannot start %.300s: %s", program,
                       strerror(errno));
    wait_for(pid, request->interrupted);
    int state = 0;
    while (waitpid(pid, &state, 0) < 0) {
        if (errno != EINTR)
            return err_set(err, EXIT_CODE_INTERNAL, "waitpid: %s", strerror(errno));
    }
    if (WIFEXITED(state) && WEXITSTATUS(state) == EXIT_CODE_OK)
        return 0;
    const bool is_unfit = WIFEXITED(state) && WEXITSTATUS(state) == EXIT_CODE_UNFIT;
    return err_set(err, is_unfit ? EXIT_CODE_UNFIT : EXIT_CODE_INTERNAL, "%s", failure);
}
