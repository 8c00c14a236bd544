/* feasible.c: see feasible.h. A check writes the reason and returns false; the first one
 * that does decides. */
#include "harness/plan/feasible.h"

#include "common/format.h"
#include "harness/host/cgroup.h"
#include "harness/plan/estimate.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FDS_RESERVE      64
#define PORTS_RESERVE    64
#define ORIGIN_LOOPS_MAX 8   /* run.c */
#define TASKS_RESERVE    32  /* harness, launcher, origin, and the user's shell */
#define MAPS_RESERVE     512 /* libraries, and arenas of malloc */
#define KIB_RESERVE      (UINT64_C(64) << 10)
#define STACK_PAGE_KIB   UINT64_C(4)
#define KIB_OF_A_SERVER  12 /* a connection of the origin, with its socket's buffers */

static bool refuse(struct plan_cell *cell, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool refuse(struct plan_cell *cell, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(cell->skip_reason, sizeof cell->skip_reason, format, args);
    va_end(args);
    return false;
}

static uint64_t addresses_of(const struct plan_cell *cell)
{
    return cell->scenario->addresses ? cell->scenario->addresses : 1;
}

/* Sockets in flight at once; a task without an origin has at most one each. */
static uint64_t connections_of(const struct plan_cell *cell)
{
    const struct scenario *s = cell->scenario;
    if (s->kind && s->kind->needs_database)
        return cell->concurrency;
    return cell->concurrency * tasks_fetches(s);
}

/* Threads or processes of a model that needs one for each wait: in task fan-out, one for
 * each sub-request. */
static uint64_t waits_of(const struct plan_cell *cell)
{
    const uint64_t fetches = tasks_fetches(cell->scenario);
    return cell->concurrency * (fetches ? fetches : 1);
}

static bool has_runner(struct plan_cell *cell, const struct model *model,
                       const struct host_limits *limits)
{
    const struct runner *runner = runners_find(cell->scenario, cell->model);
    (void)model;
    (void)limits;
    return !runner || !*runner->skip_reason || refuse(cell, "%s", runner->skip_reason);
}

/* A runner that does not describe itself has to be tried. */
static bool has_warm_requests(struct plan_cell *cell, const struct model *model,
                              const struct host_limits *limits)
{
    (void)limits;
    return !cell->scenario->warm_requests || model->takes_warm || !*model->name ||
           refuse(cell, "it makes no warm requests: --describe lists no --warm-requests");
}

static bool has_origin(struct plan_cell *cell, const struct model *model,
                       const struct host_limits *limits)
{
    const struct scenario *s = cell->scenario;
    (void)model;
    (void)limits;
    if (s->is_remote && s->is_nginx)
        return refuse(cell, "nginx answers it, which --origin has not started there");
    return !s->is_remote || !s->tls ||
           refuse(cell,
                  "it needs TLS, which an origin given with --origin does not speak");
}

/* The number of a flag, from the scenario's options or else from the runner's own words;
 * 0 without it. */
static uint64_t asked(const struct plan_cell *cell, const char *option, const char *flag)
{
    const struct runner *runner = runners_find(cell->scenario, cell->model);
    char **word = runner && !runner->program ? runner->words : NULL;
    for (; word && word[0] && word[1]; word++) {
        if (!strcmp(word[0], flag))
            return tasks_number(cell->scenario, option, strtoull(word[1], NULL, 10));
    }
    return tasks_number(cell->scenario, option, 0);
}

/* Models have different least stacks: a coroutine's may be far smaller than a thread's. */
static bool fits_stack(struct plan_cell *cell, const struct model *model,
                       const struct host_limits *limits)
{
    const struct knob *knob = models_find_knob(model, "stack_bytes");
    const uint64_t bytes = asked(cell, "stack_bytes", "--stack-bytes");
    (void)limits;
    return !bytes || !knob || bytes >= knob->min ||
           refuse(cell, "takes stacks from %" PRIu64 " bytes, not of %" PRIu64, knob->min,
                  bytes);
}

static bool fits_cpus(struct plan_cell *cell, const struct model *model,
                      const struct host_limits *limits)
{
    const bool is_split = cell->scenario->has_split_placement;
    const uint64_t have = is_split ? limits->runner_cpus : limits->cpus;
    const uint64_t need = asked(cell, "cpus", "--cpus");
    (void)model;
    if (need <= have)
        return true;
    if (is_split && need <= limits->cpus)
        return refuse(cell,
                      "needs %" PRIu64 " CPUs, a runner has %" PRIu64 " of the %" PRIu64
                      " here; \"placement\": \"shared\" gives it all",
                      need, have, limits->cpus);
    return refuse(cell, "needs %" PRIu64 " CPUs, a runner may use %" PRIu64 " here", need,
                  have);
}

static bool has_quota(struct plan_cell *cell, const struct model *model,
                      const struct host_limits *limits)
{
    struct cgroup group = {0};
    (void)model;
    (void)limits;
    if (!cell->scenario->quota_cpus)
        return true;
    cgroup_make_quota(cell->scenario->quota_cpus, &group);
    cgroup_remove(&group);
    return group.version || refuse(cell, "no control group with a CPU quota: %s; %s",
                                   group.reason_v2, group.reason_v1);
}

static bool fits_open_files(struct plan_cell *cell, const struct model *model,
                            const struct host_limits *limits)
{
    /* the origin has one for each, and its listening sockets */
    const uint64_t each = model->fds_per_worker ? model->fds_per_worker : 1;
    const uint64_t listening = (addresses_of(cell) - 1) * ORIGIN_LOOPS_MAX;
    const uint64_t need = each * connections_of(cell) + listening + FDS_RESERVE;
    return need <= limits->open_files ||
           refuse(cell,
                  "needs %" PRIu64 " open files, the limit is %" PRIu64
                  "; raise it with `ulimit -n %" PRIu64 "`",
                  need, limits->open_files, need);
}

static bool fits_ports(struct plan_cell *cell, const struct model *model,
                       const struct host_limits *limits)
{
    /* a port may be used once for each address at the other end */
    const uint64_t addresses = addresses_of(cell);
    const uint64_t need =
        (connections_of(cell) + addresses - 1) / addresses + PORTS_RESERVE;
    (void)model;
    return need <= limits->ports ||
           refuse(cell,
                  "needs %" PRIu64 " local ports, there are %" PRIu64
                  "; widen net.ipv4.ip_local_port_range or raise load.addresses",
                  need, limits->ports);
}

static bool fits_tasks(struct plan_cell *cell, const struct model *model,
                       const struct host_limits *limits)
{
    const uint64_t need = model->tasks_per_worker * waits_of(cell) + TASKS_RESERVE;
    return !model->tasks_per_worker || need <= limits->tasks.value ||
           refuse(cell,
                  "needs %" PRIu64 " threads or processes, %s leaves room for %" PRIu64
                  "; raise it",
                  need, limits->tasks.what, limits->tasks.value);
}

static bool fits_maps(struct plan_cell *cell, const struct model *model,
                      const struct host_limits *limits)
{
    const uint64_t need = model->maps_per_worker * waits_of(cell) + MAPS_RESERVE;
    return !model->maps_per_worker || need <= limits->maps.value ||
           refuse(cell,
                  "needs %" PRIu64 " memory mappings, a thread's stack and its guard, "
                  "%s is %" PRIu64 "; raise it",
                  need, limits->maps.what, limits->maps.value);
}

/* Memory of a worker without connections. Stacks below a page are packed
 * (runtime/loop/stacks.h): they take their size in place of the page that kib_bare has. */
static uint64_t bare_kib(const struct plan_cell *cell, const struct model *model)
{
    const struct knob *knob = models_find_knob(model, "stack_bytes");
    const uint64_t bytes = asked(cell, "stack_bytes", "--stack-bytes");
    const bool is_packed = knob && bytes && bytes < (STACK_PAGE_KIB << 10);
    return !is_packed || model->kib_bare <= STACK_PAGE_KIB
               ? model->kib_bare
               : model->kib_bare - STACK_PAGE_KIB + (bytes + 1023) / 1024;
}

static bool fits_memory(struct plan_cell *cell, const struct model *model,
                        const struct host_limits *limits)
{
    const uint64_t fetches = tasks_fetches(cell->scenario);
    const uint64_t each = fetches ? (model->kib_per_worker + KIB_OF_A_SERVER) * fetches
                                  : bare_kib(cell, model);
    const uint64_t heap_kib = asked(cell, "heap_bytes", "--heap-bytes") >> 10;
    const uint64_t need_mib = (each * cell->concurrency + heap_kib + KIB_RESERVE) >> 10;
    return !(model->kib_per_worker || heap_kib) ||
           need_mib <= limits->memory.value >> 20 ||
           refuse(cell,
                  "needs about %" PRIu64 " MiB of memory, %s leaves %" PRIu64
                  "; lower the %s",
                  need_mib, limits->memory.what, limits->memory.value >> 20,
                  heap_kib ? "heap" : "concurrency");
}

/* A model that cannot keep up falls behind for as long as requests arrive. */
static bool fits_time(struct plan_cell *cell, const struct model *model,
                      const struct host_limits *limits)
{
    const struct scenario *s = cell->scenario;
    const double seconds = estimate_trial_seconds(cell);
    (void)model;
    (void)limits;
    return !s->rate_per_s || seconds <= (double)s->trial_seconds ||
           refuse(cell,
                  "takes about %s at %" PRIu64 " requests/s, "
                  "limits.trial_seconds is %" PRIu64
                  "; make fewer requests or lower the rate",
                  format_duration(seconds).s, s->rate_per_s, s->trial_seconds);
}

void feasible_check(struct plan_cell *cell, const struct host_limits *limits)
{
    static bool (*const checks[])(struct plan_cell *, const struct model *,
                                  const struct host_limits *) = {
        has_runner, has_warm_requests, has_origin,      fits_stack,
        fits_cpus,  has_quota,         fits_open_files, fits_ports,
        fits_tasks, fits_maps,         fits_memory,     fits_time};
    const struct model *model = runners_model(cell->scenario, cell->model);
    for (size_t i = 0; i < COUNT_OF(checks); i++) {
        if (!checks[i](cell, model, limits))
            return;
    }
}
