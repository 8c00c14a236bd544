/* null: no request at all.
 *
 *     ticket -> record -> ticket -> record -> ...
 *
 * It does everything that surrounds a request and nothing of the request itself: it takes
 * a ticket, reads the clock twice, fills the recorder, writes the result document, and
 * loads and starts libcurl.
 *
 * What it costs: the least that any runner can cost. Whatever it needs, all other runners
 * need too.
 *
 * What to look for in the results: CPU per request here, divided by the CPU per request
 * of another model, is the share of the measuring in what is measured. It should be far
 * below 1 % for every model. If it is not, distrust the comparison. */
#include "runtime/runner.h"
#include "runtime/worker.h"

static int run_null(struct run *run, struct err *err)
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
        .name = "null",
        .about = "no request at all: the floor, and a test of the harness",
        .family = FAMILY_SINGLE,
        .task = "none",
        .is_single = true,
        .run = run_null,
    };
    return runner_main(argc, argv, &model);
}
