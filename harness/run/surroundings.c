/* surroundings.c: see surroundings.h. */
#include "harness/run/surroundings.h"

#include "analysis/margin.h"
#include "analysis/noise_floor.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/process.h"
#include "common/work.h"
#include "harness/host/environment.h"
#include "harness/host/interrupt.h"
#include "harness/plan/tasks.h"
#include "harness/run/url.h"

#include <jansson.h>

#define MARGIN_TOLD "throughput_per_s" /* whose noise speaks for the machine */

/* Whether a scenario has a server here in any case: PostgreSQL. */
static bool has_server_here(const struct run *run)
{
    for (size_t i = 0; run->scenarios && i < run->options.scenario_count; i++) {
        if (tasks_servers(run->scenarios[i]).needs_database)
            return true;
    }
    return false;
}

int surroundings_look_up(struct run *run, struct err *err)
{
    const struct run_options *o = &run->options;
    return run->addresses ? 0 : url_look_up(o->url, o->resolve, &run->addresses, err);
}

/* A name that nobody knows may be known when the plan is carried out. */
static bool is_url_here(struct run *run)
{
    struct err ignored = {0};
    return surroundings_look_up(run, &ignored) || url_is_here(run->addresses);
}

/* Without a server on this machine all of it is the runner's. */
int surroundings_find_origin(struct run *run, struct err *err)
{
    const struct run_options *options = &run->options;
    struct placement *placement = &run->placement;
    if (options->url &&
        (options->cpus.origin || has_server_here(run) || is_url_here(run)))
        return 0;
    if (!options->url && !options->origin)
        return 0;
    if (options->origin &&
        origin_remote_find(options->origin, options->origin_token, &run->remote, err))
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
    return cpus < PLACEMENT_ORIGIN_CPUS ? cpus : PLACEMENT_ORIGIN_CPUS;
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

struct trial_context surroundings_trials(const struct run *run,
                                         const struct servers *servers, uint64_t start_ns)
{
    return (struct trial_context){.servers = servers,
                                  .url = run->options.url,
                                  .resolve = *run->resolve ? run->resolve : NULL,
                                  .ca_file = run->options.ca_file,
                                  .is_insecure = run->options.is_insecure,
                                  .runner_cpus = run->placement.runner,
                                  .origin_cpus = run->placement.origin,
                                  .all_cpus = run->placement.all,
                                  .run_started_ns = start_ns,
                                  .seed = run->options.seed,
                                  .tests_per_us = run->tests_per_us};
}

/* One origin serves all scenarios: as many as the most demanding wants. */
static uint64_t origin_addresses_of(const struct run *run)
{
    uint64_t most = 1;
    for (size_t i = 0; i < run->options.scenario_count; i++)
        most = run->scenarios[i]->addresses > most ? run->scenarios[i]->addresses : most;
    return most;
}

static int start_servers(const struct run *run, struct servers *out_servers,
                         struct err *err)
{
    const struct servers_context context = {.cpus = &run->placement.origin,
                                            .threads = surroundings_origin_threads(run),
                                            .addresses = origin_addresses_of(run),
                                            .seed = run->options.seed,
                                            .has_url = run->options.url != NULL,
                                            .remote = run->options.origin ? &run->remote
                                                                          : NULL};
    const size_t count = run->options.scenario_count;
    AUTO_FREE struct servers_need *needs = memory_calloc(count, sizeof *needs);
    for (size_t i = 0; i < count; i++)
        needs[i] = tasks_servers(run->scenarios[i]);
    return servers_start(needs, count, &context, out_servers, err);
}

/* A microsecond of work is the same number of tests for every trial of the run. */
static uint64_t tests_of(const struct run *run)
{
    for (size_t i = 0; i < run->options.scenario_count; i++) {
        if (tasks_work_s(run->scenarios[i]) > 0)
            return work_tests_per_us();
    }
    return 0;
}

int surroundings_start(struct run *run, struct servers *out_servers, struct err *err)
{
    /* the first asks the trial to stop; the second has the default action */
    process_catch_ending(interrupt_by);
    run->tests_per_us = run->tests_per_us ? run->tests_per_us : tests_of(run);
    return start_servers(run, out_servers, err);
}
