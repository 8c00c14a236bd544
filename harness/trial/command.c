/* command.c: the words of a runner's command line; see command.h and
 * docs/runner-contract.md. Running them is launch.c's. */
#include "harness/trial/command.h"

#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/paths.h"
#include "common/redact.h"
#include "common/rng.h"
#include "harness/trial/target.h"
#include "launcher/launch_report.h"

#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Beside the streams of plan.c. */
#define STREAM_ARRIVALS 4

/* Port 1 is tcpmux's, which no machine runs; there is none below it to try. */
#define NOBODY_URL "http://127.0.0.1:1"

/* The time limit of a request in the memory pass, beyond the origin's delay. */
#define COMMAND_MEMORY_SLACK_MS 20000

/* Appends a word. Out of memory ends the program, as in json_put. */
static void add(struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add(struct command *command, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *word = NULL;
    if (command->count == COMMAND_WORDS_MAX || vasprintf(&word, format, args) < 0)
        memory_exhausted();
    va_end(args);
    command->argv[command->count++] = word;
}

static int add_runner(const struct trial_context *context,
                      const struct scenario *scenario, const char *model,
                      struct command *command, struct err *err)
{
    if (context->runner_path) {
        const char *path = context->runner_path(context->runner_path_arg, model);
        if (!path)
            return err_set(err, EXIT_CODE_UNFIT, "no runner for the model %.64s", model);
        add(command, "%s", path);
        return 0;
    }
    char name[80];
    char path[PATH_MAX];
    const struct runner *runner = runners_find(scenario, model);
    const char *ours = runners_document_model(scenario, model);
    if (runner && runner->program) {
        add(command, "%s", runner->program);
        return 0;
    }
    (void)snprintf(name, sizeof name, "runner-%.64s", ours);
    int status = paths_program(name, path, sizeof path, err);
    if (!status)
        add(command, "%s", path);
    return status;
}

/* The origin's URL; only the parameters that change anything are in it. */
static void add_origin_url(const char *base, const struct trial_request *request,
                           struct command *command)
{
    const struct scenario *s = request->scenario;
    const bool is_plain = request->pass == TRIAL_MEMORY;
    if (s->is_nginx) { /* which knows no parameters */
        add(command, "%s/bytes/%" PRIu64, base, s->bytes);
        return;
    }
    const struct {
        const char *name;
        uint64_t value;
    } parameters[] = {{"delay_ms", request->delay_ms},
                      {"jitter_ms", is_plain ? 0 : s->jitter_ms},
                      {"tail_ppm", is_plain ? 0 : s->tail_ppm},
                      {"tail_ms", is_plain ? 0 : s->tail_ms}};
    char query[320] = "";
    size_t used = 0;
    for (size_t i = 0; i < COUNT_OF(parameters); i++) {
        if (parameters[i].value)
            used += (size_t)snprintf(query + used, sizeof query - used, "%c%s=%" PRIu64,
                                     used ? '&' : '?', parameters[i].name,
                                     parameters[i].value);
    }
    if (!is_plain)
        tasks_query(s, query, sizeof query);
    add(command, "%s/bytes/%" PRIu64 "%s", base, s->bytes, query);
}

static void add_flag(void *arg, const char *flag, const char *value)
{
    struct command *command = arg;
    add(command, "%s", flag);
    if (value)
        add(command, "%s", value);
}

/* The gaps' seed follows from the run's and the block: in a block every model meets the
 * same arrivals. */
static void add_rate(const struct trial_context *context,
                     const struct trial_request *request, struct command *command)
{
    struct rng rng = rng_for(context->seed, STREAM_ARRIVALS, request->block);
    add(command, "--rate");
    add(command, "%" PRIu64, request->scenario->rate_per_s);
    add(command, "--arrivals");
    add(command, "%s", request->scenario->arrivals);
    add(command, "--seed");
    add(command, "%" PRIu64, rng_next(&rng) >> 11); /* a whole number also in a double */
}

/* What is not timed can be traced. A scenario, or a runner's own words, may have asked
 * for it in every trial. */
static void add_trace(const struct trial_request *request, struct command *command)
{
    bool is_there = request->pass != TRIAL_WARM ||
                    !runners_model(request->scenario, request->model)->takes_trace;
    for (size_t i = 0; i < command->count; i++)
        is_there = is_there || !strcmp(command->argv[i], "--trace");
    if (!is_there)
        add(command, "--trace");
}

/* The server, where the task has one; the URL comes last. */
static void add_target(const struct trial_context *context,
                       const struct trial_request *request, struct command *command)
{
    const struct target target = trial_target(context, request->scenario);
    if (target.database)
        add_flag(command, "--db", target.database);
    if (target.ca_file)
        add_flag(command, "--cacert", target.ca_file);
    const bool is_refused =
        tasks_is_refused(request->scenario) && request->pass != TRIAL_MEMORY;
    command->has_own_url = target.base_url != NULL;
    if (target.base_url)
        add_origin_url(is_refused ? NOBODY_URL : target.base_url, request, command);
    if (target.base_url || !context->url || !tasks_fetches(request->scenario))
        return;
    if (context->ca_file)
        add_flag(command, "--cacert", context->ca_file);
    if (context->is_insecure)
        add_flag(command, "--insecure", NULL);
    if (context->resolve &&
        runners_model(request->scenario, request->model)->takes_resolve)
        add_flag(command, "--resolve", context->resolve);
    add(command, "%s", context->url);
}

uint64_t command_warm_requests(const struct trial_request *request)
{
    return request->pass == TRIAL_MEMORY
               ? 0
               : request->scenario->warm_requests * request->concurrency;
}

int command_build(const struct trial_context *context,
                  const struct trial_request *request, struct command *out_command,
                  struct err *err)
{
    const struct scenario *s = request->scenario;
    uint64_t timeout_ms = s->timeout_ms;
    if (request->pass == TRIAL_MEMORY &&
        timeout_ms < request->delay_ms + COMMAND_MEMORY_SLACK_MS)
        timeout_ms = request->delay_ms + COMMAND_MEMORY_SLACK_MS;
    struct command command = {0};
    int status = add_runner(context, s, request->model, &command, err);
    if (status)
        return status;
    const struct runner *runner = runners_find(s, request->model);
    if (runner && runner->libcurl)
        command.variable = runners_library_path(runner->libcurl);
    for (char **word = runner ? runner->words : NULL; word && *word; word++)
        add(&command, "%s", *word);
    add(&command, "-n");
    add(&command, "%" PRIu64, request->requests);
    add(&command, "-c");
    add(&command, "%" PRIu64, request->concurrency);
    if (command_warm_requests(request)) {
        add(&command, "--warm-requests");
        add(&command, "%" PRIu64, s->warm_requests);
    }
    add(&command, "--timeout-ms");
    add(&command, "%" PRIu64, timeout_ms);
    add(&command, "--task");
    add(&command, "%s", s->task);
    if (!s->has_keepalive)
        add(&command, "--no-keepalive");
    tasks_flags(s, context->tests_per_us, add_flag, &command);
    if (request->pass == TRIAL_MEMORY && !strcmp(s->task, "sleep")) {
        add(&command, "--sleep-ms");
        add(&command, "%" PRIu64, request->delay_ms);
    }
    if (s->addresses > 1 && !context->url) {
        add(&command, "--addresses");
        add(&command, "%" PRIu64, s->addresses);
    }
    if (s->rate_per_s && request->pass != TRIAL_MEMORY)
        add_rate(context, request, &command);
    add_trace(request, &command);
    add(&command, "--result-fd");
    add(&command, "%d", LAUNCH_RUNNER_FD);
    add_target(context, request, &command);
    *out_command = command;
    return 0;
}

json_t *command_json(const struct command *command)
{
    json_t *words = json_array();
    if (command->variable) /* as one would write it in a shell */
        json_push(words, json_string(command->variable));
    for (size_t i = 0; i + command->has_own_url < command->count; i++)
        json_push(words, json_string(command->argv[i]));
    redact_words(words);
    if (command->has_own_url) /* whose query is the load, and no secret */
        json_push(words, json_string(command->argv[command->count - 1]));
    return words;
}

void command_done(struct command *command)
{
    if (!command)
        return;
    for (size_t i = 0; i < command->count; i++)
        free(command->argv[i]);
    free(command->variable);
    *command = (struct command){0};
}
