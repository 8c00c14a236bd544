/* coroutines: many stackful coroutines on one thread and one event loop.
 *
 *     loop          ---+--A--+-B-+--C--+ epoll ... +-B-+--A--+--C--+ epoll ...
 *     coroutine A      [request ....wait...........]   [request ....wait....
 *     coroutine B            [request ....wait.....][request ....wait....
 *     coroutine C                [request ....wait...........]  [request ....
 *                      a switch is a function call, not the kernel        time ->
 *
 * To have N requests in flight, make N coroutines. Each runs the same straight-line code
 * as `sequential`, but its wait does not block the thread: it hands the transfer to the
 * loop and yields. When the response is there, the loop resumes the coroutine where it
 * stopped. All coroutines run on one thread, one at a time, so they need no locks.
 * loop/scheduler.c shows how waiting becomes yielding; the other models with coroutines
 * share it.
 *
 * What it costs: a small stack per request in flight, of which one page is resident.
 * libcurl runs on the loop's stack only, so a coroutine's stack can stay small. A task
 * that computes, or calls something that blocks, stops all the others, because they share
 * one CPU.
 *
 * What to look for in the results: hardly any context switches, although as many requests
 * are in flight as with threads; CPU per request that *falls* as concurrency rises,
 * because one epoll_wait then serves more requests; memory that grows by a page and a
 * libcurl handle per request in flight. */
#include "runtime/loop/scheduler.h"
#include "runtime/runner.h"

static int run_coroutines(struct run *run, struct err *err)
{
    size_t count = (size_t)run->settings.concurrency;
    struct scheduler *scheduler = NULL;
    int status = scheduler_new(run, 0, count, NULL, &scheduler, err);
    if (status)
        return status;
    run->units_created = count;
    status = scheduler_run(scheduler, err);
    scheduler_add_knobs(scheduler, run);
    scheduler_free(scheduler);
    return status;
}

int main(int argc, char **argv)
{
    const struct model model = {
        .name = "coroutines",
        .about = "stackful coroutines on one libevent loop",
        .family = FAMILY_COROUTINES,
        .knobs = KNOBS_OF_COROUTINES,
        .shares_connections = true,
        .threads = runner_one_thread,
        .needs = {.fds = 1, .kib = 32, .kib_bare = 5},
        .run = run_coroutines,
    };
    return runner_main(argc, argv, &model);
}
