/* caveat.c: see caveat.h. */
#include "analysis/caveat.h"

#include "common/json.h"

#include <stdbool.h>
#include <string.h>

#define TOLD_MAX 4 /* unsettled comparisons listed one by one */

static json_t *of_class(const char *class)
{
    json_t *caveat = json_object();
    json_put(caveat, "class", json_string(class));
    return caveat;
}

/* Copies a value that may be missing; then it is null. */
static void copy(json_t *to, const char *key, const json_t *from, const char *from_key)
{
    json_t *value = json_object_get(from, from_key);
    json_put(to, key, value ? json_incref(value) : json_null());
}

/* What the form asks to keep in mind: of one that names no winner what to do. */
static const char *class_of_form(const struct ranking *ranking)
{
    static const char *const forms[] = {[RANKING_DESCRIPTIVE] = "too-little",
                                        [RANKING_WINNER] = "this-load",
                                        [RANKING_TIE] = "not-equal",
                                        [RANKING_TRADE_OFF] = "what-is-scarce"};
    static const struct {
        const char *reason, *advice;
    } advices[] = {{"failures-counted", "nothing-to-fix"},
                   {"few-requests", "response-time-only"},
                   {"disturbed", "quieter-machine"}};
    if (ranking->form != RANKING_NOT_PUBLISHABLE)
        return forms[ranking->form];
    const char *first = json_text_of(json_array_get(ranking->reasons, 0), "class");
    for (size_t i = 0; i < COUNT_OF(advices); i++) {
        if (!strcmp(advices[i].reason, first))
            return advices[i].advice;
    }
    return "remove-cause";
}

static bool is_of(const struct ranking *ranking, const json_t *row)
{
    return !strcmp(json_text_of(row, "scenario"),
                   json_text_of(ranking->scenario, "name"));
}

/* Memory is measured once, so it is never settled and never open. */
static bool is_told(const struct ranking *ranking, const json_t *row)
{
    bool is_told = false;
    for (size_t m = 0; m < RANKING_METRICS && !is_told; m++)
        is_told = !ranking_is_once(ranking, m) &&
                  !strcmp(json_text_of(row, "metric"), ranking_key(ranking, m));
    return is_told;
}

static bool is_open(const struct ranking *ranking, const json_t *row)
{
    const json_int_t at = json_integer_value(json_object_get(row, "concurrency"));
    return is_of(ranking, row) && at == ranking->concurrency && is_told(ranking, row) &&
           json_is_integer(json_object_get(row, "blocks_needed")) &&
           json_is_string(json_object_get(row, "verdict")) &&
           strcmp(json_text_of(row, "model"), "null") != 0 &&
           strcmp(json_text_of(row, "baseline"), "null") != 0;
}

static json_t *open_json(const json_t *row)
{
    json_t *one = json_object();
    copy(one, "model", row, "model");
    copy(one, "against", row, "baseline");
    copy(one, "metric", row, "metric");
    copy(one, "blocks_needed", row, "blocks_needed");
    return one;
}

static void add_unsettled(json_t *caveats, const struct ranking *ranking)
{
    json_t *caveat = of_class("not-settled"), *told = json_array(), *row = NULL;
    size_t i = 0, count = 0;
    json_array_foreach (json_object_get(ranking->results, "comparisons"), i, row) {
        if (is_open(ranking, row) && count++ < TOLD_MAX)
            json_push(told, open_json(row));
    }
    json_put(caveat, "comparisons", told);
    json_put(caveat, "more", json_uint(count > TOLD_MAX ? count - TOLD_MAX : 0));
    if (count > 0)
        json_push(caveats, json_incref(caveat));
    json_decref(caveat);
}

/* The scenario's control with the most in flight, or NULL. */
static const json_t *control_of(const struct ranking *ranking)
{
    const json_t *last = NULL;
    size_t i = 0;
    json_t *control = NULL;
    json_array_foreach (json_object_get(ranking->results, "controls"), i, control) {
        if (is_of(ranking, control) &&
            !(last && json_number_of(last, "concurrency") >
                          json_number_of(control, "concurrency")))
            last = control;
    }
    return last;
}

static void add_control(json_t *caveats, const struct ranking *ranking)
{
    static const char *const kept[] = {"metric", "quotient", "ratio",
                                       "low",    "high",     "verdict"};
    const json_t *control = control_of(ranking);
    json_t *caveat = of_class("noise-control"), *rows = json_array(), *row = NULL;
    size_t i = 0;
    json_array_foreach (json_object_get(control, "comparisons"), i, row) {
        if (!is_told(ranking, row) || !json_is_number(json_object_get(row, "ratio")) ||
            !json_is_string(json_object_get(row, "verdict")))
            continue;
        json_t *one = json_object();
        for (size_t k = 0; k < COUNT_OF(kept); k++)
            copy(one, kept[k], row, kept[k]);
        json_push(rows, one);
    }
    copy(caveat, "model", control, "model");
    copy(caveat, "concurrency", control, "concurrency");
    json_put(caveat, "comparisons", rows);
    if (json_array_size(rows) > 0)
        json_push(caveats, json_incref(caveat));
    json_decref(caveat);
}

json_t *caveat_find(const struct ranking *ranking)
{
    json_t *caveats = json_array();
    json_push(caveats, of_class(class_of_form(ranking)));
    if (ranking->rate_per_s > 0)
        json_push(caveats, of_class("open-loop"));
    add_unsettled(caveats, ranking);
    add_control(caveats, ranking);
    return caveats;
}
