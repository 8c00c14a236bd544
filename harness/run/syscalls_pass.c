/* syscalls_pass.c: runs a cell twice under strace, or perf trace; see syscalls.h. It is
 * no trial: it is not timed, and asks no more of the runner than that it did all its
 * requests. */
#include "common/cleanup.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/paths.h"
#include "common/redact.h"
#include "harness/host/facts.h"
#include "harness/run/syscalls.h"
#include "harness/trial/collect.h"
#include "harness/trial/command.h"
#include "harness/trial/launch.h"
#include "harness/trial/target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define SLACK_MS    UINT64_C(60000) /* a traced request takes many times as long */
#define OUTPUT_MAX  ((size_t)4 << 20)
#define TRACERS     2
#define WORDS_AHEAD 12

static const struct tracer {
    const char *program, *source;
    const char *words[WORDS_AHEAD]; /* between the program and the file it writes */
    const char *end;                /* before the runner's words, or NULL */
    bool (*parse)(const char *text, struct syscalls_table *out_table);
} tracers[TRACERS] = {
    {"strace", "strace", {"-c", "-f", "-S", "name", "-o"}, NULL, syscalls_parse_strace},
    {"perf", "perf-trace", {"trace", "-s", "-o"}, "--", syscalls_parse_perf}};

struct pass {
    const struct trial_context *context;
    const struct trial_request *cell;
    const struct tracer *tracer;
    char program[PATH_MAX], file[64];
    char reason[320]; /* "" while all is well */
};

static void fail(struct pass *pass, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void fail(struct pass *pass, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(pass->reason, sizeof pass->reason, format, args);
    va_end(args);
}

static void find_tracer(struct pass *pass)
{
    for (size_t i = 0; i < TRACERS && !pass->tracer; i++) {
        if (paths_find(tracers[i].program, pass->program, sizeof pass->program))
            pass->tracer = &tracers[i];
    }
    if (!pass->tracer)
        fail(pass, "neither strace nor perf is installed");
}

/* The tracer's words, then the runner's; borrowed, as the array's end. */
static void wrap(const struct pass *pass, const struct command *command,
                 const char **out_argv)
{
    size_t count = 0;
    out_argv[count++] = pass->program;
    for (size_t i = 0; pass->tracer->words[i]; i++)
        out_argv[count++] = pass->tracer->words[i];
    out_argv[count++] = pass->file;
    if (pass->tracer->end)
        out_argv[count++] = pass->tracer->end;
    for (size_t i = 0; i < command->count; i++)
        out_argv[count++] = command->argv[i];
    out_argv[count] = NULL;
}

/* What went wrong, in the tracer's or the runner's own words if they have any. */
static void judge(struct pass *pass, const struct launch_outcome *o, uint64_t requests)
{
    struct collect_document document = {0};
    struct err error = {.code = EXIT_CODE_OK};
    char line[200];
    (void)snprintf(line, sizeof line, "%.*s", (int)strcspn(o->stderr_text, "\n"),
                   o->stderr_text);
    for (char *at = line; *at; at++)
        *at = *at >= 0x20 && *at < 0x7f ? *at : '?';
    if (pass->context->url)
        redact_credentials(pass->context->url, line);
    const int state = o->report.wait_status;
    if (!o->is_reported || o->report.failed_errno || o->report.unreaped)
        fail(pass, "%s could not be run", pass->tracer->source);
    else if (!WIFEXITED(state) || WEXITSTATUS(state) != 0)
        fail(pass, "the runner failed under %s: %s", pass->tracer->source,
             *line ? line : "killed");
    else if (collect_document(
                 o->document, o->document_size,
                 runners_document_model(pass->cell->scenario, pass->cell->model),
                 pass->cell->scenario->task, &document, &error))
        fail(pass, "under %s the runner wrote no valid document: %.200s",
             pass->tracer->source, error.text);
    else if (document.ok != requests)
        fail(pass, "under %s some requests failed", pass->tracer->source);
    collect_done(&document);
}

static void read_table(struct pass *pass, struct syscalls_table *out_table)
{
    AUTO_FREE char *text = memory_calloc(1, OUTPUT_MAX);
    if (facts_read(pass->file, text, OUTPUT_MAX) || !pass->tracer->parse(text, out_table))
        fail(pass, "%s wrote no table", pass->tracer->source);
}

/* One run of the runner under the tracer. */
static int count_calls(struct pass *pass, uint64_t requests,
                       struct syscalls_table *out_table, struct err *err)
{
    struct trial_request request = *pass->cell;
    struct command command = {0};
    struct launch_outcome outcome = {0};
    request.requests = requests;
    if (command_build(pass->context, &request, &command, err))
        return -1;
    const char *argv[WORDS_AHEAD + COMMAND_WORDS_MAX + 4];
    wrap(pass, &command, argv);
    const struct scenario *s = request.scenario;
    const struct launch_request launch = {
        .argv = (char *const *)(uintptr_t)argv,
        .variable = command.variable,
        .cpus = s->has_split_placement ? &pass->context->runner_cpus
                                       : &pass->context->all_cpus,
        .quota_cpus = s->quota_cpus,
        .timeout_ms = s->trial_seconds * 1000 + SLACK_MS,
        .interrupted = &interrupt_requested};
    int status = launch_run(&launch, &outcome, err);
    if (!status)
        judge(pass, &outcome, requests);
    if (!status && !*pass->reason)
        read_table(pass, out_table);
    launch_outcome_done(&outcome);
    command_done(&command);
    return status;
}

static json_t *make_json(const struct pass *pass, uint64_t few, uint64_t more,
                         json_t *by_name, double per_request)
{
    json_t *json = json_object();
    const bool is_ok = by_name != NULL;
    json_put(json, "source", is_ok ? json_string(pass->tracer->source) : json_null());
    json_put(json, "per_request", is_ok ? json_real_or_null(per_request) : json_null());
    json_put(json, "by_name", is_ok ? by_name : json_null());
    json_put(json, "requests", is_ok ? json_uint((more - few)) : json_null());
    json_put(json, "reason", is_ok ? json_null() : json_string(pass->reason));
    return json;
}

/* A file for the tracer, ours to remove. */
static bool make_file(struct pass *pass)
{
    (void)snprintf(pass->file, sizeof pass->file, "/tmp/concbench-syscalls.XXXXXX");
    int fd = mkostemp(pass->file, O_CLOEXEC);
    if (fd < 0)
        fail(pass, "cannot make a file in /tmp: %s", strerror(errno));
    else
        (void)close(fd);
    return fd >= 0;
}

int syscalls_run(const struct trial_context *context, const struct trial_request *request,
                 json_t **out_syscalls, struct err *err)
{
    struct pass pass = {.context = context, .cell = request};
    struct syscalls_table few = {.count = 0}, more = {.count = 0};
    uint64_t few_requests = 0, more_requests = 0;
    json_t *by_name = NULL;
    double per_request = 0;
    int status = 0;
    syscalls_choose_requests(request->concurrency, request->requests, &few_requests,
                             &more_requests);
    const struct cpus *cpus = request->scenario->has_split_placement
                                  ? &context->origin_cpus
                                  : &context->all_cpus;
    struct origin_control *origin = trial_origin(context, request->scenario);
    if (origin && origin_control_place(origin, cpus))
        return err_set(err, EXIT_CODE_UNFIT, "cannot give the origin its CPUs");
    find_tracer(&pass);
    if (!*pass.reason && make_file(&pass)) {
        status = count_calls(&pass, few_requests, &few, err);
        if (!status && !*pass.reason)
            status = count_calls(&pass, more_requests, &more, err);
        (void)unlink(pass.file);
    }
    if (status)
        return status;
    if (!*pass.reason)
        by_name =
            syscalls_per_request(&few, &more, more_requests - few_requests, &per_request);
    *out_syscalls = make_json(&pass, few_requests, more_requests, by_name, per_request);
    return 0;
}
