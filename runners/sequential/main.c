/* sequential: one request after the other, on one thread.
 *
 *     one thread   [request 1 ....wait....][request 2 ....wait....][request 3 ....
 *                                                                           time ->
 *
 * The model everybody starts with. Each call blocks until its response is there, and
 * while it waits, nothing else happens: time is requests x (delay + work), whatever the
 * machine.
 *
 * What it costs: time. In memory and in CPU per request it is hard to beat, since there
 * is one connection, one stack, and nobody to switch to; though each response wakes the
 * thread, and a machine that sleeps between wake-ups makes each request a little dearer.
 *
 * What to look for in the results: throughput is one over the latency, and a flat line
 * over concurrency. It is the baseline: everything the other models do, they do to wait
 * for several responses at once. */
#include "core/worker.h"

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
        .about = "Makes one request after the other on one thread.",
        .is_single = true,
        .fds_per_worker = 3,
        .run = run_sequential,
    };
    return runner_main(argc, argv, &model);
}
