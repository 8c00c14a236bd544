/* expect.c: reads the predictions of a scenario strictly; see expect.h. */
#include "harness/plan/expect.h"

#include "analysis/expect_trials.h"
#include "analysis/metrics.h"
#include "common/json.h"
#include "common/suggest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SAYS_MAX        200
#define BECAUSE_MAX     400
#define CONCURRENCY_MAX 1000000

static const char *const keys[] = {
    "says",           "because",  "metric",  "model",      "concurrency", "to",
    "to_concurrency", "at_least", "at_most", EXPECT_TRACE, NULL};

/* Metrics of cell.summary that are not in the table of metrics. */
static const char *const more_metrics[] = {
    "instructions_per_request", "cycles_per_request", "cache_misses_per_request",
    "branch_misses_per_request"};

bool expect_knows_metric(const char *name)
{
    if (metrics_find(name))
        return true;
    for (size_t i = 0; i < COUNT_OF(more_metrics); i++) {
        if (!strcmp(more_metrics[i], name))
            return true;
    }
    return expect_trials_knows(name);
}

static int check_line(const json_t *item, const char *at, const char *key, size_t max,
                      struct err *err)
{
    const char *text = "";
    if (json_get_string(item, at, key, 1, max, &text, err))
        return -1;
    if (!json_is_line(text))
        return err_set(err, EXIT_CODE_USAGE, "%s.%s: expected one line of text", at, key);
    return 0;
}

static int check_model(const json_t *value, const char *at, const char *key,
                       struct err *err)
{
    const char *name = json_string_value(value);
    if (!name || strlen(name) != json_string_length(value) || !json_name_is_safe(name))
        return err_set(err, EXIT_CODE_USAGE, "%s.%s: expected a model's name", at, key);
    return 0;
}

static int check_bounds(const json_t *item, const char *at, struct err *err)
{
    double low = 0, high = 1e300;
    if (!json_object_get(item, "at_least") && !json_object_get(item, "at_most"))
        return err_set(err, EXIT_CODE_USAGE,
                       "%s: expected a bound, \"at_least\" or \"at_most\"", at);
    if (json_get_real(item, at, "at_least", &low, err) ||
        json_get_real(item, at, "at_most", &high, err))
        return -1;
    if (low < 0 || high < low)
        return err_set(err, EXIT_CODE_USAGE,
                       "%s: expected 0 <= at_least <= at_most, so that it can hold", at);
    return 0;
}

/* A concurrency as a number; a model with one cell has it at 1. */
static int read_concurrency(const struct scenario *s, const json_t *item, const char *at,
                            const char *key, uint64_t *out_value, struct err *err)
{
    const char *word = json_string_value(json_object_get(item, key));
    if (word && !strcmp(word, "highest")) {
        *out_value = s->concurrency[s->concurrency_count - 1];
        return 0;
    }
    if (!word && json_is_integer(json_object_get(item, key)))
        return json_need_uint(item, at, key, 1, CONCURRENCY_MAX, out_value, err);
    return err_set(err, EXIT_CODE_USAGE,
                   "%s.%s: expected a whole number from 1, or \"highest\"", at, key);
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
    uint64_t here = 0, there = 0;
    const char *to = json_string_value(json_object_get(item, "to"));
    const bool has_there = json_object_get(item, "to_concurrency") != NULL;
    if (read_concurrency(s, item, at, "concurrency", &here, err))
        return -1;
    there = here;
    if (has_there && read_concurrency(s, item, at, "to_concurrency", &there, err))
        return -1;
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
    if (!json_is_array(model))
        return check_model(model, at, "model", err)
                   ? -1
                   : write_out(s, item, at, json_string_value(model), list, err);
    if (json_array_size(model) == 0)
        return err_set(err, EXIT_CODE_USAGE, "%s.model: expected at least one model", at);
    json_array_foreach (model, i, one) {
        char key[32];
        (void)snprintf(key, sizeof key, "model[%zu]", i);
        if (check_model(one, at, key, err) ||
            write_out(s, item, at, json_string_value(one), list, err))
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
    const char *text = NULL;
    if (!json_is_object(item))
        return err_set(err, EXIT_CODE_USAGE, "%s: expected an object", at);
    if (json_only_keys(item, at, keys, err) ||
        json_need_string(item, at, "says", 1, SAYS_MAX, &text, err) ||
        check_line(item, at, "says", SAYS_MAX, err) ||
        check_line(item, at, "because", BECAUSE_MAX, err) ||
        json_need_string(item, at, "metric", 1, 64, &text, err))
        return -1;
    if (!expect_knows_metric(text))
        return refuse_metric(at, text, err);
    if (json_object_get(item, "to") &&
        check_model(json_object_get(item, "to"), at, "to", err))
        return -1;
    if (expect_trace_check(item, at, text, err) || check_bounds(item, at, err))
        return -1;
    return write_out_models(s, item, at, list, err);
}

int expect_read(struct scenario *s, struct err *err)
{
    json_t *given = NULL, *item = NULL, *list = NULL;
    size_t i = 0;
    if (!json_object_get(s->json, "expect"))
        return 0;
    if (json_get_array(s->json, "", "expect", EXPECT_MAX, &given, err))
        return -1;
    if (json_array_size(given) == 0)
        return err_set(err, EXIT_CODE_USAGE, "expect: expected at least one prediction");
    list = json_array();
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
