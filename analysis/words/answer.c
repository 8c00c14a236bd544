/* answer.c: which answer is given; see answer.h. The sentences are sentences.c's.
 *
 * A value is the answer where the headline is of one request or of one turn, and where
 * neither more nor less of it is better. Where one after the other was measured too, the
 * answer is how the models compare with that. Else it is who is best in what, or, without
 * a verdict, who was ahead. */
#include "analysis/words/answer.h"

#include "analysis/words/answer_values.h"
#include "analysis/words/phrase.h"
#include "analysis/words/quantity.h"
#include "analysis/words/sentences.h"
#include "common/json.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *metric_at(const struct answer *told, size_t index)
{
    const char *metric =
        json_string_value(json_array_get(json_object_get(told->parts, "metrics"), index));
    return metric ? metric : "";
}

static json_t *best_phrase(const struct answer *told, const char *metric)
{
    return quantity_metric("best", metric, told->headline);
}

static const json_t *unbeaten_in(const struct answer *told, const char *metric)
{
    return json_object_get(json_object_get(told->parts, "unbeaten"), metric);
}

/* The models of a list, or how many they are. */
static json_t *models_phrase(const json_t *models)
{
    json_t *names = json_array(), *model = NULL;
    size_t i = 0;
    if (json_array_size(models) > ANSWER_NAMED_MAX) {
        json_decref(names);
        return phrase_count((double)json_array_size(models), "model");
    }
    json_array_foreach (models, i, model)
        phrase_add(names, answer_named(json_string_value(model)));
    return phrase_list(names, ", ", " and ");
}

static json_t *all_metrics(const struct answer *told)
{
    json_t *names = json_array();
    for (size_t m = 0; m < json_array_size(json_object_get(told->parts, "metrics")); m++)
        phrase_add(names, quantity_metric("name", metric_at(told, m), told->headline));
    return phrase_list(names, ", ", " and ");
}

/* "Coroutines: most requests, least CPU": what no other model equals. */
static json_t *answer_winner(const struct answer *told, const char *subject)
{
    json_t *slots = json_object(), *bests = json_array();
    for (size_t m = 0; m < json_array_size(json_object_get(told->parts, "metrics"));
         m++) {
        const json_t *models = unbeaten_in(told, metric_at(told, m));
        if (json_array_size(models) == 1 &&
            !strcmp(json_string_value(json_array_get(models, 0)), subject))
            phrase_add(bests, best_phrase(told, metric_at(told, m)));
    }
    const bool has_any = json_array_size(bests) > 0;
    phrase_slot(slots, "model", answer_named(subject));
    phrase_slot(slots, "all", all_metrics(told));
    phrase_slot(slots, "best", phrase_list(bests, ", ", ", "));
    return sentence_fill(has_any ? "answer leads" : "answer unbeaten", slots);
}

/* "Most requests: threads; least CPU: coroutines" */
static json_t *answer_trade_off(const struct answer *told)
{
    json_t *bests = json_array();
    for (size_t m = 0; m < json_array_size(json_object_get(told->parts, "metrics"));
         m++) {
        const json_t *models = unbeaten_in(told, metric_at(told, m));
        json_t *slots = json_object();
        phrase_slot(slots, "best", best_phrase(told, metric_at(told, m)));
        phrase_slot(slots, "models", models_phrase(models));
        json_t *best = sentence_fill("answer best", slots);
        if (json_array_size(models) > 0)
            phrase_add(bests, best);
        else
            json_decref(best);
    }
    return phrase_list(bests, "; ", "; ");
}

static json_t *answer_tie(const struct answer *told, const char *subject)
{
    const char *tie = json_text_of(told->parts, "tie");
    json_t *slots = json_object();
    phrase_slot(slots, "leaders", models_phrase(json_object_get(told->parts, "leaders")));
    phrase_slot(slots, "blocks",
                phrase_count(json_number_of(told->parts, "blocks"), "block"));
    phrase_slot(slots, "model", answer_named(subject));
    phrase_slot(slots, "best", quantity_metric("best", "tree_memory_bytes", NULL));
    return sentence_fill(!strcmp(tie, "not-settled")   ? "answer apart"
                         : !strcmp(tie, "memory-only") ? "answer memory"
                                                       : "answer same",
                         slots);
}

static json_t *answer_ahead(const struct answer *told)
{
    const json_t *ahead = json_object_get(told->parts, "ahead");
    const char *model = json_text_of(ahead, "model"), *metric = metric_at(told, 0);
    const double blocks = json_number_of(ahead, "blocks"),
                 of = json_number_of(ahead, "of");
    json_t *slots = json_object();
    phrase_slot(slots, "model", answer_named(model));
    phrase_slot(slots, "best", best_phrase(told, metric));
    phrase_slot(slots, "blocks", quantity_number(ahead, "blocks"));
    phrase_slot(slots, "of", quantity_number(ahead, "of"));
    phrase_slot(slots, "were", phrase_text(answer_is_many(model) ? "were" : "was"));
    return sentence_fill(2 * blocks <= of                          ? "answer ahead none"
                         : blocks < of                             ? "answer ahead of"
                         : of < 2                                  ? "answer ahead once"
                         : strcmp(metric, "throughput_per_s") != 0 ? "answer ahead all"
                                                                   : "answer ahead most",
                         slots);
}

static json_t *answer_of_form(const struct answer *told)
{
    const char *form = json_text_of(told->parts, "form");
    const char *subject = json_text_of(told->parts, "subject");
    if (!strcmp(form, "winner"))
        return answer_winner(told, subject);
    if (!strcmp(form, "trade-off"))
        return answer_trade_off(told);
    if (!strcmp(form, "tie"))
        return answer_tie(told, subject);
    return json_object_get(told->parts, "ahead") ? answer_ahead(told)
                                                 : answer_values(told);
}

static bool is_value(const struct answer *told)
{
    return told->count == 1 || json_text_or_null(told->headline, "per") ||
           !json_text_or_null(told->headline, "better") ||
           !strcmp(told->metric, "failed_ratio");
}

json_t *answer_words(const json_t *parts)
{
    struct answer told;
    answer_take(parts, &told);
    if (told.count == 0)
        return answer_nothing(&told);
    if (is_value(&told))
        return phrase_capital(answer_values(&told));
    json_t *answer = answer_alone(&told);
    return phrase_capital(answer ? answer : answer_of_form(&told));
}
