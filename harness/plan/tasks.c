/* tasks.c: two tables, of tasks and of their options; see tasks.h. Their meaning is in
 * docs/scenarios.md. Their ranges are those of results/schema/scenario.schema.json;
 * tests/cli/test_ranges.py asks the runners and the origin whether theirs are the same. */
#include "harness/plan/tasks.h"

#include "common/json.h"
#include "common/list.h"
#include "harness/plan/scenario.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SLEEP_MS_PRESET 1000
#define FAN_OUT_PRESET  10
#define DB_MS_PRESET    100
#define BLOCK_MS_PRESET 100

static const struct task_kind kinds[] = {
    {"http", true, false, false, 30e-6},     {"fan-out", true, false, false, 30e-6},
    {"sleep", false, false, false, 0.2e-6},  {"block", false, false, true, 10e-6},
    {"cpu", false, false, false, 1e-6},      {"none", false, false, false, 1e-6},
    {"pipeline", false, false, false, 5e-6}, {"file", false, false, true, 0.3e-3},
    {"db", false, true, false, 0.1e-3},      {"switch", false, false, false, 1e-3},
    {"spawn", false, false, true, 2e-3},
};

/* The keys of a scenario's "options". */
static const struct option {
    const char *tasks; /* the tasks that have it, as "http cpu"; "": all */
    const char *key, *flag;
} options[] = {
    {"http fan-out cpu pipeline", "work_us", "--work"},
    {"sleep", "sleep_ms", "--sleep-ms"},
    {"sleep", "sleep_list_ms", "--sleep-ms"},
    {"block", "block_ms", "--block-ms"},
    {"sleep", "touch_stack_bytes", "--touch-stack"},
    {"switch", "turns", "--turns"},
    {"fan-out", "fan_out", "--fan-out"},
    {"pipeline", "queue_slots", "--queue-slots"},
    {"file", "file_op", "--file-op"},
    {"file", "file_bytes", "--file-bytes"},
    {"spawn", "start_by", "--start-by"},
    {"spawn", "heap_bytes", "--heap-bytes"},
    {"db", "db_query", "--db-query"},
    {"db", "db_ms", "--db-ms"},
    {"http", "post_bytes", "--post-bytes"},
    {"http", "connections", "--connections"},
    {"http", "http_version", "--http"},
    {"http", "tls_resume", "--tls-resume"},
    {"", "cpus", "--cpus"},
    {"", "stack_bytes", "--stack-bytes"},
    {"", "trace", "--trace"},
};

/* The keys of "origin" that become parameters of the URL as they are. */
static const char *const parameters[] = {"status",        "fault",       "fault_ppm",
                                         "chunked",       "chunk_bytes", "trickle_ms",
                                         "trickle_bytes", "exp_ms"};

const struct task_kind *tasks_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (!strcmp(kinds[i].name, name))
            return &kinds[i];
    }
    return NULL;
}

/* The number of numbers in "200,100", and their sum. */
static uint64_t read_list(const char *text, uint64_t *out_sum)
{
    uint64_t count = 0, number = 0;
    *out_sum = 0;
    for (const char *at = text; *at; at++) {
        const bool is_digit = *at >= '0' && *at <= '9';
        number = is_digit ? number * 10 + (uint64_t)(*at - '0') : 0;
        if (at[1] == ',' || !at[1]) {
            *out_sum += number;
            count++;
        }
    }
    return count;
}

static bool has(const struct option *option, const struct task_kind *kind)
{
    return !*option->tasks ||
           list_has(option->tasks, strlen(option->tasks), " ", kind->name);
}

int tasks_check(const json_t *json, const struct task_kind *kind, struct err *err)
{
    const json_t *object = json_object_get(json, "options");
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        if (json_object_get(object, options[i].key) && !has(&options[i], kind))
            return err_set(err, EXIT_CODE_USAGE,
                           "options.%s: task %s has no such option; these have it: %s",
                           options[i].key, kind->name, options[i].tasks);
    }
    return 0;
}

static const json_t *option_of(const struct scenario *s, const char *key)
{
    return json_object_get(json_object_get(s->json, "options"), key);
}

uint64_t tasks_number(const struct scenario *s, const char *key, uint64_t preset)
{
    const json_t *value = option_of(s, key);
    return json_is_integer(value) ? (uint64_t)json_integer_value(value) : preset;
}

bool tasks_connects(const struct scenario *s)
{
    return !s->kind || s->kind->fetches || s->kind->needs_database;
}

uint64_t tasks_fetches(const struct scenario *s)
{
    if (!s->kind) /* as tests have it */
        return 1;
    if (!s->kind->fetches)
        return 0;
    return strcmp(s->task, "fan-out") ? 1 : tasks_number(s, "fan_out", FAN_OUT_PRESET);
}

struct servers_need tasks_servers(const struct scenario *s)
{
    return (struct servers_need){.needs_http = tasks_fetches(s) > 0,
                                 .needs_tls = s->tls,
                                 .needs_nginx = s->is_nginx,
                                 .needs_database = s->kind && s->kind->needs_database,
                                 .bytes = s->bytes};
}

/* The mean of what requests sleep. */
static double sleep_ms(const struct scenario *s)
{
    const char *list = json_string_value(option_of(s, "sleep_list_ms"));
    uint64_t sum = 0, count = list ? read_list(list, &sum) : 0;
    return count ? (double)sum / (double)count
                 : (double)tasks_number(s, "sleep_ms", SLEEP_MS_PRESET);
}

/* The mean of what requests wait for an answer that never comes. */
static double stall_ms(const struct scenario *s)
{
    const json_t *origin = json_object_get(s->json, "origin");
    const char *fault = json_string_value(json_object_get(origin, "fault"));
    const json_t *ppm = json_object_get(origin, "fault_ppm");
    if (!fault || strcmp(fault, "stall") != 0)
        return 0;
    return (double)s->timeout_ms * (ppm ? json_number_value(ppm) * 1e-6 : 1);
}

double tasks_wait_s(const struct scenario *s)
{
    double ms = (double)s->delay_ms + (double)s->jitter_ms / 2 +
                (double)s->tail_ppm * 1e-6 * (double)s->tail_ms;
    if (s->kind && !strcmp(s->kind->name, "sleep"))
        ms = sleep_ms(s);
    if (s->kind && !strcmp(s->kind->name, "block"))
        ms = (double)tasks_number(s, "block_ms", BLOCK_MS_PRESET);
    const char *query = json_string_value(option_of(s, "db_query"));
    const bool is_read = query && !strcmp(query, "read");
    if (s->kind && s->kind->needs_database)
        ms = is_read ? 0 : (double)tasks_number(s, "db_ms", DB_MS_PRESET);
    const json_t *exponential =
        json_object_get(json_object_get(s->json, "origin"), "exp_ms");
    return (ms + stall_ms(s) + json_number_value(exponential)) / 1e3;
}

bool tasks_is_serial(const struct scenario *s, uint64_t tasks_per_worker)
{
    return s->kind && s->kind->blocks && tasks_per_worker == 0;
}

double tasks_request_s(const struct scenario *s)
{
    const uint64_t fetches = tasks_fetches(s);
    return (s->kind ? s->kind->request_s : kinds[0].request_s) *
           (double)(fetches ? fetches : 1);
}

double tasks_work_s(const struct scenario *s)
{
    return (double)tasks_number(s, "work_us", 0) / 1e6;
}

static void format_value(const json_t *value, uint64_t times, char *out_text, size_t size)
{
    if (json_is_string(value))
        (void)snprintf(out_text, size, "%s", json_string_value(value));
    else
        (void)snprintf(out_text, size, "%" PRIu64,
                       (uint64_t)json_integer_value(value) * times);
}

void tasks_flags(const struct scenario *s, uint64_t tests_per_us,
                 void (*add)(void *arg, const char *flag, const char *value), void *arg)
{
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        const json_t *value = option_of(s, options[i].key);
        const bool is_work = !strcmp(options[i].key, "work_us");
        const bool is_alone = !strcmp(options[i].key, "trace");
        char text[160];
        if (!value || (is_work && !json_integer_value(value)))
            continue;
        format_value(value, is_work ? tests_per_us : 1, text, sizeof text);
        add(arg, options[i].flag, is_alone ? NULL : text);
    }
}

bool tasks_is_refused(const struct scenario *s)
{
    const char *fault =
        json_string_value(json_object_get(json_object_get(s->json, "origin"), "fault"));
    return fault && !strcmp(fault, TASKS_REFUSED);
}

void tasks_query(const struct scenario *s, char *query, size_t size)
{
    const json_t *origin = json_object_get(s->json, "origin");
    size_t used = strlen(query);
    for (size_t i = 0; i < COUNT_OF(parameters); i++) {
        const json_t *value = json_object_get(origin, parameters[i]);
        char text[80];
        if (!value || used + sizeof text >= size || tasks_is_refused(s))
            continue;
        format_value(value, 1, text, sizeof text);
        used += (size_t)snprintf(query + used, size - used, "%c%s=%s", used ? '&' : '?',
                                 parameters[i], text);
    }
}
