/* trial.c: one execution of one cell; see trial.h. It calls the stages in their order and
 * writes down what they found; each stage has its own file. */
#include "harness/trial/trial.h"

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/cpus.h"
#include "common/json.h"
#include "common/redact.h"
#include "common/rng.h"
#include "harness/host/first_line.h"
#include "harness/trial/collect.h"
#include "harness/trial/command.h"
#include "harness/trial/counts.h"
#include "harness/trial/energy.h"
#include "harness/trial/health.h"
#include "harness/trial/launch.h"
#include "harness/trial/target.h"
#include "harness/trial/trace_rows.h"
#include "harness/trial/validity.h"

#include <string.h>
#include <sys/wait.h>

#define MEMORY_SLACK_MS 30000

/* Everything between the first and the last stage. */
struct trial {
    const struct trial_context *context;
    const struct trial_request *request;
    struct cpus runner_cpus, origin_cpus;
    uint64_t started_ns, limit_ms;
    struct command command;
    struct health before, after;
    struct energy energy_before, energy_after;
    struct launch_outcome outcome;
    struct origin_stats origin;
    struct collect_document document;
    bool has_document;
    struct err document_error;
    struct validity_verdict verdict;
    char stderr_text[LAUNCH_STDERR_KEPT + 1];
};

static void choose_limits(struct trial *t)
{
    const struct scenario *s = t->request->scenario;
    t->runner_cpus =
        s->has_split_placement ? t->context->runner_cpus : t->context->all_cpus;
    t->origin_cpus = s->has_split_placement || !cpus_count(&t->context->origin_cpus)
                         ? t->context->origin_cpus
                         : t->context->all_cpus;
    t->limit_ms = s->trial_seconds * 1000;
    if (t->request->pass == TRIAL_MEMORY &&
        t->limit_ms < t->request->delay_ms + MEMORY_SLACK_MS)
        t->limit_ms = t->request->delay_ms + MEMORY_SLACK_MS;
}

/* A number that differs from trial to trial and is the same in a repetition of the run.
 */
static size_t padding_bytes(const struct trial_request *request)
{
    const uint64_t trial =
        (request->block << 32) + (request->position << 8) + request->attempt;
    return (size_t)(rng_mix(trial + RNG_STEP) % 4096);
}

/* launch, with the origin's counts and the machine's health around it */
static int execute(struct trial *t, uint64_t (*sample)(void *, pid_t), void *sample_arg,
                   struct err *err)
{
    const struct scenario *s = t->request->scenario;
    struct origin_control *origin = trial_origin(t->context, s);
    struct origin_stats before = {0};
    if (origin && origin_control_place(origin, &t->origin_cpus))
        return err_set(err, EXIT_CODE_UNFIT, "cannot give the origin its CPUs");
    int status = origin ? origin_control_stats(origin, 1, &before, err) : 0;
    if (!status && origin && s->freeze_ms && t->request->pass != TRIAL_MEMORY)
        status = origin_control_freeze(origin, s->freeze_after_ms, s->freeze_ms, err);
    if (status)
        return status;
    const struct launch_request request = {.argv = t->command.argv,
                                           .variable = t->command.variable,
                                           .cpus = &t->runner_cpus,
                                           .timeout_ms = t->limit_ms,
                                           .linger_ms = LAUNCH_LINGER_MS,
                                           .has_counters = t->request->pass == TRIAL_WARM,
                                           .group = t->request->group,
                                           .quota_cpus = s->quota_cpus,
                                           .padding_bytes = padding_bytes(t->request),
                                           .interrupted = &interrupt_requested,
                                           .sample = sample,
                                           .sample_arg = sample_arg};
    t->before = health_read();
    energy_read(ENERGY_ROOT, &t->energy_before);
    t->started_ns = clock_ns();
    status = launch_run(&request, &t->outcome, err);
    if (status)
        return status;
    energy_read(ENERGY_ROOT, &t->energy_after);
    t->after = health_read();
    status = origin ? origin_control_stats(origin, 0, &t->origin, err) : 0;
    if (!status && origin)
        t->origin.cpu_ns -=
            before.cpu_ns <= t->origin.cpu_ns ? before.cpu_ns : t->origin.cpu_ns;
    return status;
}

/* Bytes that are no UTF-8 and control characters would not survive JSON. */
static void clean_stderr(struct trial *t)
{
    const struct launch_outcome *o = &t->outcome;
    for (size_t i = 0; i < o->stderr_size; i++) {
        const char c = o->stderr_text[i];
        const bool is_plain = (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\t';
        t->stderr_text[i] = is_plain ? c : '?';
    }
    if (t->context->url)
        redact_credentials(t->context->url, t->stderr_text);
}

/* A journal has room for so much of each cell; the picture is of the most in flight. */
static void thin_trace(const struct trial *t)
{
    const struct trial_request *r = t->request;
    const struct scenario *s = r->scenario;
    bool is_shown = true;
    for (size_t i = 0; i < s->concurrency_count; i++)
        is_shown = is_shown && s->concurrency[i] <= r->concurrency;
    if (runners_model(s, r->model)->is_single)
        is_shown = true;
    if (r->pass == TRIAL_WARM && t->has_document)
        trace_rows_thin(t->document.json, is_shown ? TRACE_ROWS_KEPT : TRACE_ROWS_FEW);
}

static void judge(struct trial *t)
{
    const struct launch_outcome *o = &t->outcome;
    char line[LAUNCH_STDERR_KEPT + 1];
    clean_stderr(t);
    first_line_of(t->stderr_text, line, sizeof line);
    const struct scenario *s = t->request->scenario;
    if (o->document_size > 0)
        t->has_document = !collect_document(o->document, o->document_size,
                                            runners_document_model(s, t->request->model),
                                            s->task, &t->document, &t->document_error);
    const struct validity_facts facts = {
        .request = t->request,
        .limit_ms = t->limit_ms,
        .outcome = o,
        .stderr_line = line,
        .document = t->has_document ? &t->document : NULL,
        .document_error = t->document_error.text,
        .origin = trial_origin(t->context, s) ? &t->origin : NULL};
    validity_judge(&facts, &t->verdict);
}

static json_t *integer_or_null(bool is_known, uint64_t value)
{
    return is_known ? json_uint(value) : json_null();
}

static void put_identity(json_t *json, const struct trial *t)
{
    static const char *const passes[] = {"timed", "warm", "memory"};
    const struct trial_request *r = t->request;
    const uint64_t since_ns = t->started_ns - t->context->run_started_ns;
    json_put(json, "pass", json_string(passes[r->pass]));
    json_put(json, "scenario", json_string(r->scenario->name));
    json_put(json, "model", json_string(r->model));
    json_put(json, "concurrency", json_uint(r->concurrency));
    json_put(json, "requests", json_uint(r->requests));
    json_put(json, "block", json_uint(r->block));
    json_put(json, "position", json_uint(r->position));
    json_put(json, "attempt", json_uint(r->attempt));
    json_put(json, "started_s", json_real_or_null((double)since_ns / (double)NS_PER_S));
    json_put(json, "command", command_json(&t->command));
}

static void put_verdict(json_t *json, const struct trial *t)
{
    const struct validity_verdict *v = &t->verdict;
    json_t *reason = json_null();
    if (v->reason_class) {
        reason = json_object();
        json_put(reason, "class", json_string(v->reason_class));
        json_put(reason, "text", json_string(v->text));
    }
    json_put(json, "valid", json_boolean(!v->reason_class));
    json_put(json, "invalid_reason", reason);
}

/* What the launcher measured; all null when the runner did not come to run. */
static void put_account(json_t *json, const struct trial *t)
{
    const struct launch_report *r = &t->outcome.report;
    const bool has_run = t->outcome.is_reported && !r->failed_errno && !r->unreaped;
    const bool has_exited = has_run && WIFEXITED(r->wait_status);
    const bool is_killed = has_run && WIFSIGNALED(r->wait_status);
    const struct {
        const char *key;
        uint64_t value;
    } numbers[] = {{"wall_ns", r->wall_ns},
                   {"cpu_total_ns", r->cpu_user_ns + r->cpu_system_ns},
                   {"cpu_user_ns", r->cpu_user_ns},
                   {"cpu_system_ns", r->cpu_system_ns},
                   {"max_rss_bytes", r->max_rss_bytes},
                   {"launcher_rss_bytes", r->launcher_rss_bytes},
                   {"voluntary_switches", r->voluntary_switches},
                   {"involuntary_switches", r->involuntary_switches},
                   {"minor_faults", r->minor_faults},
                   {"major_faults", r->major_faults}};
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        json_put(json, numbers[i].key, integer_or_null(has_run, numbers[i].value));
    json_put(json, "exit_code",
             has_exited ? json_integer(WEXITSTATUS(r->wait_status)) : json_null());
    json_put(json, "signal",
             is_killed ? json_integer(WTERMSIG(r->wait_status)) : json_null());
    json_put(json, "tree_memory_bytes", json_null()); /* the memory pass fills it in */
    json_put(json, "tree_memory_source", json_null());
}

/* Counting costs CPU time, so it is done in the warm block, where nothing is ranked. */
static json_t *counters_json(const struct trial *t)
{
    char paranoid[32] = "";
    if (t->request->pass != TRIAL_WARM || !t->outcome.is_reported ||
        t->outcome.report.failed_errno)
        return json_null();
    AUTO_FILE FILE *file = fopen("/proc/sys/kernel/perf_event_paranoid", "re");
    const bool is_known = file && fgets(paranoid, sizeof paranoid, file);
    return counts_json(t->outcome.report.counters, is_known ? paranoid : NULL);
}

static void put_surroundings(json_t *json, const struct trial *t)
{
    char cpus[CPUS_TEXT_SIZE];
    const bool has_origin = trial_origin(t->context, t->request->scenario);
    json_t *placement = json_object();
    json_t *origin = json_null();
    cpus_format(&t->runner_cpus, cpus, sizeof cpus);
    json_put(placement, "runner_cpus", json_string(cpus));
    cpus_format(&t->origin_cpus, cpus, sizeof cpus);
    json_put(placement, "origin_cpus",
             *cpus && has_origin ? json_string(cpus) : json_null());
    if (has_origin) {
        origin = json_object();
        json_put(origin, "requests", json_uint(t->origin.requests));
        json_put(origin, "peak_in_flight", json_uint(t->origin.peak_in_flight));
        json_put(origin, "connections", json_uint(t->origin.connections));
        json_put(origin, "cpu_ns", json_uint(t->origin.cpu_ns));
    }
    json_put(json, "placement", placement);
    json_put(json, "origin", origin);
    json_put(json, "health", health_json(&t->before, &t->after));
    json_put(json, "disturbed",
             health_disturbed(&t->before, &t->after, t->outcome.report.wall_ns,
                              (unsigned)cpus_count(&t->context->all_cpus)));
    json_put(json, "counters", counters_json(t));
    energy_put(&t->energy_before, &t->energy_after, json);
}

static json_t *make_json(const struct trial *t)
{
    json_t *json = json_object();
    put_identity(json, t);
    put_verdict(json, t);
    put_account(json, t);
    put_surroundings(json, t);
    json_put(json, "stderr", *t->stderr_text ? json_string(t->stderr_text) : json_null());
    json_put(json, "document",
             t->has_document ? json_incref(t->document.json) : json_null());
    return json;
}

int trial_run_sampled(const struct trial_context *context,
                      const struct trial_request *request,
                      uint64_t (*sample)(void *arg, pid_t runner), void *sample_arg,
                      json_t **out_trial, struct err *err)
{
    struct trial trial = {.context = context, .request = request};
    choose_limits(&trial);
    int status = command_build(context, request, &trial.command, err);
    if (!status)
        status = execute(&trial, sample, sample_arg, err);
    if (!status) {
        judge(&trial);
        thin_trace(&trial);
        *out_trial = make_json(&trial);
    }
    collect_done(&trial.document);
    launch_outcome_done(&trial.outcome);
    command_done(&trial.command);
    return status;
}

int trial_run(const struct trial_context *context, const struct trial_request *request,
              json_t **out_trial, struct err *err)
{
    return trial_run_sampled(context, request, NULL, NULL, out_trial, err);
}
