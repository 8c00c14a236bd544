/* surroundings.c: see surroundings.h. */
#include "harness/run/surroundings.h"

#include "analysis/delta.h"
#include "analysis/floor.h"
#include "common/json.h"
#include "harness/host/environment.h"

#include <jansson.h>
#include <sched.h>

#define DELTA_TOLD         "throughput_per_s" /* whose noise speaks for the machine */
#define ORIGIN_THREADS_MAX 8

uint64_t surroundings_origin_threads(const struct run *run)
{
    uint64_t cpus = (uint64_t)CPU_COUNT(&run->placement.origin);
    return cpus < ORIGIN_THREADS_MAX ? cpus : ORIGIN_THREADS_MAX;
}

void surroundings_read(struct run *run)
{
    const struct run_options *options = &run->options;
    run->environment = environment_make(
        &run->placement, options->url ? 0 : surroundings_origin_threads(run));
    json_auto_t *floors =
        floor_read(options->out, run->environment, CONCBENCH_BUILD_TYPE);
    run->delta = delta_json(options->delta, floors);
    run->floor_delta = json_number_of(json_object_get(run->delta, DELTA_TOLD), "value");
    run->floor_sd = json_number_of(json_object_get(floors, DELTA_TOLD), "log_ratio_sd");
}
