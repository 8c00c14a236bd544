/* processes: a pool of forked processes, one request at a time each.
 *
 *     parent      fork fork fork  ......wait for the children......
 *     process 1      [request ....wait....][request ....wait....]
 *     process 2        [request ....wait....][request ....wait....]
 *     process 3          [request ....wait....][request ....wait....]
 *                   the kernel switches between address spaces      time ->
 *
 * The oldest way to wait for several things at once. Each worker is the sequential
 * program in a process of its own; nothing is shared but a mapping made before the fork,
 * which holds the tickets and the recorders. A worker that crashes takes one request with
 * it.
 *
 * What it costs: a whole process per request in flight. Pages are shared until written,
 * but every child writes: its heap, its libcurl, its OpenSSL, its page tables.
 *
 * What to look for in the results: tree memory, of which max RSS shows one process only;
 * start-up CPU, as every child starts libcurl again; a switch per wait, as with threads,
 * but to another address space. */
#include "common/owners.h"
#include "core/board.h"
#include "core/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* A pipe says "ready" and "go" by being closed: it cannot be missed, and it also speaks
 * when the other side has died. */
struct gate {
    int ready[2]; /* children hold the writing end until they are ready */
    int go[2];    /* the parent holds the writing end until all may start */
};

static void wait_for_end(int fd)
{
    char byte = 0;
    while (read(fd, &byte, 1) < 0 && errno == EINTR)
        continue;
}

static _Noreturn void child_main(struct run *run, size_t index, pid_t parent,
                                 const struct gate *gate)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* lost on fork, so set here */
    if (getppid() != parent)
        _exit(EXIT_CODE_INTERNAL);
    (void)close(gate->ready[0]);
    (void)close(gate->go[1]);

    struct worker worker;
    struct err err = {0};
    int status = worker_init(&worker, run, index, &wait_blocking, &err);
    if (status)
        board_fail(run->board, &err);
    (void)close(gate->ready[1]);
    wait_for_end(gate->go[0]);
    if (!status)
        worker_run(&worker);
    worker_done(&worker);
    _exit(status ? err.code : EXIT_CODE_OK);
}

static int fork_children(struct run *run, const struct gate *gate, struct err *err)
{
    pid_t parent = getpid();
    for (size_t i = 0; i < run->settings.concurrency; i++) {
        pid_t pid = fork();
        if (pid == 0)
            child_main(run, i, parent, gate);
        if (pid < 0)
            return err_set(err, EXIT_CODE_UNFIT, "process %zu of %llu: %s; lower -c",
                           i + 1, (unsigned long long)run->settings.concurrency,
                           strerror(errno));
        run->units_created++;
    }
    return 0;
}

/* Every child must be reaped here, or its CPU time would be in nobody's account. */
static void reap_children(void)
{
    while (wait(NULL) > 0 || errno == EINTR)
        continue;
}

static int run_processes(struct run *run, struct err *err)
{
    struct gate gate;
    if (pipe2(gate.ready, O_CLOEXEC) || pipe2(gate.go, O_CLOEXEC))
        return err_set(err, EXIT_CODE_UNFIT, "pipe: %s", strerror(errno));
    int status = fork_children(run, &gate, err);
    (void)close(gate.ready[1]);
    if (status)
        board_fail(run->board, err);
    wait_for_end(gate.ready[0]); /* ends when the last child is ready, or dead */
    (void)close(gate.go[1]);
    reap_children();
    (void)close(gate.ready[0]);
    (void)close(gate.go[0]);
    return status;
}

int main(int argc, char **argv)
{
    const struct model model = {
        .name = "processes",
        .about =
            "A pool of forked processes; each makes one request at a time and blocks.",
        .fds_per_worker = 0, /* each process has its own */
        .run = run_processes,
    };
    return runner_main(argc, argv, &model);
}
