/* tasks.c: two tables, of tasks and of their options; see tasks.h. Their meaning is in
 * docs/scenarios.md. The runners say the ranges of their flags. Those of the origin's
 * parameters are here, and tests/cli/test_ranges.py asks the origin for them. */
#include "harness/plan/tasks.h"

#include "common/json.h"
#include "common/suggest.h"
#include "harness/plan/models.h"
#include "harness/plan/scenario.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SLEEP_MS_PRESET 1000
#define FAN_OUT_PRESET  10
#define DB_MS_PRESET    100
#define BLOCK_MS_PRESET 100

/* Instead of choices: milliseconds as "200,100", a flag that has no value, and a number
 * or a word for which the runners' own range holds. */
static const char list_of_ms[] = "T,T,...";
static const char flag_alone[] = "on";
static const char as_runners[] = "as the runners say";
#define LIST_MAX 16      /* as the runners take */
#define MS_MAX   9999999 /* what a number of a list may have of digits */

static const struct task_kind kinds[] = {
    {"http", true, false, false, 30e-6},     {"fan-out", true, false, false, 30e-6},
    {"sleep", false, false, false, 0.2e-6},  {"block", false, false, true, 10e-6},
    {"cpu", false, false, false, 1e-6},      {"none", false, false, false, 1e-6},
    {"pipeline", false, false, false, 5e-6}, {"file", false, false, true, 0.3e-3},
    {"db", false, true, false, 0.1e-3},      {"switch", false, false, false, 1e-3},
    {"spawn", false, false, true, 2e-3},
};

const char tasks_names[] =
    "http, fan-out, sleep, block, cpu, none, pipeline, file, db, switch, spawn";

static const struct task_option options[] = {
    {"http fan-out cpu pipeline", "work_us", "--work", as_runners, 0, 0},
    {"sleep", "sleep_ms", "--sleep-ms", as_runners, 0, 0},
    {"sleep", "sleep_list_ms", "--sleep-ms", list_of_ms, 0, 0},
    {"block", "block_ms", "--block-ms", as_runners, 0, 0},
    {"sleep", "touch_stack_bytes", "--touch-stack", as_runners, 0, 0},
    {"switch", "turns", "--turns", as_runners, 0, 0},
    {"fan-out", "fan_out", "--fan-out", as_runners, 0, 0},
    {"pipeline", "queue_slots", "--queue-slots", as_runners, 0, 0},
    {"file", "file_op", "--file-op", as_runners, 0, 0},
    {"file", "file_bytes", "--file-bytes", as_runners, 0, 0},
    {"spawn", "start_by", "--start-by", as_runners, 0, 0},
    {"spawn", "heap_bytes", "--heap-bytes", as_runners, 0, 0},
    {"db", "db_query", "--db-query", as_runners, 0, 0},
    {"db", "db_ms", "--db-ms", as_runners, 0, 0},
    {"http", "post_bytes", "--post-bytes", as_runners, 0, 0},
    {"http", "connections", "--connections", as_runners, 0, 0},
    {"http", "http_version", "--http", as_runners, 0, 0},
    {"http", "tls_resume", "--tls-resume", as_runners, 0, 0},
    {"", "cpus", "--cpus", as_runners, 0, 0},
    {"", "stack_bytes", "--stack-bytes", as_runners, 0, 0},
    {"", "trace", "--trace", flag_alone, 0, 0},
};

/* The keys of "origin" that become parameters of the URL, beside those that scenario.c
 * reads itself. */
static const struct task_option parameters[] = {
    {"", "status", NULL, NULL, 200, 599},
    {"", "fault", NULL, "reset|short|stall|garbage|close|" TASKS_REFUSED, 0, 0},
    {"", "fault_ppm", NULL, NULL, 0, 1000000},
    {"", "chunked", NULL, NULL, 0, 1},
    {"", "chunk_bytes", NULL, NULL, 1, UINT64_C(1) << 24},
    {"", "trickle_ms", NULL, NULL, 1, 600000},
    {"", "trickle_bytes", NULL, NULL, 1, UINT64_C(1) << 30},
    {"", "exp_ms", NULL, NULL, 0, 60000},
};

const struct task_kind *tasks_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (!strcmp(kinds[i].name, name))
            return &kinds[i];
    }
    return NULL;
}

/* Whether word is one of list, which separator separates. */
static bool lists(const char *list, char separator, const char *word)
{
    const size_t length = strlen(word);
    for (const char *at = list; at; at = strchr(at, separator)) {
        at += *at == separator;
        if (!strncmp(at, word, length) && (!at[length] || at[length] == separator))
            return true;
    }
    return false;
}

static const struct task_option *find(const struct task_option *table, size_t count,
                                      const char *key)
{
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(table[i].key, key))
            return &table[i];
    }
    return NULL;
}

/* The number of numbers in "200,100", and their sum; 0 when it is not such a list. */
static uint64_t read_list(const char *text, uint64_t most, uint64_t *out_sum)
{
    uint64_t count = 0;
    *out_sum = 0;
    while (count < LIST_MAX) {
        uint64_t number = 0;
        size_t digits = strspn(text, "0123456789");
        for (size_t i = 0; i < digits && digits <= 7; i++)
            number = number * 10 + (uint64_t)(text[i] - '0');
        if (digits == 0 || digits > 7 || number > most)
            return 0;
        *out_sum += number;
        count++;
        text += digits;
        if (!*text)
            return count;
        if (*text++ != ',')
            return 0;
    }
    return 0;
}

static int check_list(const char *path, const struct task_option *option,
                      const char *text, struct err *err)
{
    const struct knob *flag = models_any_flag(option->flag);
    const uint64_t most_ms = flag && flag->max < MS_MAX ? flag->max : MS_MAX;
    uint64_t sum = 0;
    if (read_list(text, most_ms, &sum))
        return 0;
    return err_set(err, EXIT_CODE_USAGE,
                   "%s.%s: '%.40s' is not 1 to %d times of 0 to %" PRIu64
                   " ms, as \"200,100\"",
                   path, option->key, text, LIST_MAX, most_ms);
}

static int check_word(const char *path, const char *key, const char *choices,
                      const char *word, struct err *err)
{
    if (!choices || lists(choices, '|', word))
        return 0;
    struct suggest suggest = suggest_for(word);
    suggest_try_list(&suggest, choices, "|");
    return err_set(err, EXIT_CODE_USAGE, "%s.%s: '%.40s' is not one of %s%s", path, key,
                   word, choices, suggest_text(&suggest));
}

/* Without a runner of ours that has the flag, any number or word is fine. work_us becomes
 * --work, but is in the unit of --work-us. */
static int check_flag(const json_t *object, const char *path,
                      const struct task_option *option, struct err *err)
{
    const bool is_work = !strcmp(option->key, "work_us");
    const struct knob *flag = models_any_flag(is_work ? "--work-us" : option->flag);
    const char *word = NULL;
    uint64_t number = 0;
    if (!flag)
        return 0;
    if (!flag->choices)
        return json_get_uint(object, path, option->key, flag->min, flag->max, &number,
                             err);
    return json_get_string(object, path, option->key, 1, 128, &word, err) ||
           check_word(path, option->key, flag->choices, word, err);
}

static int check_value(const json_t *object, const char *path,
                       const struct task_option *option, struct err *err)
{
    uint64_t number = 0;
    const char *word = NULL;
    if (option->choices == as_runners)
        return check_flag(object, path, option, err);
    if (!option->choices)
        return json_get_uint(object, path, option->key, option->min, option->max, &number,
                             err);
    if (json_get_string(object, path, option->key, 1, 128, &word, err))
        return -1;
    return option->choices == list_of_ms
               ? check_list(path, option, word, err)
               : check_word(path, option->key, option->choices, word, err);
}

static bool has(const struct task_option *option, const struct task_kind *kind)
{
    return !*option->tasks || lists(option->tasks, ' ', kind->name);
}

/* An option of another task is not a misspelling, so the message names the tasks that
 * have it. */
static int refuse_option(const struct task_kind *kind, const char *key, struct err *err)
{
    struct suggest suggest = suggest_for(key);
    const struct task_option *other = find(options, COUNT_OF(options), key);
    for (size_t i = 0; i < COUNT_OF(options) && !other; i++) {
        if (has(&options[i], kind))
            suggest_try(&suggest, options[i].key);
    }
    return err_set(err, EXIT_CODE_USAGE, "options.%.64s: task %s has no such option%s%s",
                   key, kind->name, other ? "; these have it: " : suggest_text(&suggest),
                   other ? other->tasks : "");
}

static int check_options(const json_t *json, const struct task_kind *kind,
                         struct err *err)
{
    json_t *object = NULL, *value = NULL;
    const char *key = NULL;
    if (json_get_object(json, "", "options", &object, err))
        return -1;
    json_object_foreach (object, key, value) {
        const struct task_option *option = find(options, COUNT_OF(options), key);
        if (!option || !has(option, kind))
            return refuse_option(kind, key, err);
        if (check_value(object, "options", option, err))
            return -1;
    }
    return 0;
}

int tasks_check(const json_t *json, const struct task_kind *kind, struct err *err)
{
    const json_t *origin = json_object_get(json, "origin");
    for (size_t i = 0; i < COUNT_OF(parameters); i++) {
        if (json_object_get(origin, parameters[i].key) &&
            check_value(origin, "origin", &parameters[i], err))
            return -1;
    }
    return check_options(json, kind, err);
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
    uint64_t sum = 0, count = list ? read_list(list, MS_MAX, &sum) : 0;
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
        const bool is_alone = options[i].choices == flag_alone;
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
        const json_t *value = json_object_get(origin, parameters[i].key);
        char text[80];
        if (!value || used + sizeof text >= size || tasks_is_refused(s))
            continue;
        format_value(value, 1, text, sizeof text);
        used += (size_t)snprintf(query + used, size - used, "%c%s=%s", used ? '&' : '?',
                                 parameters[i].key, text);
    }
}
