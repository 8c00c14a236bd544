/* single.c: see single.h. */
#include "harness/run/single.h"

#include "common/clock.h"
#include "harness/host/lock.h"
#include "harness/run/passes.h"
#include "harness/run/surroundings.h"

#include <unistd.h>

int single_open(struct run *run, struct single *out_single, struct err *err)
{
    *out_single = (struct single){.machine = -1};
    if (lock_machine(&out_single->machine, err) ||
        surroundings_start(run, &out_single->servers, err))
        return -1;
    /* the harness works only between trials, but then on the origin's CPUs */
    (void)cpus_use(0, &run->placement.origin);
    out_single->context = surroundings_trials(run, &out_single->servers, clock_ns());
    return 0;
}

int single_trial(const struct single *single, const struct plan_cell *cell,
                 uint64_t block, uint64_t position, json_t **out_trial, struct err *err)
{
    struct trial_request request = passes_request(cell, TRIAL_TIMED);
    request.block = block;
    request.position = position;
    return trial_run(&single->context, &request, out_trial, err);
}

void single_close(struct single *single)
{
    servers_done(&single->servers);
    (void)cpus_use(0, &single->context.all_cpus);
    if (single->machine >= 0)
        (void)close(single->machine);
    single->machine = -1;
}
