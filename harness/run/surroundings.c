/* surroundings.c: see surroundings.h. */
#include "harness/run/surroundings.h"

#include "analysis/margin.h"
#include "analysis/noise_floor.h"
#include "common/json.h"
#include "harness/host/environment.h"

#include <jansson.h>

#define MARGIN_TOLD        "throughput_per_s" /* whose noise speaks for the machine */
#define ORIGIN_THREADS_MAX 8

uint64_t surroundings_origin_threads(const struct run *run)
{
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
