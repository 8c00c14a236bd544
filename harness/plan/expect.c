/* expect.c: writes the predictions of a scenario out, and checks what its schema cannot
 * say; see expect.h. */
#include "harness/plan/expect.h"

#include "analysis/expect_trials.h"
#include "analysis/metrics.h"
#include "common/json.h"
#include "common/suggest.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Metrics of cell.summary that are not in the table of metrics. */
static const char *const more_metrics[] = {
    "instructions_per_request", "cycles_per_request", "cache_misses_per_request",
    "branch_misses_per_request"};

static bool knows_metric(const char *name)
{
    if (metrics_find(name))
        return true;
    for (size_t i = 0; i < COUNT_OF(more_metrics); i++) {
        if (!strcmp(more_metrics[i], name))
            return true;
    }
    return expect_trials_knows(name);
}

static int check_bounds(const json_t *item, const char *at, struct err *err)
{
    const double low = json_number_of(item, "at_least");
    const double high = json_number_of(item, "at_most");
    if (isnan(low) && isnan(high))
        return err_set(err, EXIT_CODE_USAGE,
                       "%s: expected a bound, \"at_least\" or \"at_most\"", at);
    if (low > high)
        return err_set(err, EXIT_CODE_USAGE,
                       "%s: expected at_least <= at_most, so that it can hold", at);
    return 0;
}

/* A concurrency as a number; a model with one cell has it at 1. */
static uint64_t concurrency_of(const struct scenario *s, const json_t *item,
                               const char *key)
{
    const json_t *value = json_object_get(item, key);
    return json_is_string(value) ? s->concurrency[s->concurrency_count - 1]
                                 : (uint64_t)json_integer_value(value);
}

/* One cell of an entry, written out; "" or "to". */
static void put_side(const struct scenario *s, json_t *out, bool is_to, const char *model,
                     uint64_t concurrency)
{
    uint64_t at = runners_model(s, model)->is_single ? 1 : concurrency;
    json_put(out, is_to ? "to" : "model", json_string(model));
    json_put(out, is_to ? "to_concurrency" : "concurrency", json_uint(at));
}

/* The entry for one of its models. */
static int write_out(const struct scenario *s, const json_t *item, const char *at,
                     const char *model, json_t *list, struct err *err)
{
    static const char *const kept[] = {"says",     "because", "metric",
                                       "at_least", "at_most", EXPECT_TRACE};
    const char *to = json_string_value(json_object_get(item, "to"));
    const bool has_there = json_object_get(item, "to_concurrency") != NULL;
    const uint64_t here = concurrency_of(s, item, "concurrency");
    const uint64_t there = has_there ? concurrency_of(s, item, "to_concurrency") : here;
    json_t *out = json_object();
    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        if (json_object_get(item, kept[i]))
            json_put(out, kept[i], json_incref(json_object_get(item, kept[i])));
    }
    put_side(s, out, false, model, here);
    if (to || has_there)
        put_side(s, out, true, to ? to : model, there);
    json_push(list, out);
    if (json_equal(json_object_get(out, "model"), json_object_get(out, "to")) &&
        json_equal(json_object_get(out, "concurrency"),
                   json_object_get(out, "to_concurrency")))
        return err_set(err, EXIT_CODE_USAGE, "%s: compares %s with itself", at, model);
    if (json_array_size(list) > EXPECT_MAX)
        return err_set(err, EXIT_CODE_USAGE, "expect: more than %d predictions",
                       EXPECT_MAX);
    return 0;
}

static int write_out_models(const struct scenario *s, const json_t *item, const char *at,
                            json_t *list, struct err *err)
{
    const json_t *model = json_object_get(item, "model");
    size_t i = 0;
    json_t *one = NULL;
    if (json_is_string(model))
        return write_out(s, item, at, json_string_value(model), list, err);
    json_array_foreach (model, i, one) {
        if (write_out(s, item, at, json_string_value(one), list, err))
            return -1;
    }
    return 0;
}

static int refuse_metric(const char *at, const char *name, struct err *err)
{
    struct suggest suggest = suggest_for(name);
    for (size_t i = 0; i < metrics_count; i++)
        suggest_try(&suggest, metrics_table[i].name);
    for (size_t i = 0; i < COUNT_OF(more_metrics); i++)
        suggest_try(&suggest, more_metrics[i]);
    return err_set(err, EXIT_CODE_USAGE,
                   "%s.metric: '%.40s' is not a metric that can be predicted%s", at, name,
                   suggest_word(&suggest) ? suggest_text(&suggest)
                                          : "; docs/scenarios.md lists them");
}

static int read_item(const struct scenario *s, const json_t *item, const char *at,
                     json_t *list, struct err *err)
{
    const char *metric = json_text_of(item, "metric");
    if (!knows_metric(metric))
        return refuse_metric(at, metric, err);
    if (expect_trace_check(item, at, metric, err) || check_bounds(item, at, err))
        return -1;
    return write_out_models(s, item, at, list, err);
}

int expect_read(struct scenario *s, struct err *err)
{
    json_t *given = json_object_get(s->json, "expect"), *item = NULL;
    size_t i = 0;
    if (!given)
        return 0;
    json_t *list = json_array();
    json_array_foreach (given, i, item) {
        char at[32];
        (void)snprintf(at, sizeof at, "expect[%zu]", i);
        if (read_item(s, item, at, list, err)) {
            json_decref(list);
            return -1;
        }
    }
    json_put(s->json, "expect", list);
    return 0;
}

static bool has_model(const struct scenario *s, const char *name)
{
    for (size_t i = 0; i < s->model_count; i++) {
        if (!strcmp(s->models[i], name))
            return true;
    }
    return false;
}

static int check_cell(const struct scenario *s, const char *model, json_int_t concurrency,
                      const char *says, struct err *err)
{
    if (!has_model(s, model)) {
        struct suggest suggest = suggest_for(model);
        for (size_t i = 0; i < s->model_count; i++)
            suggest_try(&suggest, s->models[i]);
        return err_set(err, EXIT_CODE_USAGE,
                       "expect: '%s' is not one of models (%.80s)%s", model, says,
                       suggest_text(&suggest));
    }
    if (concurrency == 1 && runners_model(s, model)->is_single)
        return 0;
    for (size_t i = 0; i < s->concurrency_count; i++) {
        if (s->concurrency[i] == (uint64_t)concurrency)
            return 0;
    }
    return err_set(err, EXIT_CODE_USAGE,
                   "expect: %s has no cell at concurrency %" JSON_INTEGER_FORMAT
                   " (%.80s)",
                   model, concurrency, says);
}

int expect_check_cells(const struct scenario *s, struct err *err)
{
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach (json_object_get(s->json, "expect"), i, item) {
        const char *says = json_string_value(json_object_get(item, "says"));
        const char *to = json_string_value(json_object_get(item, "to"));
        if (check_cell(s, json_string_value(json_object_get(item, "model")),
                       json_integer_value(json_object_get(item, "concurrency")), says,
                       err) ||
            (to && check_cell(s, to,
                              json_integer_value(json_object_get(item, "to_concurrency")),
                              says, err)))
            return -1;
    }
    return 0;
}
