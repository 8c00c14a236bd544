/* attempt.c: one run of the command under test; see attempt.h. It uses the launcher of
 * the trials, so a runner that hangs, floods or forks costs no more here than there. */
#include "cli/conform/attempt.h"

#include "common/json.h"
#include "common/schema.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define WORDS_MAX 256

/* The command, then the words of text, which is ours to cut. False when too many. */
static bool make_argv(const struct conform *conform, char *text, char **out_argv)
{
    size_t count = 0;
    if (conform->word_count + 64 > WORDS_MAX)
        return false;
    out_argv[count++] = (char *)(uintptr_t)conform->program;
    for (size_t i = 1; i < conform->word_count; i++)
        out_argv[count++] = conform->command[i];
    for (char *word = text; *word && count + 1 < WORDS_MAX;) {
        size_t length = strcspn(word, " ");
        bool is_last = word[length] == '\0';
        word[length] = '\0';
        out_argv[count++] = word;
        word += length + !is_last;
    }
    out_argv[count] = NULL;
    return true;
}

static void keep_last_line(struct attempt *attempt)
{
    const struct launch_outcome *o = &attempt->outcome;
    size_t end = o->stderr_size;
    while (end > 0 && o->stderr_text[end - 1] == '\n')
        end--;
    size_t start = end;
    while (start > 0 && o->stderr_text[start - 1] != '\n')
        start--;
    size_t size = end - start < sizeof attempt->stderr_line - 1
                      ? end - start
                      : sizeof attempt->stderr_line - 1;
    for (size_t i = 0; i < size; i++) {
        char c = o->stderr_text[start + i];
        attempt->stderr_line[i] = (char)(c >= 0x20 && c < 0x7f ? c : '?');
    }
    attempt->stderr_line[size] = '\0';
}

/* A command is not to blame for an attempt that could not be made, unless it is not a
 * program at all. */
static void stop(struct conform *conform, const struct attempt *attempt,
                 struct finding *finding)
{
    const struct launch_report *report = &attempt->outcome.report;
    if (report->failed_errno)
        (void)err_set(&conform->stopped, EXIT_CODE_UNFIT,
                      "cannot start %.300s: %s; is it a program, or a script whose first "
                      "line names one?",
                      conform->program, strerror(report->failed_errno));
    finding_fail(finding, "%.380s", conform->stopped.text);
}

static int launch(struct conform *conform, struct attempt *attempt, char *const *argv)
{
    struct err *err = &conform->stopped;
    struct origin_stats before;
    const struct launch_request request = {.argv = argv,
                                           .cpus = &conform->cpus,
                                           .timeout_ms = conform->limit_ms,
                                           .takes_stdout = attempt->takes_stdout,
                                           .linger_ms = attempt->linger_ms,
                                           .sample = attempt->sample,
                                           .sample_arg = attempt->sample_arg};
    int status = origin_control_stats(conform->origin, 1, &before, err);
    if (!status)
        status = launch_run(&request, &attempt->outcome, err);
    if (!status)
        status = origin_control_stats(conform->origin, 0, &attempt->origin, err);
    return status;
}

__attribute__((format(printf, 4, 0))) static bool run(struct conform *conform,
                                                      struct attempt *attempt,
                                                      struct finding *finding,
                                                      const char *format, va_list args)
{
    char text[2048];
    char *argv[WORDS_MAX];
    int used =
        snprintf(text, sizeof text, "%s",
                 attempt->takes_stdout ? "" : "--result-fd 3 "); /* LAUNCH_RUNNER_FD */
    (void)vsnprintf(text + used, sizeof text - (size_t)used, format, args);
    if (!make_argv(conform, text, argv))
        (void)err_set(&conform->stopped, EXIT_CODE_USAGE,
                      "the command has too many words");
    else if (!launch(conform, attempt, argv))
        keep_last_line(attempt);
    if (!conform->stopped.code && !attempt->outcome.report.failed_errno)
        return true;
    stop(conform, attempt, finding);
    return false;
}

bool attempt_run(struct conform *conform, struct attempt *attempt,
                 struct finding *finding, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool is_done = run(conform, attempt, finding, format, args);
    va_end(args);
    return is_done;
}

bool attempt_exited(const struct attempt *attempt, int code, struct finding *finding)
{
    const struct launch_report *report = &attempt->outcome.report;
    const int status = report->wait_status;
    const bool has_line = *attempt->stderr_line;
    if (!attempt->outcome.is_reported)
        finding_fail(finding, "expected exit code %d, but its end could not be observed",
                     code);
    else if (attempt->outcome.flooded)
        finding_fail(finding, "expected exit code %d; %s was larger than allowed", code,
                     attempt->outcome.flooded);
    else if (report->timed_out)
        finding_fail(finding, "expected exit code %d, found it still running", code);
    else if (WIFSIGNALED(status))
        finding_fail(finding, "expected exit code %d, found it killed by signal %d (%s)",
                     code, WTERMSIG(status), strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status) != code)
        finding_fail(finding, "expected exit code %d, found %d%s%s", code,
                     WEXITSTATUS(status), has_line ? ": " : "", attempt->stderr_line);
    return finding->status == FINDING_OK;
}

/* The model's name is whatever the runner calls itself. */
static int read_document(struct attempt *attempt, struct err *err)
{
    const struct launch_outcome *o = &attempt->outcome;
    const char *model = "";
    json_auto_t *json = NULL;
    int status = json_load_text("document", o->document, o->document_size, &json, err);
    if (!status)
        status = schema_check("runner-document", NULL, json, err);
    if (!status)
        status = json_need_string(json, "", "model", 1, 64, &model, err);
    if (!status)
        status = collect_document(o->document, o->document_size, model, NULL,
                                  &attempt->document, err);
    return status;
}

bool attempt_read(struct attempt *attempt, struct finding *finding)
{
    struct err err = {0};
    if (!attempt_exited(attempt, 0, finding))
        return false;
    if (attempt->outcome.document_size == 0)
        finding_fail(finding, "expected a document on %s, found nothing",
                     attempt->takes_stdout ? "stdout" : "--result-fd");
    else if (read_document(attempt, &err))
        finding_fail(finding, "%.380s", err.text);
    return finding->status == FINDING_OK;
}

bool attempt_succeed(struct conform *conform, struct attempt *attempt,
                     struct finding *finding, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool is_done = run(conform, attempt, finding, format, args);
    va_end(args);
    if (!is_done || !attempt_read(attempt, finding))
        return false;
    const struct collect_document *d = &attempt->document;
    if (d->ok == d->requests)
        return true;
    char *failed = json_dumps(json_object_get(d->json, "failed"), JSON_SORT_KEYS);
    finding_fail(finding,
                 "expected %" PRIu64 " requests and all ok, found %" PRIu64
                 " and failed %.200s",
                 d->requests, d->ok, failed ? failed : "");
    free(failed);
    return false;
}

uint64_t attempt_number(const struct attempt *attempt, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(attempt->document.json, key));
}

uint64_t attempt_quantile(const struct attempt *attempt, const char *key, double quantile,
                          uint64_t *out_count)
{
    const json_t *buckets = json_object_get(attempt->document.json, key);
    const json_t *bucket = NULL;
    json_int_t count = 0, seen = 0;
    size_t i = 0;
    json_array_foreach (buckets, i, bucket)
        count += json_integer_value(json_array_get(bucket, 1));
    if (out_count)
        *out_count = (uint64_t)count;
    json_array_foreach (buckets, i, bucket) {
        seen += json_integer_value(json_array_get(bucket, 1));
        if ((double)seen >= quantile * (double)count)
            return (uint64_t)json_integer_value(json_array_get(bucket, 0));
    }
    return 0;
}

void attempt_done(struct attempt *attempt)
{
    if (!attempt)
        return;
    collect_done(&attempt->document);
    launch_outcome_done(&attempt->outcome);
}
