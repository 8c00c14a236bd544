/* answer_values.c: see answer_values.h. */
#include "analysis/words/answer_values.h"

#include "analysis/words/phrase.h"
#include "analysis/words/quantity.h"
#include "analysis/words/sentences.h"
#include "common/format.h"
#include "common/json.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define FAR_APART 20   /* values that have no unit in common */
#define ALIKE     1.1  /* values that differ by less are told as one */
#define AHEAD     1.25 /* of another load, that of one after the other */

bool answer_is_many(const char *model)
{
    const size_t length = strcspn(model, ".");
    return length > 2 && model[length - 1] == 's' && model[length - 2] != 's';
}

json_t *answer_named(const char *model)
{
    return phrase_piece("model", model);
}

static json_int_t concurrency_of(const json_t *object)
{
    return json_integer_value(json_object_get(object, "concurrency"));
}

void answer_take(const json_t *parts, struct answer *told)
{
    const json_int_t at = concurrency_of(json_object_get(parts, "load"));
    size_t i = 0;
    json_t *entry = NULL;
    *told =
        (struct answer){.parts = parts, .headline = json_object_get(parts, "headline")};
    told->metric = json_text_of(told->headline, "metric");
    told->is_more = !strcmp(json_text_of(told->headline, "better"), "more");
    json_array_foreach (json_object_get(parts, "models"), i, entry) {
        const struct answer_value one = {json_text_of(entry, "model"),
                                         json_number_of(entry, told->metric)};
        if (!isfinite(one.value))
            continue;
        if (concurrency_of(entry) != at)
            told->alone = one;
        else if (told->count < ANSWER_MODELS_MAX)
            told->models[told->count++] = one;
    }
    for (i = 0; i < told->count; i++) {
        told->low = told->models[i].value < told->models[told->low].value ? i : told->low;
        told->high =
            told->models[i].value > told->models[told->high].value ? i : told->high;
    }
}

static json_t *value_phrase(const struct answer *told, double value)
{
    const double most = told->models[told->high].value;
    return most < FAR_APART * value ? quantity_beside(told->metric, value, most)
                                    : quantity_value(told->metric, value);
}

/* Slots that all answers about values share. */
static json_t *value_slots(const struct answer *told)
{
    json_t *slots = json_object();
    phrase_slot(slots, "as", quantity_metric("name", told->metric, told->headline));
    phrase_slot(slots, "low", value_phrase(told, told->models[told->low].value));
    phrase_slot(slots, "high", value_phrase(told, told->models[told->high].value));
    phrase_slot(slots, "first", answer_named(told->models[told->low].model));
    phrase_slot(slots, "last", answer_named(told->models[told->high].model));
    return slots;
}

static json_t *values_phrase(const struct answer *told)
{
    json_t *values = json_array();
    for (size_t i = 0; i < told->count; i++) {
        json_t *slots = json_object();
        phrase_slot(slots, "model", answer_named(told->models[i].model));
        phrase_slot(slots, "value", value_phrase(told, told->models[i].value));
        phrase_add(values, sentence_fill("answer value of", slots));
    }
    return phrase_list(values, ", ", ", ");
}

json_t *answer_values(const struct answer *told)
{
    const double low = told->models[told->low].value,
                 high = told->models[told->high].value;
    json_t *slots = value_slots(told);
    if (told->count == 1) {
        phrase_slot(slots, "model", answer_named(told->models[0].model));
        phrase_slot(slots, "value", value_phrase(told, low));
        return sentence_fill("answer value", slots);
    }
    if (high <= low)
        return sentence_fill("answer alike", slots);
    if (told->count > 2 && high < ALIKE * low)
        return sentence_fill("answer between", slots);
    if (told->count <= ANSWER_NAMED_MAX) {
        phrase_slot(slots, "values", values_phrase(told));
        return sentence_fill("answer values", slots);
    }
    return sentence_fill("answer range", slots);
}

json_t *answer_nothing(const struct answer *told)
{
    const bool has_models =
        json_array_size(json_object_get(told->parts, "models")) > 0 && *told->metric;
    json_t *slots = json_object();
    if (has_models)
        phrase_slot(slots, "as", quantity_metric("name", told->metric, told->headline));
    return sentence_fill(has_models ? "answer no-value" : "answer nothing", slots);
}

/* How many times as good the value is as one after the other. */
static double gain(const struct answer *told, double value)
{
    return told->is_more ? value / told->alone.value : told->alone.value / value;
}

/* The names of up to three models whose gain lies between, or how many there are; NULL
 * for none. *out_low and *out_high are the ends of their gains. */
static json_t *between(const struct answer *told, double from, double to, double *out_low,
                       double *out_high)
{
    json_t *names = json_array();
    *out_low = HUGE_VAL;
    *out_high = 0;
    for (size_t i = 0; i < told->count; i++) {
        const double factor = gain(told, told->models[i].value);
        if (!(factor >= from && factor < to))
            continue;
        *out_low = fmin(*out_low, factor);
        *out_high = fmax(*out_high, factor);
        phrase_add(names, answer_named(told->models[i].model));
    }
    const size_t count = json_array_size(names);
    if (count > 0 && count <= ANSWER_NAMED_MAX)
        return phrase_list(names, ", ", " and ");
    json_decref(names);
    return count ? phrase_count((double)count, "model") : NULL;
}

static json_t *factor_phrase(double low, double high)
{
    const bool is_twice = low > 1.8 && high < 2.2;
    if (is_twice)
        return phrase_text("twice");
    return high < ALIKE * low ? phrase_text("%sx", format_number(high).s)
                              : phrase_text("up to %sx", format_number(high).s);
}

/* Some faster than one after the other, some not; NULL when all are. */
static json_t *answer_groups(const struct answer *told)
{
    double low = 0, high = 0, unused = 0;
    json_t *faster = between(told, AHEAD, HUGE_VAL, &low, &high);
    json_t *level = between(told, 1 / AHEAD, AHEAD, &unused, &unused);
    json_t *slower = between(told, 0, 1 / AHEAD, &unused, &unused);
    const char *name = faster  ? level || slower ? "answer groups" : NULL
                       : level ? "answer no-faster"
                               : "answer slower";
    json_t *slots = json_object(), *answer = NULL;
    if (faster)
        phrase_slot(slots, "factor", factor_phrase(low, high));
    phrase_slot(slots, "faster", faster);
    phrase_slot(slots, "level", level);
    phrase_slot(slots, "slower", slower);
    phrase_slot(slots, "baseline", answer_named(told->alone.model));
    if (name)
        answer = sentence_fill(name, json_incref(slots));
    json_decref(slots);
    return answer;
}

/* 10 as "ten", 128 as "128" */
static json_t *count_phrase(json_int_t count)
{
    static const char *const words[] = {"",     "one",    "two",   "three", "four",
                                        "five", "six",    "seven", "eight", "nine",
                                        "ten",  "eleven", "twelve"};
    return count > 0 && count <= 12 ? phrase_text("%s", words[count])
                                    : phrase_text("%" JSON_INTEGER_FORMAT, count);
}

static json_t *answer_at_once(const struct answer *told)
{
    const double low = told->models[told->low].value,
                 high = told->models[told->high].value, alone = told->alone.value;
    json_t *slots = json_object();
    phrase_slot(slots, "count",
                count_phrase(concurrency_of(json_object_get(told->parts, "load"))));
    phrase_slot(slots, "low", quantity_beside(told->metric, low, alone));
    if (high > ALIKE * low)
        phrase_slot(slots, "high", quantity_beside(told->metric, high, alone));
    phrase_slot(slots, "alone", quantity_value(told->metric, alone));
    return sentence_fill("answer at-once", slots);
}

/* Compared with one after the other; NULL where that says little. */
json_t *answer_alone(const struct answer *told)
{
    const bool is_cost = !strncmp(told->metric, "cpu_", 4);
    const bool is_span =
        !strcmp(told->metric, "measured_ns") || !strcmp(told->metric, "wall_ns");
    if (!told->alone.model || is_cost || !(told->alone.value > 0) ||
        !(told->models[told->low].value > 0))
        return NULL;
    json_t *groups = answer_groups(told);
    return groups ? groups : is_span ? answer_at_once(told) : NULL;
}
