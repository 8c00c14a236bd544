/* surroundings.c: see surroundings.h. */
#include "harness/run/surroundings.h"

#include "analysis/margin.h"
#include "analysis/noise_floor.h"
#include "common/json.h"
#include "harness/host/environment.h"

#include <jansson.h>

#define MARGIN_TOLD        "throughput_per_s" /* whose noise speaks for the machine */
#define ORIGIN_THREADS_MAX 8

/* Without an origin on this machine all of it is the runner's. */
int surroundings_find_origin(struct run *run, struct err *err)
{
    const struct run_options *options = &run->options;
    struct placement *placement = &run->placement;
    if (!options->origin)
        return 0;
    if (origin_remote_find(options->origin, options->origin_token, &run->remote, err))
        return -1;
    if (!options->cpus.runner)
        placement->runner = placement->all;
    placement->origin = (struct cpus){0};
    placement->is_shared = false;
    *placement->warning = '\0';
    return 0;
}

uint64_t surroundings_origin_threads(const struct run *run)
{
    if (run->options.origin)
        return run->remote.threads;
    uint64_t cpus = cpus_count(&run->placement.origin);
    return cpus < ORIGIN_THREADS_MAX ? cpus : ORIGIN_THREADS_MAX;
}

void surroundings_read(struct run *run)
{
    const struct run_options *options = &run->options;
    run->environment = environment_make(
        &run->placement, options->url ? 0 : surroundings_origin_threads(run));
    json_auto_t *floors =
        noise_floor_read(options->out, run->environment, CONCBENCH_BUILD_TYPE);
    run->margin = margin_json(options->margin, floors);
    run->rate_margin = json_number_of(json_object_get(run->margin, MARGIN_TOLD), "value");
    run->rate_sd = json_number_of(json_object_get(floors, MARGIN_TOLD), "log_ratio_sd");
}
