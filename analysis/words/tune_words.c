/* tune_words.c: see tune_words.h. The sentences are sentences.c's. */
#include "analysis/words/tune_words.h"

#include "analysis/words/answer_values.h"
#include "analysis/words/phrase.h"
#include "analysis/words/quantity.h"
#include "analysis/words/sentences.h"
#include "common/array.h"
#include "common/format.h"
#include "common/json.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define OTHERS_MAX 3 /* models beside the first in one sentence */
#define FAR        2 /* from this factor on a change is told as a factor */

static json_t *count_phrase(const json_t *model, const char *key)
{
    const double number = json_number_of(model, key);
    return phrase_text("%s", format_exact(number, UNIT_COUNT).s);
}

/* Whether the model can have one request in flight only. */
static bool is_alone(const json_t *model)
{
    return json_array_size(json_object_get(model, "points")) == 1 &&
           json_number_of(model, "chosen") < 1.5;
}

static json_t *interval_phrase(const char *metric, const json_t *value)
{
    const double median = json_number_of(value, "median");
    const double low = json_number_of(value, "low"), high = json_number_of(value, "high");
    char text[140];
    if (!isfinite(low) || !isfinite(high))
        return NULL;
    (void)snprintf(text, sizeof text, "[%s, %s]", format_metric(metric, low, median).s,
                   format_metric(metric, high, median).s);
    return phrase_piece("interval", text);
}

/* What every sentence about a model may name. */
static json_t *slots_of(const json_t *tune, const json_t *model, const json_t *headline)
{
    const char *metric = json_text_of(tune, "metric");
    const char *name = json_text_of(model, "model");
    const json_t *value = json_object_get(model, "value");
    const bool is_many = answer_is_many(name);
    json_t *slots = json_object();
    phrase_slot(slots, "model", answer_named(name));
    phrase_slot(slots, "count", count_phrase(model, "chosen"));
    phrase_slot(slots, "need", phrase_text(is_many ? "need" : "needs"));
    phrase_slot(slots, "hold", phrase_text(is_many ? "hold" : "holds"));
    phrase_slot(slots, "come", phrase_text(is_many ? "come" : "comes"));
    phrase_slot(slots, "nouns", quantity_noun(headline, true));
    phrase_slot(
        slots, "value",
        quantity_phrase("quantity", metric, json_number_of(value, "median"), headline));
    if (isfinite(json_number_of(value, "median")))
        phrase_slot(slots, "short",
                    quantity_value(metric, json_number_of(value, "median")));
    phrase_slot(slots, "interval", interval_phrase(metric, value));
    if (json_is_true(json_object_get(model, "edge")))
        phrase_slot(slots, "edge", phrase_text("the largest tried"));
    if (isfinite(json_number_of(tune, "limit_ns"))) {
        phrase_slot(slots, "limit",
                    quantity_value(metric, json_number_of(tune, "limit_ns")));
        phrase_slot(
            slots, "rate",
            phrase_text("%s",
                        format_exact(json_number_of(tune, "rate_per_s"), UNIT_COUNT).s));
    }
    return slots;
}

/* "5 % less", "as much", "3.1 times as much", "4 % less (not settled)". */
static json_t *change_phrase(const json_t *row)
{
    const double ratio = json_number_of(row, "ratio");
    const char *word = json_text_of(row, "verdict");
    const bool is_open = !strcmp(word, "inconclusive");
    if (!isfinite(ratio))
        return NULL;
    if (!strcmp(word, "same") || !strcmp(word, "small"))
        return phrase_text("as much");
    char text[80];
    if (ratio >= FAR)
        (void)snprintf(text, sizeof text, "%s times as much", format_number(ratio).s);
    else
        (void)snprintf(text, sizeof text, "%.0f %% %s", 100 * fabs(1 - ratio),
                       ratio < 1 ? "less" : "more");
    return phrase_text("%s%s", text, is_open ? " (not settled)" : "");
}

/* What another model than the first needs; NULL when nothing was measured of it. */
static json_t *other_phrase(const json_t *tune, const json_t *model,
                            const json_t *headline)
{
    const bool is_limit = isfinite(json_number_of(tune, "limit_ns"));
    const bool is_met = json_is_true(json_object_get(model, "met"));
    const json_t *row = json_find(json_object_get(tune, "comparisons"), "model",
                                  json_text_of(model, "model"));
    json_t *change = change_phrase(row);
    json_t *slots = slots_of(tune, model, headline);
    if (!change) {
        json_decref(slots);
        return NULL;
    }
    phrase_slot(slots, "change", change);
    return sentence_fill(is_limit && is_met ? "tune holds too"
                         : is_limit         ? "tune holds not"
                         : is_alone(model)  ? "tune alone"
                                            : "tune needs",
                         slots);
}

/* Models that have a choice come before those that can only have one in flight. */
static void add_others(const json_t *tune, const json_t *leader, const json_t *headline,
                       json_t *others)
{
    json_t *model = NULL;
    for (int alone = 0; alone < 2; alone++) {
        size_t i = 0;
        json_array_foreach (json_object_get(tune, "models"), i, model) {
            if (model != leader && is_alone(model) == (alone == 1) &&
                json_array_size(others) < OTHERS_MAX)
                phrase_add(others, other_phrase(tune, model, headline));
        }
    }
}

json_t *tune_words_answer(const json_t *tune, const json_t *headline)
{
    const json_t *leader =
        json_find(json_object_get(tune, "models"), "model", json_text_of(tune, "leader"));
    const bool is_limit = isfinite(json_number_of(tune, "limit_ns"));
    json_t *others = json_array();
    if (!leader) {
        json_decref(others);
        return phrase_text("Nothing was measured");
    }
    const bool is_met = json_is_true(json_object_get(leader, "met"));
    json_t *first = sentence_fill(!is_limit ? "tune first"
                                  : is_met  ? "tune holds"
                                            : "tune holds none",
                                  slots_of(tune, leader, headline));
    if (is_met || !is_limit)
        add_others(tune, leader, headline, others);
    json_t *slots = json_object();
    phrase_slot(slots, "first", first);
    if (json_array_size(others) > 0)
        phrase_slot(slots, "others", phrase_list(others, ", ", ", "));
    else
        json_decref(others);
    return phrase_capital(sentence_fill("tune", slots));
}

static void note(json_t *notes, const json_t *tune, const char *name, const char *key,
                 const json_t *model, const json_t *found)
{
    char text[60];
    json_t *slots = json_object();
    phrase_slot(slots, "model", answer_named(json_text_of(model, "model")));
    phrase_slot(slots, "count", count_phrase(found, "concurrency"));
    if (json_is_integer(json_object_get(found, "to")))
        phrase_slot(slots, "to", count_phrase(found, "to"));
    if (isfinite(json_number_of(found, "low")) && json_object_get(found, "ratio")) {
        (void)snprintf(text, sizeof text, "%.2fx [%.2f, %.2f]",
                       json_number_of(found, "ratio"), json_number_of(found, "low"),
                       json_number_of(found, "high"));
        phrase_slot(slots, "ratio", phrase_text("%s", text));
    }
    const double within = 100 * json_number_of(tune, "within_ratio");
    if (isfinite(within))
        phrase_slot(slots, "within",
                    phrase_text("%s", format_exact(within, UNIT_COUNT).s));
    (void)snprintf(text, sizeof text, "tune note %s %s", key, name);
    json_auto_t *phrase = sentence_fill(text, slots);
    if (phrase)
        json_push(notes, phrase_plain(phrase));
}

json_t *tune_words_notes(const json_t *tune)
{
    static const char *const keys[] = {"of_chosen", "of_half"};
    json_t *notes = json_array(), *model = NULL;
    const char *kind = isfinite(json_number_of(tune, "limit_ns")) ? "limit " : "";
    size_t i = 0;
    json_array_foreach (json_object_get(tune, "models"), i, model) {
        const char *reason = json_text_or_null(model, "reason");
        if (reason)
            json_push(notes, json_sprintf("%s: no number was found: %s.",
                                          json_text_of(model, "model"), reason));
        for (size_t k = 0; k < COUNT_OF(keys) && !reason; k++) {
            const json_t *found = json_object_get(model, keys[k]);
            char name[40];
            (void)snprintf(name, sizeof name, "%s%s", kind, json_text_of(found, "word"));
            if (json_is_object(found) && json_is_true(json_object_get(model, "met")))
                note(notes, tune, name, keys[k], model, found);
        }
    }
    if (json_is_true(json_object_get(tune, "search_cut")))
        json_push(notes, json_string("The search ended with its share of the budget, "
                                     "before all of its trials were made; a longer "
                                     "--budget looks closer."));
    return notes;
}
