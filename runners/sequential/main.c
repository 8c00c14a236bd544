/* sequential: one request after the other, on one thread.
 *
 *     one thread   [request 1 ....wait....][request 2 ....wait....][request 3 ....
 *                                                                           time ->
 *
 * The model everybody starts with. Each call blocks until its response is there, and
 * while it waits, nothing else happens. The total time is requests x (delay + work) on
 * any machine.
 *
 * What it costs: time. It is hard to beat in memory and in CPU per request, since there
 * is one connection, one stack, and no other thread to switch to. Each response wakes the
 * thread, though, and on a machine that sleeps between wake-ups that makes each request a
 * little more expensive.
 *
 * What to look for in the results: throughput is one divided by the latency, and stays
 * the same at every concurrency. It is the baseline: everything that the other models do,
 * they do in order to wait for several responses at once. */
#include "runtime/runner.h"
#include "runtime/worker.h"

static int run_sequential(struct run *run, struct err *err)
{
    struct worker worker;
    run->units_created = 1;
    int status = worker_init(&worker, run, 0, &wait_blocking, err);
    if (!status)
        worker_run(&worker);
    worker_done(&worker);
    return status;
}

int main(int argc, char **argv)
{
    const struct model model = {
        .name = "sequential",
        .about = "one request after the other",
        .family = FAMILY_SINGLE,
        .is_single = true,
        .needs = {.fds = 3},
        .run = run_sequential,
    };
    return runner_main(argc, argv, &model);
}
