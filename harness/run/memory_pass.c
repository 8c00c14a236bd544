/* memory_pass.c: the extra trial of a cell that measures its memory; see trial.h.
 *
 * Every worker makes one request and the origin answers so late that all of them wait at
 * the same time for at least MEMORY_PLATEAU_SAMPLES samples. How late that must be
 * depends on how long the model needs to get them all going and how long a sample takes,
 * so it is tried: too few samples, and the next attempt waits longer.
 *
 * Where nothing of ours can hold the workers (they compute, write files, ask a database)
 * they make the requests of a timed trial, and in the next attempt as many as take time
 * enough for the samples: the first are of a program that is not yet all there. */
#include "common/clock.h"
#include "common/json.h"
#include "harness/host/cgroup.h"
#include "harness/trial/memory.h"
#include "harness/trial/target.h"
#include "harness/trial/trial.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ATTEMPTS       4
#define DELAY_FIRST_MS UINT64_C(300)
#define DELAY_EXTRA_MS UINT64_C(2500)
#define DELAY_MAX_MS   UINT64_C(30000)
#define NULL_REQUESTS  UINT64_C(200000) /* of the null runner: some 50 ms */
#define TIMES_MAX      100 /* as many requests, after an attempt without a sample */

struct attempt {
    json_t *trial; /* owned */
    bool is_valid, has_no_request, has_origin;
    uint64_t delay_ms, requests;
    struct memory_watch watch;
    struct cgroup group; /* has been removed again */
    uint64_t group_peak_bytes;
};

/* One trial in a control group of its own, where one can be made. */
static int run_in_group(const struct trial_context *context,
                        struct trial_request *request, struct attempt *attempt,
                        struct err *err)
{
    attempt->group = (struct cgroup){.reason_v2 = "the runner's group has a CPU quota",
                                     .reason_v1 = "the runner's group has a CPU quota"};
    if (!request->scenario->quota_cpus)
        cgroup_make(&attempt->group);
    request->group = attempt->group.version ? attempt->group.path : NULL;
    int status = trial_run_sampled(context, request, memory_watch_sample, &attempt->watch,
                                   &attempt->trial, err);
    if (attempt->group.version)
        (void)cgroup_peak_bytes(&attempt->group, &attempt->group_peak_bytes);
    cgroup_remove(&attempt->group);
    return status;
}

/* What the origin holds when all workers wait: in fan-out each has several requests
 * there, unless it makes them in turn. */
static uint64_t held_at_origin(const struct trial_request *cell)
{
    if (runners_makes_in_turn(cell->scenario, cell->model))
        return cell->concurrency;
    const uint64_t fetches = tasks_fetches(cell->scenario);
    const uint64_t waits = cell->concurrency * (fetches ? fetches : 1);
    const uint64_t connections = tasks_number(cell->scenario, "connections", waits);
    return connections < waits ? connections : waits; /* the others queue */
}

static int run_attempt(const struct trial_context *context,
                       const struct trial_request *cell, uint64_t delay_ms,
                       uint64_t requests, struct attempt *out_attempt, struct err *err)
{
    struct trial_request request = *cell;
    struct attempt attempt = {.delay_ms = delay_ms,
                              .requests = requests,
                              .has_origin = trial_origin(context, cell->scenario) != NULL,
                              .watch = {.origin = trial_origin(context, cell->scenario),
                                        .concurrency = held_at_origin(cell)}};
    request.pass = TRIAL_MEMORY;
    request.delay_ms = delay_ms;
    request.requests = requests;
    int status = run_in_group(context, &request, &attempt, err);
    if (status)
        return status;
    const json_t *document = json_object_get(attempt.trial, "document");
    const char *task = json_string_value(json_object_get(document, "task"));
    attempt.is_valid = json_is_true(json_object_get(attempt.trial, "valid"));
    attempt.has_no_request = task && !strcmp(task, "none");
    *out_attempt = attempt;
    return 0;
}

static bool has_plateau(const struct trial_context *context,
                        const struct attempt *attempt)
{
    return !context->url && !attempt->has_no_request && attempt->has_origin;
}

/* Whether the workers wait for as long as we choose. */
static bool can_hold(const struct trial_context *context, const struct scenario *s)
{
    return trial_origin(context, s) || (s->task && !strcmp(s->task, "sleep"));
}

static uint64_t first_requests(const struct trial_context *context,
                               const struct trial_request *cell)
{
    if (!strcmp(cell->model, "null"))
        return NULL_REQUESTS; /* so that it lives for some samples */
    const bool has_one_each = !context->url && can_hold(context, cell->scenario);
    return has_one_each || cell->requests < cell->concurrency ? cell->concurrency
                                                              : cell->requests;
}

/* As many more as there were samples too few. */
static uint64_t next_requests(const struct trial_context *context,
                              const struct trial_request *cell,
                              const struct attempt *attempt)
{
    const uint64_t samples = attempt->watch.samples;
    uint64_t times = samples > 0 ? MEMORY_PLATEAU_SAMPLES / samples + 1 : TIMES_MAX;
    if (!attempt->is_valid || can_hold(context, cell->scenario))
        times = 1; /* then it is the delay that grows */
    return attempt->requests * times;
}

/* True when another attempt, with a longer delay or more requests, could do better. */
static bool wants_more(const struct trial_context *context,
                       const struct trial_request *cell, const struct attempt *attempt,
                       int attempts)
{
    const json_t *reason = json_object_get(attempt->trial, "invalid_reason");
    const char *reason_class = json_text_of(reason, "class");
    if (interrupt_requested || attempts == ATTEMPTS)
        return false;
    if (!strcmp(reason_class, "concurrency"))
        return true;
    if (!attempt->is_valid) /* once, unless it is as slow the next time */
        return attempts == 1 && strcmp(reason_class, "timeout") != 0;
    if (context->url || attempt->has_no_request)
        return false;
    if (!can_hold(context, cell->scenario))
        return attempt->watch.samples < MEMORY_PLATEAU_SAMPLES;
    return attempt->watch.samples > 0 && has_plateau(context, attempt) &&
           attempt->watch.plateau_samples < MEMORY_PLATEAU_SAMPLES;
}

/* Ample, as a second attempt costs more than a wait. */
static uint64_t first_delay_ms(const struct trial_request *cell)
{
    const struct model *model = runners_model(cell->scenario, cell->model);
    const bool connects = tasks_connects(cell->scenario);
    const uint64_t extra_ms =
        held_at_origin(cell) * models_gather_us(model, connects) / 1000;
    return DELAY_FIRST_MS + (extra_ms < DELAY_EXTRA_MS ? extra_ms : DELAY_EXTRA_MS);
}

/* Twice as long, and long enough for the samples at the speed they had. */
static uint64_t next_delay_ms(const struct attempt *attempt)
{
    const struct memory_watch *watch = &attempt->watch;
    uint64_t sample_ms = MEMORY_INTERVAL_MS;
    if (watch->plateau_samples &&
        watch->plateau_ns / watch->plateau_samples > sample_ms * NS_PER_MS)
        sample_ms = watch->plateau_ns / watch->plateau_samples / NS_PER_MS;
    uint64_t delay_ms = 2 * attempt->delay_ms;
    const uint64_t needed_ms =
        attempt->delay_ms + MEMORY_PLATEAU_SAMPLES * (sample_ms + 1);
    if (delay_ms < needed_ms)
        delay_ms = needed_ms;
    return delay_ms < DELAY_MAX_MS ? delay_ms : DELAY_MAX_MS;
}

/* What an attempt says about the tree. */
struct finding {
    uint64_t bytes; /* 0: nothing is known */
    const char *source;
    size_t processes;
    char reason[640]; /* "" when there is nothing to say */
};

static void note(struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void note(struct finding *finding, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(finding->reason, sizeof finding->reason, format, args);
    va_end(args);
}

/* Why there was no sample. */
static const char *sampling_error(int error)
{
    static const int gone[] = {0, -ENOENT, -ESRCH, -ENODATA};
    for (size_t i = 0; i < COUNT_OF(gone); i++) {
        if (error == gone[i])
            return "it ended too soon";
    }
    return strerror(-error);
}

static bool has_held(const struct trial_context *context, const struct attempt *attempt)
{
    return has_plateau(context, attempt) && attempt->watch.plateau_samples > 0;
}

/* The sample that counts; all 0 when there was none. */
static const struct memory_sample *best_sample(const struct trial_context *context,
                                               const struct attempt *attempt)
{
    return has_held(context, attempt) ? &attempt->watch.plateau_peak
                                      : &attempt->watch.peak;
}

static void find_sampled(const struct trial_context *context,
                         const struct attempt *attempt, struct finding *finding)
{
    const struct memory_watch *watch = &attempt->watch;
    const bool is_held = has_held(context, attempt);
    const struct memory_sample *sample = best_sample(context, attempt);
    finding->bytes = sample->pss_bytes;
    finding->processes = sample->processes;
    finding->source = "pss-sampled";
    if (attempt->has_no_request)
        note(finding, "it makes no requests: the peak of its lifetime");
    else if (context->url)
        note(finding, "the server is not concbench's origin: the peak of the trial, "
                      "whether or not all workers were in flight");
    else if (!attempt->has_origin)
        note(finding,
             "the workers could not be held by the origin: the peak of %" PRIu64
             " samples",
             watch->samples);
    else if (!is_held)
        note(finding,
             "the workers were never all in flight at once: the peak of the trial");
    else if (watch->plateau_samples < MEMORY_PLATEAU_SAMPLES)
        note(finding, "all workers were in flight in only %" PRIu64 " samples",
             watch->plateau_samples);
}

/* The headline: one rule for all cells of all runs, see docs/adr. */
static struct finding find(const struct trial_context *context,
                           const struct attempt *attempt)
{
    struct finding finding = {0};
    const json_t *rss = json_object_get(attempt->trial, "max_rss_bytes");
    if (!attempt->is_valid) {
        const json_t *why = json_object_get(attempt->trial, "invalid_reason");
        note(&finding, "the memory pass is invalid: %s: %s", json_text_of(why, "class"),
             json_text_of(why, "text"));
    } else if (attempt->watch.samples > 0) {
        find_sampled(context, attempt, &finding);
    } else if (attempt->group_peak_bytes > 0) {
        finding.bytes = attempt->group_peak_bytes;
        finding.source = cgroup_source(attempt->group.version);
        note(&finding, "no sample: %s", sampling_error(attempt->watch.error));
    } else if (json_is_integer(rss)) {
        finding.bytes = (uint64_t)json_integer_value(rss);
        finding.source = "largest-process";
        note(&finding, "no sample: %s", sampling_error(attempt->watch.error));
    }
    return finding;
}

static json_t *integer_or_null(bool is_known, uint64_t value)
{
    return is_known ? json_uint(value) : json_null();
}

static json_t *text_or_null(const char *text)
{
    return text && *text ? json_string(text) : json_null();
}

static void put_source(json_t *sources, const char *name, uint64_t bytes,
                       const char *reason)
{
    json_t *source = json_object();
    json_put(source, "bytes", integer_or_null(bytes > 0, bytes));
    json_put(source, "reason", bytes > 0 ? json_null() : json_string(reason));
    json_put(sources, name, source);
}

/* Everything that was measured, or why it was not. */
static json_t *sources_json(const struct trial_context *context,
                            const struct attempt *attempt)
{
    static const char did_not_join[] = "the runner could not join the group";
    const struct cgroup *group = &attempt->group;
    const json_t *rss = json_object_get(attempt->trial, "max_rss_bytes");
    const uint64_t peak_bytes = attempt->group_peak_bytes;
    struct finding sampled = {0};
    json_t *sources = json_object();
    find_sampled(context, attempt, &sampled);
    put_source(sources, "cgroup-v2-peak", group->version == 2 ? peak_bytes : 0,
               group->version == 2 ? did_not_join : group->reason_v2);
    put_source(sources, "cgroup-v1-peak", group->version == 1 ? peak_bytes : 0,
               group->version == 1 ? did_not_join : group->reason_v1);
    put_source(sources, "pss-sampled", sampled.bytes,
               sampling_error(attempt->watch.error));
    put_source(sources, "largest-process", (uint64_t)json_integer_value(rss),
               "the runner could not be run");
    return sources;
}

static json_t *make_memory(const struct trial_context *context,
                           const struct attempt *attempt)
{
    const struct finding finding = find(context, attempt);
    const bool is_on_plateau = has_plateau(context, attempt);
    const struct memory_sample *sample = best_sample(context, attempt);
    const bool is_told =
        sample->anon_bytes + sample->file_bytes > 0; /* Linux 5.4 and later */
    json_t *memory = json_object();
    json_put(attempt->trial, "tree_memory_bytes",
             integer_or_null(finding.bytes > 0, finding.bytes));
    json_put(attempt->trial, "tree_memory_source", text_or_null(finding.source));
    json_put(memory, "tree_memory_bytes",
             integer_or_null(finding.bytes > 0, finding.bytes));
    json_put(memory, "source", text_or_null(finding.source));
    json_put(memory, "reason", text_or_null(finding.reason));
    json_put(memory, "sources", sources_json(context, attempt));
    json_put(memory, "pss_anon_bytes", integer_or_null(is_told, sample->anon_bytes));
    json_put(memory, "pss_file_bytes", integer_or_null(is_told, sample->file_bytes));
    json_put(memory, "pss_shmem_bytes", integer_or_null(is_told, sample->shmem_bytes));
    if (is_on_plateau || (context->url && !attempt->has_no_request))
        json_put(memory, "is_on_plateau", json_boolean(has_held(context, attempt)));
    json_put(memory, "samples", json_uint(attempt->watch.samples));
    json_put(memory, "plateau_samples",
             integer_or_null(is_on_plateau, attempt->watch.plateau_samples));
    json_put(memory, "delay_ms", integer_or_null(is_on_plateau, attempt->delay_ms));
    json_put(memory, "processes",
             integer_or_null(finding.processes > 0, finding.processes));
    json_put(memory, "trial", json_incref(attempt->trial));
    return memory;
}

/* The better of two attempts, by what is wanted of them. */
static bool is_better(const struct attempt *a, const struct attempt *than)
{
    if (a->is_valid != than->is_valid)
        return a->is_valid;
    if (a->watch.plateau_samples != than->watch.plateau_samples)
        return a->watch.plateau_samples > than->watch.plateau_samples;
    return a->watch.samples > than->watch.samples;
}

int trial_run_memory(const struct trial_context *context,
                     const struct trial_request *request, json_t **out_memory,
                     struct err *err)
{
    struct attempt best = {0};
    uint64_t delay_ms = first_delay_ms(request);
    if (delay_ms < request->scenario->delay_ms)
        delay_ms = request->scenario->delay_ms;
    uint64_t requests = first_requests(context, request);
    bool has_more = true;
    for (int attempts = 1; has_more; attempts++) {
        struct attempt attempt;
        int status = run_attempt(context, request, delay_ms, requests, &attempt, err);
        if (status) {
            json_decref(best.trial);
            return status;
        }
        has_more = wants_more(context, request, &attempt, attempts);
        delay_ms = next_delay_ms(&attempt);
        requests = next_requests(context, request, &attempt);
        if (!best.trial || is_better(&attempt, &best)) {
            json_decref(best.trial);
            best = attempt;
        } else {
            json_decref(attempt.trial);
        }
    }
    *out_memory = make_memory(context, &best);
    json_decref(best.trial);
    return 0;
}
