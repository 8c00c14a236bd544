/* overrides.c: see overrides.h. A change is made in the scenario's JSON, which is then
 * read again: so there is one set of checks. */
#include "harness/plan/overrides.h"

#include "common/json.h"
#include "common/options.h"
#include "common/owners.h"
#include "harness/plan/models.h"

#include <string.h>

/* Splits "a,b" into an array made by make_item; NULL when an item is refused. */
static json_t *split(const char *text, json_t *(*make_item)(const char *item))
{
    json_t *list = json_array();
    for (const char *at = text; at; at = *at ? at + 1 : NULL) {
        size_t length = strcspn(at, ",");
        AUTO_FREE char *item = strndup(at, length);
        json_t *value = item ? make_item(item) : NULL;
        if (!value) {
            json_decref(list);
            return NULL;
        }
        json_push(list, value);
        at += length;
        if (!*at)
            break;
    }
    return list;
}

static json_t *model_item(const char *item)
{
    return json_name_is_safe(item) ? json_string(item) : NULL;
}

static json_t *number_item(const char *item)
{
    uint64_t value = 0;
    if (options_parse_uint(item, &value) || value > 1000000)
        return NULL;
    return json_integer((json_int_t)value);
}

static int change_models(json_t *json, const char *text, struct err *err)
{
    json_t *models = split(text, model_item), *name = NULL;
    const json_t *baseline = json_object_get(json, "baseline");
    bool listed = false;
    size_t i = 0;
    if (!models)
        return err_set(
            err, EXIT_CODE_USAGE,
            "--models: '%.80s' is not a list of models such as threads,processes", text);
    json_array_foreach(models, i, name) listed = listed || json_equal(name, baseline);
    if (!listed)
        (void)json_object_del(json, "baseline"); /* then the rule for its default holds */
    json_put(json, "models", models);
    return 0;
}

/* --rate makes trials of at least so many seconds, unless --requests says how many. */
#define RATE_SECONDS 2

static void change_rate(json_t *load, const struct overrides *o)
{
    const json_int_t enough = (json_int_t)o->rate_per_s * RATE_SECONDS;
    if (o->arrivals)
        json_put(load, "arrivals", json_string(o->arrivals));
    if (!o->rate_per_s)
        return;
    json_put(load, "rate_per_s", json_integer((json_int_t)o->rate_per_s));
    if (!o->requests && json_integer_value(json_object_get(load, "requests")) < enough)
        json_put(load, "requests", json_integer(enough));
}

static int change(json_t *json, const struct overrides *o, struct err *err)
{
    json_t *load = json_object_get(json, "load");
    (void)json_object_del(json, "name");
    if (o->models && change_models(json, o->models, err))
        return -1;
    if (o->concurrency) {
        json_t *list = split(o->concurrency, number_item);
        if (!list)
            return err_set(
                err, EXIT_CODE_USAGE,
                "--concurrency: '%.80s' is not a list of numbers such as 1,10,100",
                o->concurrency);
        json_put(load, "concurrency", list);
    }
    if (o->requests) {
        json_put(load, "requests", json_integer((json_int_t)o->requests));
        json_put(load, "requests_per_worker", json_integer(1));
    }
    change_rate(load, o);
    return 0;
}

static int check_runners(const struct scenario *scenario, struct err *err)
{
    for (size_t i = 0; i < scenario->model_count; i++) {
        if (!models_available(scenario->models[i]))
            return err_set(
                err, EXIT_CODE_USAGE,
                "model '%s' has no runner here (bin/runner-%s); `concbench list` "
                "names those there are",
                scenario->models[i], scenario->models[i]);
    }
    return 0;
}

int overrides_load(const char *name_or_path, const struct overrides *overrides,
                   struct scenario **out_scenario, struct err *err)
{
    struct scenario *original = NULL, *changed = NULL;
    int status = scenario_load(name_or_path, &original, err);
    if (status)
        return status;
    json_t *json = json_deep_copy(original->json);
    if (!change(json, overrides, err) &&
        !scenario_from_json(original->name, json, &changed, err) &&
        !check_runners(changed, err)) {
        *out_scenario = changed;
        changed = NULL;
    } else {
        err_prefix(err, "%s", original->name);
        status = -EXIT_CODE_USAGE;
    }
    json_decref(json);
    scenario_free(changed);
    scenario_free(original);
    return status;
}
