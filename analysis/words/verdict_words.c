/* verdict_words.c: which sentence is said, and what goes into it; see verdict_words.h.
 * The sentences are sentences.c's. */
#include "analysis/words/verdict_words.h"

#include "analysis/words/load_words.h"
#include "analysis/words/phrase.h"
#include "analysis/words/quantity.h"
#include "analysis/words/ratio_words.h"
#include "analysis/words/sentences.h"
#include "common/blocks.h"
#include "common/json.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define TOLD_MAX 6 /* models told one by one of what was measured */

/* The first, second or third metric of the verdict: speed, CPU, memory. */
static const char *metric_at(const json_t *parts, size_t index)
{
    const char *metric =
        json_string_value(json_array_get(json_object_get(parts, "metrics"), index));
    return metric ? metric : "";
}

static const json_t *headline_of(const json_t *parts)
{
    return json_object_get(parts, "headline");
}

/* The names of those metrics that are, or are not only, told by time: "requests/s, CPU
 * per request or memory". */
static json_t *metrics_phrase(const json_t *parts, bool has_memory)
{
    json_t *names = json_array();
    for (size_t m = 0; m < json_array_size(json_object_get(parts, "metrics")); m++) {
        const char *metric = metric_at(parts, m);
        if (has_memory || strncmp(metric, "tree_memory_bytes", 17) != 0)
            phrase_add(names, quantity_metric("name", metric, headline_of(parts)));
    }
    return phrase_list(names, ", ", " or ");
}

static json_t *model_named(const char *model)
{
    return phrase_piece("model", model);
}

/* The entry of a model, or NULL. */
static const json_t *entry_of(const json_t *parts, const char *model)
{
    return json_find(json_object_get(parts, "models"), "model", model);
}

static json_int_t concurrency_of(const json_t *object)
{
    return json_integer_value(json_object_get(object, "concurrency"));
}

static bool is_elsewhere(const json_t *parts, const json_t *entry)
{
    return concurrency_of(entry) != concurrency_of(json_object_get(parts, "load"));
}

/* A model, with its concurrency when that is not the one of the verdict. */
static json_t *model_phrase(const json_t *parts, const char *model)
{
    const json_t *entry = entry_of(parts, model);
    json_t *slots = json_object();
    if (!entry || !is_elsewhere(parts, entry)) {
        json_decref(slots);
        return model_named(model);
    }
    phrase_slot(slots, "model", model_named(model));
    phrase_slot(slots, "concurrency", quantity_number(entry, "concurrency"));
    return sentence_fill("elsewhere", slots);
}

/* "threads, coroutines and callbacks" */
static json_t *models_phrase(const json_t *parts, const json_t *models)
{
    json_t *names = json_array(), *model = NULL;
    size_t i = 0;
    json_array_foreach (models, i, model)
        phrase_add(names, model_phrase(parts, json_string_value(model)));
    return phrase_list(names, ", ", " and ");
}

/* The ratio of a model by a metric, or NULL. */
static const json_t *ratio_of(const json_t *parts, const char *model, const char *metric)
{
    size_t i = 0;
    json_t *ratio = NULL;
    json_array_foreach (json_object_get(parts, "ratios"), i, ratio) {
        if (!strcmp(json_text_of(ratio, "model"), model) &&
            !strcmp(json_text_of(ratio, "metric"), metric))
            return ratio;
    }
    return NULL;
}

/* "1.05x threads [1.02, 1.07]", or NULL */
static json_t *times_other(const json_t *ratio)
{
    return ratio ? ratio_words(ratio, model_named(json_text_of(ratio, "against"))) : NULL;
}

/* "0.68x the CPU per request [0.61, 0.74]", or NULL */
static json_t *times_cost(const json_t *parts, const json_t *ratio, const char *metric)
{
    return ratio ? ratio_words(ratio,
                               quantity_metric("compared", metric, headline_of(parts)))
                 : NULL;
}

/* "coroutines served 4,571 requests/s, 94x sequential [91, 97], with 0.68x the CPU per
 * request [0.61, 0.74] and 0.91x the memory of threads" */
static json_t *result_phrase(const json_t *parts)
{
    const char *model = json_text_of(parts, "subject"), *speed = metric_at(parts, 0);
    const char *cpu = metric_at(parts, 1), *memory = metric_at(parts, 2);
    const double value = json_number_of(entry_of(parts, model), speed);
    const json_t *of_cpu = ratio_of(parts, model, cpu);
    const json_t *of_memory = ratio_of(parts, model, memory);
    json_t *slots = json_object();
    phrase_slot(slots, "model", model_named(model));
    phrase_slot(slots, "did", quantity_phrase("did", speed, value, headline_of(parts)));
    phrase_slot(slots, "speed", times_other(ratio_of(parts, model, speed)));
    phrase_slot(slots, "cpu", times_cost(parts, of_cpu, cpu));
    phrase_slot(slots, "memory", times_cost(parts, of_memory, memory));
    if (of_cpu || of_memory)
        phrase_slot(slots, "reference",
                    model_named(json_text_of(of_cpu ? of_cpu : of_memory, "against")));
    return sentence_fill("result", slots);
}

/* Who of those that tie is behind the baseline. */
static void add_behind(const json_t *parts, json_t *facts)
{
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach (json_object_get(parts, "behind"), i, item) {
        json_t *slots = json_object();
        phrase_slot(slots, "by", model_phrase(parts, json_text_of(item, "by")));
        phrase_slot(slots, "model", model_named(json_text_of(item, "model")));
        phrase_slot(
            slots, "metric",
            quantity_metric("name", json_text_of(item, "metric"), headline_of(parts)));
        phrase_add(facts, sentence_fill("behind", slots));
    }
}

/* The value of the first model of a list that has one, or NaN. */
static double first_value(const json_t *parts, const json_t *models, const char *metric)
{
    double value = (double)NAN;
    size_t i = 0;
    json_t *model = NULL;
    json_array_foreach (models, i, model) {
        if (!isfinite(value))
            value = json_number_of(entry_of(parts, json_string_value(model)), metric);
    }
    return value;
}

/* "requests/s coroutines (4,571, 1.05x threads [1.02, 1.07])", or NULL when nobody has a
 * value. */
static json_t *best_phrase(const json_t *parts, const char *metric)
{
    const json_t *models = json_object_get(json_object_get(parts, "unbeaten"), metric);
    const char *first = json_string_value(json_array_get(models, 0));
    const double value = first_value(parts, models, metric);
    json_t *slots = json_object();
    if (isfinite(value)) {
        phrase_slot(slots, "metric", quantity_metric("name", metric, headline_of(parts)));
        phrase_slot(slots, "models", models_phrase(parts, models));
        phrase_slot(slots, "value", quantity_value(metric, value));
        phrase_slot(slots, "ratio", times_other(ratio_of(parts, first, metric)));
    }
    return sentence_fill(json_array_size(models) > 1 ? "best shared" : "best", slots);
}

static void add_best(const json_t *parts, json_t *facts)
{
    for (size_t m = 0; m < json_array_size(json_object_get(parts, "metrics")); m++)
        phrase_add(facts, best_phrase(parts, metric_at(parts, m)));
}

/* "threads 800 requests/s, 40.0 µs CPU per request, 19.1 MiB"; what is not known is left
 * out. */
static json_t *measured_phrase(const json_t *parts, const json_t *entry)
{
    json_t *slots = json_object(), *quantities = json_array();
    for (size_t m = 0; m < json_array_size(json_object_get(parts, "metrics")); m++) {
        const char *metric = metric_at(parts, m);
        phrase_add(quantities,
                   quantity_phrase("quantity", metric, json_number_of(entry, metric),
                                   headline_of(parts)));
    }
    phrase_slot(slots, "model", model_named(json_text_of(entry, "model")));
    const bool has_any = json_array_size(quantities) > 0;
    json_t *list = phrase_list(quantities, ", ", ", ");
    phrase_slot(slots, "quantities", has_any ? json_incref(list) : NULL);
    json_decref(list);
    return sentence_fill("measured", slots);
}

static void add_measured(const json_t *parts, json_t *facts)
{
    size_t i = 0, count = 0;
    json_t *entry = NULL;
    json_array_foreach (json_object_get(parts, "models"), i, entry) {
        if (!is_elsewhere(parts, entry) && count++ < TOLD_MAX)
            phrase_add(facts, measured_phrase(parts, entry));
    }
    if (count > TOLD_MAX)
        phrase_add(facts, phrase_count((double)(count - TOLD_MAX), "more model"));
}

/* Why no winner is named, or NULL. */
static json_t *reason_phrase(const json_t *parts)
{
    const json_t *reason = json_array_get(json_object_get(parts, "reasons"), 0);
    const char *model = json_text_or_null(reason, "model");
    json_auto_t *name = json_object();
    json_t *slots = json_object();
    if (model) {
        phrase_slot(name, "model", model_named(model));
        if (is_elsewhere(parts, reason))
            phrase_slot(name, "concurrency", quantity_number(reason, "concurrency"));
        const bool is_control = json_is_true(json_object_get(reason, "control"));
        phrase_slot(slots, "cell",
                    sentence_fill(is_control ? "control" : "cell", json_incref(name)));
        phrase_slot(slots, "model", model_named(model));
    }
    if (json_object_get(reason, "trials"))
        phrase_slot(slots, "trials",
                    phrase_count(json_number_of(reason, "trials"), "trial"));
    phrase_slot(slots, "disturbed", quantity_number(reason, "disturbed"));
    phrase_slot(slots, "counted", quantity_number(reason, "counted"));
    phrase_slot(slots, "last", phrase_text("%.40s", json_text_of(reason, "last")));
    return sentence_fill(json_text_of(reason, "class"), slots);
}

/* What is told of the models, each a phrase: of a form that ranks them the winners. */
static json_t *facts_phrase(const json_t *parts, const char *form)
{
    json_t *facts = json_array();
    if (!strcmp(form, "trade-off"))
        add_best(parts, facts);
    else if (*json_text_of(parts, "subject"))
        phrase_add(facts, result_phrase(parts));
    else
        add_measured(parts, facts);
    add_behind(parts, facts);
    const bool has_any = json_array_size(facts) > 0;
    json_t *list = phrase_list(facts, "; ", "; ");
    if (has_any)
        return list;
    json_decref(list);
    return NULL;
}

json_t *verdict_words_sentence(const json_t *parts)
{
    const char *form = json_text_of(parts, "form"), *tie = json_text_of(parts, "tie");
    char name[100];
    json_t *slots = json_object();
    phrase_slot(slots, "where",
                load_words(json_object_get(parts, "load"), headline_of(parts)));
    phrase_slot(slots, "reason", reason_phrase(parts));
    phrase_slot(slots, "facts", facts_phrase(parts, form));
    phrase_slot(slots, "blocks", phrase_count(json_number_of(parts, "blocks"), "block"));
    phrase_slot(slots, "timed", metrics_phrase(parts, false));
    phrase_slot(slots, "all", metrics_phrase(parts, true));
    phrase_slot(slots, "leaders",
                models_phrase(parts, json_object_get(parts, "leaders")));
    (void)snprintf(name, sizeof name, "%.40s%s%.40s", form, *tie ? " " : "", tie);
    json_t *sentence = sentence_fill(name, slots);
    return sentence ? sentence : json_array();
}

/* "threads against coroutines in requests/s (needs about 40 blocks)" */
static json_t *open_phrase(const json_t *row, const json_t *headline)
{
    json_t *slots = json_object();
    phrase_slot(slots, "model", model_named(json_text_of(row, "model")));
    phrase_slot(slots, "against", model_named(json_text_of(row, "against")));
    phrase_slot(slots, "metric",
                quantity_metric("name", json_text_of(row, "metric"), headline));
    if (json_number_of(row, "blocks_needed") <= BLOCKS_MAX)
        phrase_slot(slots, "blocks", quantity_number(row, "blocks_needed"));
    return sentence_fill("open comparison", slots);
}

static json_t *comparisons_phrase(const json_t *caveat, const json_t *headline,
                                  json_t *(*say)(const json_t *row,
                                                 const json_t *headline))
{
    json_t *all = json_array(), *row = NULL;
    size_t i = 0;
    json_array_foreach (json_object_get(caveat, "comparisons"), i, row)
        phrase_add(all, say(row, headline));
    return phrase_list(all, ", ", ", ");
}

/* One sentence of the caveat, or NULL when its class is unknown. */
static json_t *caveat_phrase(const json_t *caveat, const json_t *headline, bool is_open)
{
    const double more = json_number_of(caveat, "more");
    const char *model = json_text_or_null(caveat, "model");
    json_t *slots = json_object();
    phrase_slot(slots, "loop", phrase_text(is_open ? "open loop" : "closed loop"));
    phrase_slot(slots, "concurrency", quantity_number(caveat, "concurrency"));
    if (model)
        phrase_slot(slots, "model", model_named(model));
    if (more > 0)
        phrase_slot(slots, "more", phrase_count(more, "more comparison"));
    phrase_slot(slots, "comparisons",
                comparisons_phrase(caveat, headline,
                                   model ? ratio_words_of_itself : open_phrase));
    return sentence_fill(json_text_of(caveat, "class"), slots);
}

json_t *verdict_words_caveat(const json_t *parts)
{
    const json_t *load = json_object_get(parts, "load");
    const bool is_open = json_is_integer(json_object_get(load, "rate_per_s"));
    json_t *sentences = json_array(), *caveat = NULL;
    size_t i = 0;
    json_array_foreach (json_object_get(parts, "caveats"), i, caveat) {
        phrase_add(sentences, caveat_phrase(caveat, headline_of(parts), is_open));
    }
    return phrase_list(sentences, " ", " ");
}
