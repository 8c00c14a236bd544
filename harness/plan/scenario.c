/* scenario.c: reads a scenario file strictly and completes it; see scenario.h.
 *
 * Keys, types and ranges are those of results/schema/scenario.schema.json. Here is what a
 * schema cannot say, and what holds where the file says nothing. What a scenario *means*
 * (cells, requests, order) is plan.c's. */
#include "harness/plan/scenario.h"

#include "common/json.h"
#include "common/memory.h"
#include "common/schema.h"
#include "common/suggest.h"
#include "harness/plan/expect.h"
#include "harness/plan/externals.h"
#include "harness/plan/headline_read.h"
#include "harness/plan/sweep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUESTS_MAX UINT64_C(4000000000)

/* Where a number stands, its value where it does not, and the field it fills. */
static const struct number {
    const char *object, *key;
    uint64_t preset;
    size_t offset;
} numbers[] = {
    {"origin", "bytes", 0, offsetof(struct scenario, bytes)},
    {"origin", "delay_ms", 0, offsetof(struct scenario, delay_ms)},
    {"origin", "jitter_ms", 0, offsetof(struct scenario, jitter_ms)},
    {"origin", "tail_ppm", 0, offsetof(struct scenario, tail_ppm)},
    {"origin", "tail_ms", 0, offsetof(struct scenario, tail_ms)},
    {"origin", "freeze_after_ms", 0, offsetof(struct scenario, freeze_after_ms)},
    {"origin", "freeze_ms", 0, offsetof(struct scenario, freeze_ms)},
    {"load", "requests", 0, offsetof(struct scenario, requests)},
    {"load", "requests_per_worker", 1, offsetof(struct scenario, requests_per_worker)},
    {"load", "addresses", 1, offsetof(struct scenario, addresses)},
    {"load", "timeout_ms", 30000, offsetof(struct scenario, timeout_ms)},
    {"limits", "trial_seconds", 60, offsetof(struct scenario, trial_seconds)},
    {"limits", "memory_passes", 1, offsetof(struct scenario, memory_passes)},
    {"limits", "quota_cpus", 0, offsetof(struct scenario, quota_cpus)},
};

/* Writes the defaults into the json, too. */
static void read_numbers(struct scenario *s)
{
    if (!json_object_get(s->json, "limits"))
        json_put(s->json, "limits", json_object());
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        const struct number *n = &numbers[i];
        json_t *object = json_object_get(s->json, n->object);
        if (!json_is_object(object)) /* a task without an origin */
            continue;
        if (!json_object_get(object, n->key))
            json_put(object, n->key, json_uint(n->preset));
        const uint64_t value =
            (uint64_t)json_integer_value(json_object_get(object, n->key));
        memcpy((char *)s + n->offset, &value, sizeof value);
    }
}

static bool lists_model(const struct scenario *s, const char *name)
{
    for (size_t i = 0; i < s->model_count; i++) {
        if (!strcmp(s->models[i], name))
            return true;
    }
    return false;
}

/* The names in the order of the file; "runners" and "sweep" have added theirs. */
static int read_models(struct scenario *s, struct err *err)
{
    const json_t *list = json_object_get(s->json, "models");
    if (json_array_size(list) > SCENARIO_MODELS_MAX)
        return err_set(err, EXIT_CODE_USAGE, "models: more than %d", SCENARIO_MODELS_MAX);
    if (json_array_size(list) == 0)
        return err_set(err, EXIT_CODE_USAGE,
                       "models: expected an array of 1 to %d names, or runners",
                       SCENARIO_MODELS_MAX);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        if (lists_model(s, name))
            return err_set(err, EXIT_CODE_USAGE, "models[%zu]: '%s' is listed twice", i,
                           name);
        s->models[s->model_count++] = name;
    }
    return 0;
}

static int read_baseline(struct scenario *s, struct err *err)
{
    if (!json_object_get(s->json, "baseline"))
        json_put(s->json, "baseline",
                 json_string(lists_model(s, "sequential") ? "sequential" : s->models[0]));
    const char *baseline = s->baseline = json_text_of(s->json, "baseline");
    if (!lists_model(s, baseline)) {
        struct suggest suggest = suggest_for(baseline);
        for (size_t i = 0; i < s->model_count; i++)
            suggest_try(&suggest, s->models[i]);
        return err_set(err, EXIT_CODE_USAGE, "baseline: '%s' is not one of models%s",
                       baseline, suggest_text(&suggest));
    }
    return 0;
}

static int read_concurrency(struct scenario *s, struct err *err)
{
    const json_t *list = json_object_get(json_object_get(s->json, "load"), "concurrency");
    uint64_t previous = 0;
    if (json_array_size(list) > SCENARIO_CONCURRENCY_MAX)
        return err_set(err, EXIT_CODE_USAGE, "load.concurrency: more than %d",
                       SCENARIO_CONCURRENCY_MAX);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const uint64_t value = (uint64_t)json_integer_value(json_array_get(list, i));
        if (value <= previous)
            return err_set(err, EXIT_CODE_USAGE,
                           "load.concurrency[%zu]: expected a number above the one "
                           "before it, %" PRIu64,
                           i, previous);
        s->concurrency[s->concurrency_count++] = previous = value;
    }
    return 0;
}

/* The word at key, or preset, which is then written there. */
static const char *word_of(json_t *object, const char *key, const char *preset)
{
    if (json_is_object(object) && !json_is_string(json_object_get(object, key)))
        json_put(object, key, json_string(preset));
    return json_text_of(object, key);
}

static void read_words(struct scenario *s)
{
    json_t *load = json_object_get(s->json, "load");
    s->title = json_text_of(s->json, "title");
    s->question = json_text_of(s->json, "question");
    s->has_split_placement = !strcmp(word_of(s->json, "placement", "split"), "split");
    s->counts_failures = !strcmp(word_of(s->json, "failures", "invalid"), "counted");
    s->has_keepalive = !json_is_false(json_object_get(load, "keepalive"));
    json_put(load, "keepalive", json_boolean(s->has_keepalive));
}

/* The task, its options, and whether there has to be an origin. */
static int read_task(struct scenario *s, struct err *err)
{
    s->task = word_of(s->json, "task", "http");
    s->kind = tasks_find(s->task);
    if (!s->kind)
        return err_set(err, EXIT_CODE_USAGE, "task: '%.40s' is not known here", s->task);
    json_t *origin = json_object_get(s->json, "origin");
    const bool has_origin = json_is_object(origin);
    if (s->kind->fetches != has_origin)
        return err_set(err, EXIT_CODE_USAGE, "origin: %s: task %s %s",
                       has_origin ? "not known here" : "missing", s->task,
                       has_origin ? "makes no requests to one" : "needs one");
    if (!has_origin)
        json_put(s->json, "origin", json_null());
    s->warm_requests = (uint64_t)json_integer_value(
        json_object_get(json_object_get(s->json, "load"), "warm_requests"));
    if (s->warm_requests && !strcmp(s->task, "pipeline"))
        return err_set(err, EXIT_CODE_USAGE,
                       "load.warm_requests: task pipeline opens no connections");
    s->tls = json_is_true(json_object_get(origin, "tls"));
    s->is_nginx = has_origin && !strcmp(word_of(origin, "server", "own"), "nginx");
    return tasks_check(s->json, s->kind, err);
}

/* The open loop; without a rate both are null. */
static int read_rate(struct scenario *s, struct err *err)
{
    json_t *load = json_object_get(s->json, "load");
    s->rate_per_s = (uint64_t)json_integer_value(json_object_get(load, "rate_per_s"));
    if (s->rate_per_s) {
        s->arrivals = word_of(load, "arrivals", "poisson");
        return 0;
    }
    if (json_is_string(json_object_get(load, "arrivals")))
        return err_set(err, EXIT_CODE_USAGE,
                       "load.arrivals: means something only with load.rate_per_s");
    json_put(load, "rate_per_s", json_null());
    json_put(load, "arrivals", json_null());
    return 0;
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
    if (externals_adopt(s->json, err) || schema_check("scenario", NULL, s->json, err) ||
        read_task(s, err) || runners_declare(s->json, err) ||
        sweep_expand(s->json, err) || read_models(s, err) || read_baseline(s, err) ||
        read_concurrency(s, err) || read_rate(s, err)) {
        scenario_free(s);
        return -1;
    }
    read_numbers(s);
    read_words(s);
    json_put(s->json, "name", json_string(name));
    s->name = json_string_value(json_object_get(s->json, "name"));
    runners_read(s);
    if (headline_read(s, err) || expect_read(s, err)) {
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
