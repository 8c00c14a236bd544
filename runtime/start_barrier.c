/* start_barrier.c: see start_barrier.h. */
#include "runtime/start_barrier.h"

#include "runtime/channel.h"
#include "runtime/shared.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int start_barrier_init(struct start_barrier *barrier, struct err *err)
{
    barrier->parent = getpid();
    if (pipe2(barrier->ready, O_CLOEXEC))
        return err_set(err, EXIT_CODE_UNFIT, "pipe: %s", strerror(errno));
    if (pipe2(barrier->go, O_CLOEXEC)) {
        (void)close(barrier->ready[0]);
        (void)close(barrier->ready[1]);
        return err_set(err, EXIT_CODE_UNFIT, "pipe: %s", strerror(errno));
    }
    return 0;
}

static void wait_for_end(int fd)
{
    char byte = 0;
    while (read(fd, &byte, 1) < 0 && errno == EINTR)
        continue;
}

void start_barrier_enter(const struct start_barrier *barrier, struct shared *shared)
{
    shared_enter_worker(shared);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* lost on fork, so set here */
    if (getppid() != barrier->parent)
        _exit(EXIT_CODE_INTERNAL);
    (void)close(barrier->ready[0]);
    (void)close(barrier->go[1]);
}

void start_barrier_wait(struct start_barrier *barrier)
{
    (void)close(barrier->ready[1]);
    wait_for_end(barrier->go[0]);
}

void start_barrier_open(struct start_barrier *barrier)
{
    (void)close(barrier->ready[1]);
    wait_for_end(barrier->ready[0]);
    (void)close(barrier->go[1]);
}

void start_barrier_done(struct start_barrier *barrier, struct shared *shared)
{
    int status = 0;
    for (pid_t pid = 0; (pid = wait(&status)) > 0 || errno == EINTR;) {
        if (pid <= 0 || !status)
            continue;
        warm_give_up(&shared->warm);
        if (shared->channel)
            channel_lose(shared->channel, pid);
    }
    (void)close(barrier->ready[0]);
    (void)close(barrier->go[0]);
}
