/* scenario.c: reads a scenario file strictly and completes it; see scenario.h.
 *
 * The numbers of a scenario are one table: where each stands in the file, its range, and
 * the field it fills. What a scenario *means* (cells, requests, order) is plan.c's. */
#include "harness/plan/scenario.h"

#include "common/cpus.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/suggest.h"
#include "harness/plan/expect.h"
#include "harness/plan/headline_read.h"
#include "harness/plan/sweep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUESTS_MAX    UINT64_C(4000000000)
#define CONCURRENCY_MAX UINT64_C(1000000)
#define RATE_MAX        UINT64_C(10000000)
#define WHY_MIN         200 /* three sentences */
#define WHY_MAX         1500
#define FREEZE_MS_MAX   5000 /* the harness asks for /stats right after a trial */

struct number {
    const char *object, *key;
    uint64_t min, max, preset;
    bool is_required;
    size_t offset;
};

#define FIELD(name) offsetof(struct scenario, name)
static const struct number numbers[] = {
    {"origin", "bytes", 0, UINT64_C(1) << 30, 0, true, FIELD(bytes)},
    {"origin", "delay_ms", 0, 600000, 0, false, FIELD(delay_ms)},
    {"origin", "jitter_ms", 0, 600000, 0, false, FIELD(jitter_ms)},
    {"origin", "tail_ppm", 0, 1000000, 0, false, FIELD(tail_ppm)},
    {"origin", "tail_ms", 0, 600000, 0, false, FIELD(tail_ms)},
    {"origin", "freeze_after_ms", 0, 600000, 0, false, FIELD(freeze_after_ms)},
    {"origin", "freeze_ms", 0, FREEZE_MS_MAX, 0, false, FIELD(freeze_ms)},
    {"load", "requests", 1, REQUESTS_MAX, 0, true, FIELD(requests)},
    {"load", "requests_per_worker", 1, 1000000, 1, false, FIELD(requests_per_worker)},
    {"load", "addresses", 1, 64, 1, false, FIELD(addresses)},
    {"load", "timeout_ms", 1, 3600000, 30000, false, FIELD(timeout_ms)},
    {"limits", "trial_seconds", 1, 86400, 60, false, FIELD(trial_seconds)},
    {"limits", "quota_cpus", 0, CPUS_MAX, 0, false, FIELD(quota_cpus)},
};

static const char *const top_keys[] = {
    "title",    "question",  "why",      "task",     "options", "models",
    "baseline", "placement", "load",     "runners",  "sweep",   "limits",
    "origin",   "expect",    "failures", "headline", NULL};
static const char *const origin_keys[] = {
    "bytes",         "delay_ms",    "jitter_ms",
    "tail_ppm",      "tail_ms",     "freeze_after_ms",
    "freeze_ms",     "status",      "fault",
    "fault_ppm",     "chunked",     "trickle_ms",
    "trickle_bytes", "tls",         "server",
    "exp_ms",        "chunk_bytes", NULL};
static const char *const load_keys[] = {
    "concurrency", "requests",   "requests_per_worker",
    "keepalive",   "timeout_ms", "rate_per_s",
    "addresses",   "arrivals",   NULL};
static const char *const limits_keys[] = {"trial_seconds", "quota_cpus", NULL};

static int check_keys(const json_t *json, struct err *err)
{
    const json_t *origin = json_object_get(json, "origin");
    json_t *load = NULL, *limits = NULL;
    if (json_only_keys(json, "", top_keys, err) ||
        json_need_object(json, "", "load", &load, err) ||
        json_get_object(json, "", "limits", &limits, err))
        return -1;
    if (origin && !json_is_null(origin) && !json_is_object(origin))
        return err_set(err, EXIT_CODE_USAGE, "origin: expected an object");
    if ((json_is_object(origin) && json_only_keys(origin, "origin", origin_keys, err)) ||
        json_only_keys(load, "load", load_keys, err))
        return -1;
    return limits ? json_only_keys(limits, "limits", limits_keys, err) : 0;
}

/* Reads every number of the table and writes it back, so that defaults are in the json.
 */
static int read_numbers(struct scenario *s, struct err *err)
{
    if (!json_object_get(s->json, "limits"))
        json_put(s->json, "limits", json_object());
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        const struct number *n = &numbers[i];
        json_t *object = json_object_get(s->json, n->object);
        uint64_t value = n->preset;
        if (!json_is_object(object)) /* a task without an origin */
            continue;
        if (n->is_required && !json_object_get(object, n->key))
            return err_set(err, EXIT_CODE_USAGE, "%s.%s: missing", n->object, n->key);
        if (json_get_uint(object, n->object, n->key, n->min, n->max, &value, err))
            return -1;
        memcpy((char *)s + n->offset, &value, sizeof value);
        json_put(object, n->key, json_uint(value));
    }
    return 0;
}

static int read_line(const json_t *json, const char *key, size_t min, size_t max,
                     const char **out, struct err *err)
{
    if (json_need_string(json, "", key, min, max, out, err))
        return -1;
    if (!json_is_line(*out))
        return err_set(err, EXIT_CODE_USAGE, "%s: expected one line of text", key);
    return 0;
}

static int read_models(struct scenario *s, struct err *err)
{
    json_t *list = NULL, *item = NULL;
    size_t i = 0;
    if (json_need_array(s->json, "", "models", SCENARIO_MODELS_MAX, &list, err))
        return -1;
    json_array_foreach (list, i, item) {
        const char *name = json_string_value(item);
        if (!name || strlen(name) != json_string_length(item) || !json_name_is_safe(name))
            return err_set(err, EXIT_CODE_USAGE, "models[%zu]: expected a model's name",
                           i);
        for (size_t j = 0; j < i; j++) {
            if (!strcmp(s->models[j], name))
                return err_set(err, EXIT_CODE_USAGE, "models[%zu]: '%s' is listed twice",
                               i, name);
        }
        s->models[i] = name;
    }
    s->model_count = json_array_size(list);
    if (s->model_count == 0)
        return err_set(err, EXIT_CODE_USAGE, "models: expected at least one model");
    return 0;
}

static bool lists_model(const struct scenario *s, const char *name)
{
    for (size_t i = 0; i < s->model_count; i++) {
        if (!strcmp(s->models[i], name))
            return true;
    }
    return false;
}

static int read_baseline(struct scenario *s, struct err *err)
{
    const char *baseline = lists_model(s, "sequential") ? "sequential" : s->models[0];
    if (json_get_string(s->json, "", "baseline", 1, 64, &baseline, err))
        return -1;
    if (!lists_model(s, baseline)) {
        struct suggest suggest = suggest_for(baseline);
        for (size_t i = 0; i < s->model_count; i++)
            suggest_try(&suggest, s->models[i]);
        return err_set(err, EXIT_CODE_USAGE, "baseline: '%s' is not one of models%s",
                       baseline, suggest_text(&suggest));
    }
    if (!json_object_get(s->json, "baseline"))
        json_put(s->json, "baseline", json_string(baseline));
    s->baseline = json_string_value(json_object_get(s->json, "baseline"));
    return 0;
}

static int read_concurrency(struct scenario *s, struct err *err)
{
    json_t *load = json_object_get(s->json, "load"), *list = NULL, *item = NULL;
    size_t i = 0;
    uint64_t previous = 0;
    if (json_need_array(load, "load", "concurrency", SCENARIO_CONCURRENCY_MAX, &list,
                        err))
        return -1;
    json_array_foreach (list, i, item) {
        json_int_t value = json_integer_value(item);
        if (!json_is_integer(item) || value < 1 || (uint64_t)value > CONCURRENCY_MAX ||
            (uint64_t)value <= previous)
            return err_set(err, EXIT_CODE_USAGE,
                           "load.concurrency[%zu]: expected a whole number from %" PRIu64
                           " to %" PRIu64,
                           i, previous + 1, CONCURRENCY_MAX);
        s->concurrency[i] = previous = (uint64_t)value;
    }
    s->concurrency_count = json_array_size(list);
    if (s->concurrency_count == 0)
        return err_set(err, EXIT_CODE_USAGE, "load.concurrency: expected at least one");
    return 0;
}

/* A word at key, one of two, the first unless it says otherwise; it is written back.
 * *out_second: it is the second. */
static int read_choice(json_t *json, const char *at, const char *key,
                       const char *const words[2], bool *out_is_second, struct err *err)
{
    const char *word = words[0];
    if (json_get_string(json, at, key, 1, 64, &word, err))
        return -1;
    *out_is_second = !strcmp(word, words[1]);
    if (!*out_is_second && strcmp(word, words[0]) != 0) {
        struct suggest suggest = suggest_for(word);
        suggest_try(&suggest, words[0]);
        suggest_try(&suggest, words[1]);
        return err_set(err, EXIT_CODE_USAGE, "%s%s%s: '%.40s' is not one of %s, %s%s", at,
                       *at ? "." : "", key, word, words[0], words[1],
                       suggest_text(&suggest));
    }
    json_put(json, key, json_string(words[*out_is_second]));
    return 0;
}

static int read_words(struct scenario *s, struct err *err)
{
    static const char *const placements[] = {"shared", "split"};
    static const char *const failures[] = {"invalid", "counted"};
    json_t *load = json_object_get(s->json, "load");
    s->has_keepalive = true;
    if (!json_object_get(s->json, "placement"))
        json_put(s->json, "placement", json_string("split"));
    if (read_choice(s->json, "", "placement", placements, &s->has_split_placement, err) ||
        read_choice(s->json, "", "failures", failures, &s->counts_failures, err) ||
        json_get_bool(load, "load", "keepalive", &s->has_keepalive, err))
        return -1;
    json_put(load, "keepalive", json_boolean(s->has_keepalive));
    return 0;
}

/* The task, its options, and whether there has to be an origin. */
static int read_task(struct scenario *s, struct err *err)
{
    static const char *const servers[] = {"own", "nginx"};
    const char *task = "http";
    if (json_get_string(s->json, "", "task", 1, 64, &task, err))
        return -1;
    s->kind = tasks_find(task);
    if (!s->kind) {
        struct suggest suggest = suggest_for(task);
        suggest_try_list(&suggest, tasks_names, ", ");
        return err_set(err, EXIT_CODE_USAGE, "task: '%.40s' is not one of %s%s", task,
                       tasks_names, suggest_text(&suggest));
    }
    json_put(s->json, "task", json_string(s->kind->name));
    s->task = s->kind->name;
    if (json_is_null(json_object_get(s->json, "origin")))
        (void)json_object_del(s->json, "origin");
    json_t *origin = json_object_get(s->json, "origin");
    if (s->kind->fetches != (origin != NULL))
        return err_set(err, EXIT_CODE_USAGE, "origin: %s: task %s %s",
                       origin ? "not known here" : "missing", s->task,
                       origin ? "makes no requests to one" : "needs one");
    if (!origin)
        json_put(s->json, "origin", json_null());
    else if (json_get_bool(origin, "origin", "tls", &s->tls, err) ||
             read_choice(origin, "origin", "server", servers, &s->is_nginx, err))
        return -1;
    return tasks_check(s->json, s->kind, err);
}

/* The open loop; without a rate both are null. */
static int read_rate(struct scenario *s, struct err *err)
{
    json_t *load = json_object_get(s->json, "load");
    static const char *const words[] = {"poisson", "fixed"};
    const char *arrivals = NULL;
    bool is_fixed = false;
    if (!json_is_null(json_object_get(load, "rate_per_s")) &&
        json_get_uint(load, "load", "rate_per_s", 1, RATE_MAX, &s->rate_per_s, err))
        return -1;
    if (!json_is_null(json_object_get(load, "arrivals")) &&
        json_get_string(load, "load", "arrivals", 1, 64, &arrivals, err))
        return -1;
    if (arrivals && !s->rate_per_s)
        return err_set(err, EXIT_CODE_USAGE,
                       "load.arrivals: means something only with load.rate_per_s");
    if (!arrivals) /* null means the same as nothing */
        (void)json_object_del(load, "arrivals");
    if (read_choice(load, "load", "arrivals", words, &is_fixed, err))
        return -1;
    json_put(load, "rate_per_s", s->rate_per_s ? json_uint(s->rate_per_s) : json_null());
    if (!s->rate_per_s)
        json_put(load, "arrivals", json_null());
    s->arrivals = json_string_value(json_object_get(load, "arrivals"));
    return 0;
}

/* What may be left out. */
static int read_teaching(struct scenario *s, struct err *err)
{
    const char *why = NULL;
    if (json_object_get(s->json, "why") &&
        read_line(s->json, "why", WHY_MIN, WHY_MAX, &why, err))
        return -1;
    return headline_read(s, err) || expect_read(s, err) ? -1 : 0;
}

int scenario_from_json(const char *name, const json_t *json,
                       struct scenario **out_scenario, struct err *err)
{
    if (!json_name_is_safe(name))
        return err_set(err, EXIT_CODE_USAGE,
                       "scenario name '%.80s': expected 1 to 64 of [A-Za-z0-9._-]", name);
    struct scenario *s = memory_calloc(1, sizeof *s);
    s->json = json_deep_copy(json);
    if (!s->json)
        memory_exhausted();
    if (check_keys(s->json, err) || read_task(s, err) ||
        read_line(s->json, "title", 1, 120, &s->title, err) ||
        read_line(s->json, "question", 1, 400, &s->question, err) ||
        runners_declare(s->json, err) || sweep_expand(s->json, err) ||
        read_models(s, err) || read_baseline(s, err) || read_concurrency(s, err) ||
        read_numbers(s, err) || read_words(s, err) || read_rate(s, err)) {
        scenario_free(s);
        return -1;
    }
    json_put(s->json, "name", json_string(name));
    s->name = json_string_value(json_object_get(s->json, "name"));
    runners_read(s);
    if (read_teaching(s, err)) {
        scenario_free(s);
        return -1;
    }
    *out_scenario = s;
    return 0;
}

uint64_t scenario_requests(const struct scenario *scenario, uint64_t concurrency)
{
    uint64_t highest = scenario->concurrency[scenario->concurrency_count - 1];
    uint64_t grown =
        scenario->rate_per_s ? highest : scenario->requests_per_worker * concurrency;
    uint64_t requests = grown > scenario->requests ? grown : scenario->requests;
    return requests < REQUESTS_MAX ? requests : REQUESTS_MAX;
}

void scenario_free(struct scenario *scenario)
{
    if (!scenario)
        return;
    runners_free(scenario);
    json_decref(scenario->json);
    free(scenario);
}
