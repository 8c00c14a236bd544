/* gate.c: see gate.h. */
#include "runtime/gate.h"

#include "runtime/board.h"
#include "runtime/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int gate_init(struct gate *gate, struct err *err)
{
    gate->parent = getpid();
    if (pipe2(gate->ready, O_CLOEXEC))
        return err_set(err, EXIT_CODE_UNFIT, "pipe: %s", strerror(errno));
    if (pipe2(gate->go, O_CLOEXEC)) {
        (void)close(gate->ready[0]);
        (void)close(gate->ready[1]);
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

void gate_enter(const struct gate *gate, struct board *board)
{
    board_enter_worker(board);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* lost on fork, so set here */
    if (getppid() != gate->parent)
        _exit(EXIT_CODE_INTERNAL);
    (void)close(gate->ready[0]);
    (void)close(gate->go[1]);
}

void gate_wait(struct gate *gate)
{
    (void)close(gate->ready[1]);
    wait_for_end(gate->go[0]);
}

void gate_open(struct gate *gate)
{
    (void)close(gate->ready[1]);
    wait_for_end(gate->ready[0]);
    (void)close(gate->go[1]);
}

void gate_done(struct gate *gate, struct board *board)
{
    int status = 0;
    for (pid_t pid = 0; (pid = wait(&status)) > 0 || errno == EINTR;) {
        if (pid > 0 && status && board->channel)
            channel_lose(board->channel, pid);
    }
    (void)close(gate->ready[0]);
    (void)close(gate->go[0]);
}
