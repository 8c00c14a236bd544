/* process-loops: a forked process per CPU, an event loop in each, coroutines on each
 * loop.
 *
 *     parent      fork fork  ......wait for the children......
 *     process 1      loop   --A--+-B-+--C--+ epoll ... +-B-+--A--+ epoll ...
 *     process 2      loop   --D-+--E--+-F-+ epoll ... +-E-+--F--+--D--+ epoll ...
 *                           nothing is shared but the tickets              time ->
 *
 * The shape of nginx: as many processes as CPUs, made before the work begins, each alone
 * with its loop. It does with processes what `coroutine-threads` does with threads.
 * Memory is shared only on purpose, so no process can corrupt another's data, and a crash
 * costs only one loop's requests.
 *
 * What it costs: what `coroutines` costs, plus one process per CPU (not per request in
 * flight, as in `processes`). Each process starts its own libcurl and writes to its own
 * heap. As with threads, requests stay in the loop that took them.
 *
 * What to look for in the results: throughput and CPU like those of `coroutine-threads`;
 * memory like that of `coroutines` plus a constant. */
#include "runtime/loop/scheduler.h"
#include "runtime/runner.h"
#include "runtime/shared.h"
#include "runtime/start_barrier.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void child_main(struct run *run, size_t index, size_t coroutines,
                                 struct start_barrier *barrier)
{
    struct scheduler *scheduler = NULL;
    struct err err = {0};
    start_barrier_enter(barrier, run->shared);
    int status = scheduler_new(run, index, coroutines, NULL, &scheduler, &err);
    start_barrier_wait(barrier);
    if (!status)
        status = scheduler_run(scheduler, &err);
    if (status)
        shared_fail(run->shared, &err);
    else if (index == 0)
        scheduler_add_knobs(scheduler, run); /* they go to the shared state */
    scheduler_free(scheduler);
    _exit(status ? err.code : EXIT_CODE_OK);
}

static int fork_children(struct run *run, size_t count, struct start_barrier *barrier,
                         struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        size_t coroutines = scheduler_share(run, i, count);
        pid_t pid = fork();
        if (pid == 0)
            child_main(run, i, coroutines, barrier);
        if (pid < 0)
            return err_set(err, EXIT_CODE_UNFIT, "cannot make process %zu of %zu: %s",
                           i + 1, count, strerror(errno));
        run->units_created += coroutines;
    }
    return 0;
}

static int run_process_loops(struct run *run, struct err *err)
{
    size_t count = run->shared->recorder_count;
    struct start_barrier barrier;
    int status = start_barrier_init(&barrier, err);
    if (status)
        return status;
    status = fork_children(run, count, &barrier, err);
    if (status)
        shared_fail(run->shared, err); /* so the children made so far get no tickets */
    start_barrier_open(&barrier);
    start_barrier_done(&barrier, run->shared);
    run_add_knob(run, "loops", NULL, count);
    return status;
}

int main(int argc, char **argv)
{
    const struct model model = {
        .name = "process-loops",
        .about = "a process per CPU, a loop of coroutines in each",
        .family = FAMILY_PROCESSES,
        .knobs = KNOBS_OF_COROUTINES,
        .shares_connections = true,
        .threads = runner_thread_per_cpu,
        .lacks = "pipeline",
        .needs = {.fds = 1, .kib = 32, .kib_bare = 5},
        .run = run_process_loops,
    };
    return runner_main(argc, argv, &model);
}
