/* processes: a pool of forked processes, one request at a time each.
 *
 *     parent      fork fork fork  ......wait for the children......
 *     process 1      [request ....wait....][request ....wait....]
 *     process 2        [request ....wait....][request ....wait....]
 *     process 3          [request ....wait....][request ....wait....]
 *                   the kernel switches between address spaces      time ->
 *
 * The oldest way to wait for several things at once. Each worker is the sequential
 * program in a process of its own. Nothing is shared but a mapping made before the fork,
 * which holds the tickets and the recorders. A worker that crashes takes one request with
 * it.
 *
 * What it costs: a whole process per request in flight. Pages are shared until written,
 * but every child writes: its heap, its libcurl, its OpenSSL, its page tables.
 *
 * What to look for in the results: tree memory, because max RSS shows only one process;
 * start-up CPU, because every child starts libcurl again; one switch per wait, as with
 * threads, but to another address space. */
#include "runtime/runner.h"
#include "runtime/shared.h"
#include "runtime/start_barrier.h"
#include "runtime/worker.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void child_main(struct run *run, size_t index,
                                 struct start_barrier *barrier)
{
    struct worker worker;
    struct err err = {0};
    start_barrier_enter(barrier, run->shared);
    int status = worker_init(&worker, run, index, &wait_blocking, &err);
    if (status)
        shared_fail(run->shared, &err);
    start_barrier_wait(barrier);
    if (!status)
        worker_run(&worker);
    worker_done(&worker);
    _exit(status ? err.code : EXIT_CODE_OK);
}

static int fork_children(struct run *run, struct start_barrier *barrier, struct err *err)
{
    for (size_t i = 0; i < run->settings.concurrency; i++) {
        pid_t pid = fork();
        if (pid == 0)
            child_main(run, i, barrier);
        if (pid < 0)
            return err_set(
                err, EXIT_CODE_UNFIT, "cannot make process %zu of %llu: %s; lower -c",
                i + 1, (unsigned long long)run->settings.concurrency, strerror(errno));
        run->units_created++;
    }
    return 0;
}

static int run_processes(struct run *run, struct err *err)
{
    struct start_barrier barrier;
    int status = start_barrier_init(&barrier, err);
    if (status)
        return status;
    status = fork_children(run, &barrier, err);
    if (status)
        shared_fail(run->shared, err); /* so the children made so far get no tickets */
    start_barrier_open(&barrier);
    start_barrier_done(&barrier, run->shared);
    return status;
}

int main(int argc, char **argv)
{
    const struct model model = {
        .name = "processes",
        .about = "a pool of forked processes, each blocking",
        .family = FAMILY_PROCESSES,
        .lacks = "fan-out",
        .needs = {.threads = 1, .kib = 384, .kib_bare = 256},
        .run = run_processes,
    };
    return runner_main(argc, argv, &model);
}
