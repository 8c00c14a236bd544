/* checks_describe.c: what a runner of contract version 2 says of itself; see checks.h. A
 * runner that refuses --describe is of version 1. */
#include "cli/conform/attempt.h"
#include "cli/conform/checks.h"

#include "common/json.h"
#include "common/schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

/* The description, new; NULL: there is none that can be read. */
static json_t *describe(struct conform *conform, struct finding *finding)
{
    AUTO_ATTEMPT struct attempt a = {.takes_stdout = true};
    struct finding refused = {.status = FINDING_OK};
    struct err err = {0};
    json_t *description = NULL;
    if (!attempt_run(conform, &a, finding, "--describe"))
        return NULL;
    if (a.outcome.report.timed_out || attempt_exited(&a, EXIT_CODE_USAGE, &refused))
        finding_skip(finding, "it does not describe itself: contract version 1");
    if (finding->status != FINDING_OK || !attempt_exited(&a, EXIT_CODE_OK, finding))
        return NULL;
    if (json_load_text("description", a.outcome.document, a.outcome.document_size,
                       &description, &err) ||
        schema_check("runner-description", NULL, description, &err))
        finding_fail(finding, "%.380s", err.text);
    return description;
}

static bool is_tried(const json_t *flag)
{
    const char *type = json_text_of(flag, "type");
    return (!strcmp(type, "number") || !strcmp(type, "choice")) &&
           strcmp(json_text_of(flag, "name"), "result-fd") != 0; /* has to be open */
}

/* "--name VALUE" with the least number or the first choice. */
static void least_of(const json_t *flag, char *out_words, size_t size)
{
    const json_t *choices = json_object_get(flag, "choices");
    if (json_is_array(choices))
        (void)snprintf(out_words, size, "--%.32s %.64s", json_text_of(flag, "name"),
                       json_string_value(json_array_get(choices, 0)));
    else
        (void)snprintf(out_words, size, "--%.32s %" JSON_INTEGER_FORMAT,
                       json_text_of(flag, "name"),
                       json_integer_value(json_object_get(flag, "min")));
}

/* Whether it makes a request with these words, or says why this machine cannot. */
static bool takes(struct conform *conform, const char *words, struct finding *finding)
{
    AUTO_ATTEMPT struct attempt a = {.linger_ms = 0};
    const struct launch_report *report = &a.outcome.report;
    struct finding one = {.status = FINDING_OK};
    if (!attempt_run(conform, &a, finding, "-n 1 %s %s/bytes/4", words,
                     origin_control_url(conform->origin)))
        return false;
    const bool is_unfit = WIFEXITED(report->wait_status) &&
                          WEXITSTATUS(report->wait_status) == EXIT_CODE_UNFIT;
    if (!is_unfit && !attempt_read(&a, &one))
        finding_fail(finding, "%.100s: %.270s", words, one.text);
    return finding->status == FINDING_OK;
}

/* All flags at their least, and then, to name one, each. */
static void check_least(struct conform *conform, const json_t *flags,
                        struct finding *finding)
{
    struct finding all = {.status = FINDING_OK};
    char words[1800] = "", one[112];
    size_t used = 0, i = 0;
    json_t *flag = NULL;
    json_array_foreach (flags, i, flag) {
        least_of(flag, one, sizeof one);
        if (is_tried(flag) && used + strlen(one) + 2 < sizeof words)
            used += (size_t)snprintf(words + used, sizeof words - used, "%s%s",
                                     used ? " " : "", one);
    }
    if (!used || takes(conform, words, &all))
        return;
    json_array_foreach (flags, i, flag) {
        least_of(flag, one, sizeof one);
        if (is_tried(flag) && !takes(conform, one, finding))
            return;
    }
    finding_fail(finding, "all flags at their least: %.300s", all.text);
}

/* Numbers beyond the range and words that are no choice. */
static void check_beyond(struct conform *conform, const json_t *flags,
                         struct finding *finding)
{
    char words[200];
    size_t i = 0;
    json_t *flag = NULL;
    json_array_foreach (flags, i, flag) {
        const json_t *max = json_object_get(flag, "max");
        const char *name = json_text_of(flag, "name");
        const char *url = origin_control_url(conform->origin);
        if (!is_tried(flag) ||
            (json_is_null(max) && !strcmp(json_text_of(flag, "type"), "number")))
            continue; /* a number without an end */
        if (json_is_integer(max))
            (void)snprintf(words, sizeof words, "--%.32s %" PRIu64 " %.64s", name,
                           (uint64_t)json_integer_value(max) + 1, url);
        else
            (void)snprintf(words, sizeof words, "--%.32s no-such-word %.64s", name, url);
        if (!checks_refused(conform, words, finding))
            return;
    }
}

/* Whether a document of task pipeline says how long the queue was, and how often each side
 * waited for the other. */
static bool has_queue(const json_t *document)
{
    const json_t *knobs = json_object_get(document, "knobs");
    return json_is_integer(json_object_get(document, "producer_waits")) &&
           json_is_integer(json_object_get(document, "consumer_waits")) &&
           json_is_integer(json_object_get(knobs, "queue_slots"));
}

static void check_task(struct conform *conform, const char *task, const json_t *flags,
                       struct finding *finding)
{
    AUTO_ATTEMPT struct attempt a = {.linger_ms = 0};
    struct finding end = {.status = FINDING_OK};
    const bool is_sleep = !strcmp(task, "sleep") && json_find(flags, "name", "sleep-ms");
    if (!strcmp(task, "db") || /* there is no database to give it */
        !attempt_run(
            conform, &a, finding, "-n 2 -c %" PRIu64 " --task %.64s %s%s/bytes/4",
            conform_concurrency(conform, 2), task, is_sleep ? "--sleep-ms 1 " : "",
            origin_control_url(conform->origin)))
        return;
    if (attempt_exited(&a, EXIT_CODE_UNFIT, &end))
        return;
    if (!attempt_read(&a, finding))
        return;
    if (strcmp(json_text_of(a.document.json, "task"), task) != 0)
        finding_fail(finding, "--task %.64s: expected that task, found '%.64s'", task,
                     json_text_of(a.document.json, "task"));
    else if (!strcmp(task, "pipeline") && !has_queue(a.document.json))
        finding_fail(finding, "--task pipeline: expected producer_waits, consumer_waits "
                              "and the knob queue_slots in the document");
}

CHECK_FUNCTION(check_describe)
{
    json_auto_t *description = describe(conform, finding);
    const json_t *flags = json_object_get(description, "flags");
    json_t *task = NULL;
    size_t i = 0;
    (void)check;
    if (finding->status != FINDING_OK)
        return;
    if (strcmp(json_text_of(description, "name"), conform->model) != 0)
        finding_fail(finding, "name: expected '%.64s' as in the document, found '%.64s'",
                     conform->model, json_text_of(description, "name"));
    if (json_is_true(json_object_get(description, "is_single")) != conform->is_single)
        finding_fail(finding, "is_single: expected %s, as -c 2 is %s, found otherwise",
                     conform->is_single ? "true" : "false",
                     conform->is_single ? "refused" : "taken");
    json_array_foreach (json_object_get(description, "tasks"), i, task) {
        if (finding->status == FINDING_OK)
            check_task(conform, json_string_value(task), flags, finding);
    }
    if (finding->status == FINDING_OK)
        check_least(conform, flags, finding);
    if (finding->status == FINDING_OK)
        check_beyond(conform, flags, finding);
}
