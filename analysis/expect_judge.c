/* expect_judge.c: compares medians of cells with what was predicted; see expect_judge.h.
 *
 * A prediction is about the scenario's own load and origin. Where a run changed them, or
 * a cell gives no number to rely on, the outcome is unknown and the reason is said: what
 * was not measured has not held. */
#include "analysis/expect_judge.h"

#include "analysis/expect_trials.h"
#include "analysis/metrics.h"
#include "analysis/sentence.h"
#include "analysis/summary.h"
#include "common/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* One side of an inequality. */
struct side {
    const char *model;
    json_int_t concurrency;
};

struct judgement {
    const json_t *results, *scenario, *item;
    const char *metric;
    struct side side, to; /* to.model NULL: no ratio */
    double value;         /* NaN: unknown */
    struct sentence reason;
};

static const json_t *find_cell(const struct judgement *j, const struct side *side)
{
    size_t i = 0;
    json_t *cell = NULL;
    json_array_foreach (json_object_get(j->results, "cells"), i, cell) {
        if (!strcmp(json_text_of(cell, "scenario"), json_text_of(j->scenario, "name")) &&
            !strcmp(json_text_of(cell, "model"), side->model) &&
            json_integer_value(json_object_get(cell, "concurrency")) == side->concurrency)
            return cell;
    }
    return NULL;
}

/* A metric of the summary, or what the trials' documents say. */
static double value_of_cell(const struct judgement *j, const json_t *cell,
                            const char **out_reason)
{
    if (expect_trials_knows(j->metric))
        return expect_trials_value(cell, j->item, j->metric, out_reason);
    return summary_value(json_object_get(cell, "summary"), j->metric, out_reason);
}

/* The number of a side, or NaN and the reason. */
static double side_value(struct judgement *j, const struct side *side)
{
    const json_t *cell = find_cell(j, side);
    const json_t *summary = json_object_get(cell, "summary");
    double trials = json_number_of(json_object_get(summary, "wall_ns"), "n");
    const char *why = "";
    double value = (double)NAN;
    sentence_say(&j->reason, "%s at %" JSON_INTEGER_FORMAT, side->model,
                 side->concurrency);
    if (!cell)
        sentence_say(&j->reason, " is not in this run");
    else if (!strcmp(json_text_of(cell, "status"), "skipped"))
        sentence_say(&j->reason, " was skipped: %s", json_text_of(cell, "reason"));
    else if (!json_is_object(summary))
        sentence_say(&j->reason, ": %s", json_text_of(cell, "reason"));
    else if (!(trials >= EXPECT_TRIALS_MIN))
        sentence_say(&j->reason, " has %.0f valid trial%s; %d are needed",
                     isfinite(trials) ? trials : 0, trials == 1.0 ? "" : "s",
                     EXPECT_TRIALS_MIN);
    else if (value = value_of_cell(j, cell, &why), !isfinite(value))
        sentence_say(&j->reason, " has no %s: %s", j->metric, why);
    else
        j->reason = (struct sentence){.used = 0};
    return value;
}

/* False, with the reason, when the run is not what the prediction is about. */
static bool is_about(struct judgement *j)
{
    const json_t *changed = json_object_get(j->scenario, "overridden");
    const json_t *run = json_object_get(j->results, "run");
    size_t i = 0;
    json_t *flag = NULL;
    if (json_is_string(json_object_get(run, "url"))) {
        sentence_say(&j->reason, "measured against another server (--url)");
        return false;
    }
    json_array_foreach (changed, i, flag)
        sentence_say(&j->reason, "%s%s", i ? ", " : "the load was changed with ",
                     json_string_value(flag) ? json_string_value(flag) : "?");
    return json_array_size(changed) == 0;
}

static void measure(struct judgement *j)
{
    j->value = (double)NAN;
    if (!is_about(j))
        return;
    double value = side_value(j, &j->side), below = 1;
    if (isfinite(value) && j->to.model)
        below = side_value(j, &j->to);
    if (!isfinite(value) || !isfinite(below))
        return;
    if (below > 0)
        j->value = value / below;
    else
        sentence_say(&j->reason,
                     "%s at %" JSON_INTEGER_FORMAT
                     " measured %g, so there is no ratio to it",
                     j->to.model, j->to.concurrency, below);
}

/* What a cut may have left of the last character is not UTF-8. */
static json_t *sentence_json(const struct sentence *text)
{
    json_t *string = json_string(text->bytes);
    return string ? string : json_string("?");
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), of_end = strlen(end);
    return length >= of_end && !strcmp(text + length - of_end, end);
}

/* At most three significant digits below 100, whole numbers above: 500, 8, 0.9, 31.2,
 * 1,234. */
static void say_number(struct sentence *text, double value)
{
    if (value >= 100)
        sentence_count(text, value);
    else
        sentence_say(text, "%.3g", value);
}

/* The value in the unit that the metric's name ends with. */
static void say_value(struct sentence *text, const char *metric, double value)
{
    static const struct {
        const char *end;
        double above, factor;
        const char *unit;
    } units[] = {
        {"_ns", 1e9, 1e-9, " s"},
        {"_ns", 1e6, 1e-6, " ms"},
        {"_ns", 1e3, 1e-3, " µs"},
        {"_ns", 0, 1, " ns"},
        {"_bytes", 0x1p30, 0x1p-30, " GiB"},
        {"_bytes", 0x1p20, 0x1p-20, " MiB"},
        {"_bytes", 0x1p10, 0x1p-10, " KiB"},
        {"_bytes", 0, 1, " B"},
        {"_uj", 0, 1, " µJ"},
        {"_per_s", 0, 1, "/s"},
        {"", 0, 1, ""},
    };
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (!ends_with(metric, units[i].end) || value < units[i].above)
            continue;
        say_number(text, value * units[i].factor);
        sentence_say(text, "%s", units[i].unit);
        return;
    }
}

static void say_side(struct sentence *text, const char *metric, const struct side *side)
{
    sentence_say(text, "%s(%s, %" JSON_INTEGER_FORMAT ")", metric, side->model,
                 side->concurrency);
}

/* "0.9 <= throughput_per_s(coroutines, 4) / throughput_per_s(sequential, 1) <= 1.1";
 * with one bound it stands on the right. */
static json_t *inequality_json(const struct judgement *j)
{
    const char *unit = j->to.model ? "" : j->metric;
    double low = json_number_of(j->item, "at_least");
    double high = json_number_of(j->item, "at_most");
    struct sentence text = {.used = 0};
    if (isfinite(low) && isfinite(high)) {
        say_value(&text, unit, low);
        sentence_say(&text, " <= ");
    }
    say_side(&text, j->metric, &j->side);
    if (j->to.model) {
        sentence_say(&text, " / ");
        say_side(&text, j->metric, &j->to);
    }
    sentence_say(&text, isfinite(high) ? " <= " : " >= ");
    say_value(&text, unit, isfinite(high) ? high : low);
    if (!strcmp(j->metric, EXPECT_TRACE)) {
        json_auto_t *words = expect_trace_words(json_object_get(j->item, EXPECT_TRACE));
        sentence_say(&text, " of %s", json_string_value(words));
    }
    return sentence_json(&text);
}

static const char *outcome_of(const struct judgement *j)
{
    double low = json_number_of(j->item, "at_least");
    double high = json_number_of(j->item, "at_most");
    if (!isfinite(j->value))
        return "unknown";
    if ((isfinite(low) && j->value < low) || (isfinite(high) && j->value > high))
        return "not-held";
    return "held";
}

static json_t *judgement_json(const struct judgement *j)
{
    static const char *const kept[] = {"says",           "because",     "metric",
                                       "model",          "concurrency", "to",
                                       "to_concurrency", "at_least",    "at_most"};
    json_t *out = json_object();
    struct sentence measured = {.used = 0};
    say_value(&measured, j->to.model ? "" : j->metric, j->value);
    json_put(out, "scenario", json_string(json_text_of(j->scenario, "name")));
    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        json_t *value = json_object_get(j->item, kept[i]);
        json_put(out, kept[i], value ? json_incref(value) : json_null());
    }
    const bool is_known = isfinite(j->value);
    json_put(out, "inequality", inequality_json(j));
    json_put(out, "outcome", json_string(outcome_of(j)));
    json_put(out, "value", json_real_or_null(j->value));
    json_put(out, "measured", is_known ? sentence_json(&measured) : json_null());
    json_put(out, "reason", is_known ? json_null() : sentence_json(&j->reason));
    return out;
}

static json_t *judge(const json_t *results, const json_t *scenario, const json_t *item)
{
    struct judgement j = {
        .results = results,
        .scenario = scenario,
        .item = item,
        .metric = json_text_of(item, "metric"),
        .side = {json_text_of(item, "model"),
                 json_integer_value(json_object_get(item, "concurrency"))},
        .to = {json_string_value(json_object_get(item, "to")),
               json_integer_value(json_object_get(item, "to_concurrency"))}};
    measure(&j);
    return judgement_json(&j);
}

json_t *expect_judge(const json_t *results)
{
    json_t *list = NULL, *scenario = NULL, *item = NULL;
    size_t s = 0, i = 0;
    json_array_foreach (json_object_get(results, "scenarios"), s, scenario) {
        json_array_foreach (json_object_get(scenario, "expect"), i, item) {
            if (!list)
                list = json_array();
            json_push(list, judge(results, scenario, item));
        }
    }
    return list;
}
