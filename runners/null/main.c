/* null: no request at all.
 *
 *     ticket -> record -> ticket -> record -> ...
 *
 * Everything that surrounds a request (the ticket counter, two clock reads, the recorder,
 * the result document, loading and starting libcurl) and nothing of the request itself.
 *
 * What it costs: the floor. No runner can be cheaper, and what two runners have in common
 * can be read off here.
 *
 * What to look for in the results: CPU per request here, against the other models' CPU
 * per request, is the share of the measuring in what is measured. It should be far below
 * 1 % of any model. If it is not, distrust the comparison. */
#include "core/worker.h"

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
        .about = "Takes every ticket and records it without making a request: the floor.",
        .task = "none",
        .is_single = true,
        .run = run_null,
    };
    return runner_main(argc, argv, &model);
}
