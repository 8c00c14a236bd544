/* headline.c: see headline.h. */
#include "analysis/headline.h"

#include "analysis/words/phrase.h"
#include "analysis/words/quantity.h"
#include "common/format.h"
#include "common/json.h"

#include <stdio.h>
#include <string.h>

/* What one request of a task is, where the scenario does not say. */
static const char *noun_of(const char *task)
{
    static const struct {
        const char *task, *noun;
    } nouns[] = {{"sleep", "sleep"},     {"block", "call"}, {"cpu", "computation"},
                 {"pipeline", "number"}, {"file", "file"},  {"db", "query"},
                 {"switch", "round"},    {"spawn", "start"}};
    for (size_t i = 0; i < COUNT_OF(nouns); i++) {
        if (!strcmp(nouns[i].task, task))
            return nouns[i].noun;
    }
    return "request";
}

enum metric_per headline_per(const char *word, bool *out_is_known)
{
    *out_is_known = !word;
    for (enum metric_per per = METRIC_REQUEST; word && per <= METRIC_FURTHER; per++) {
        if (!strcmp(metrics_per_word(per), word)) {
            *out_is_known = true;
            return per;
        }
    }
    return METRIC_WHOLE;
}

static double of_quotient(const struct metric *m, const json_t *trial,
                          const struct metric_context *context)
{
    return m->base->of_trial(m->base, trial, context) /
           metrics_divisor(m, json_number_of(trial, "requests"),
                           json_number_of(trial, "concurrency"));
}

static void divide_by(struct headline *headline, const struct metric *base,
                      enum metric_per per, const json_t *scenario)
{
    const json_t *turns = json_object_get(json_object_get(scenario, "options"), "turns");
    struct metric *metric = &headline->metric;
    (void)snprintf(headline->key, sizeof headline->key, "%s_per_%s", base->name,
                   metrics_per_word(per));
    metric->name = headline->key;
    metric->of_trial = base->of_trial ? of_quotient : NULL;
    metric->flags &= ~(unsigned)METRIC_PER_TRIAL;
    metric->base = base;
    metric->per = per;
    metric->turns = json_is_integer(turns) ? (double)json_integer_value(turns) : 1;
}

/* The row of a metric that a file names; in results.json it may be the quotient's key. */
static const struct metric *base_of(const char *name, enum metric_per per)
{
    char key[80], end[20];
    (void)snprintf(end, sizeof end, "_per_%s", per ? metrics_per_word(per) : "");
    const size_t length = strlen(name), cut = strlen(end);
    const bool is_key =
        per && length > cut && length < sizeof key && !strcmp(name + length - cut, end);
    (void)snprintf(key, sizeof key, "%.*s", (int)(is_key ? length - cut : length), name);
    return metrics_find(key);
}

void headline_of(const json_t *scenario, struct headline *out_headline)
{
    const json_t *given = json_object_get(scenario, "headline");
    const bool is_open =
        json_is_integer(json_object_get(json_object_get(scenario, "load"), "rate_per_s"));
    const char *noun = json_text_or_null(given, "noun");
    bool is_known = false;
    enum metric_per per = headline_per(json_text_or_null(given, "per"), &is_known);
    const struct metric *base = base_of(json_text_of(given, "metric"), per);
    if (!base || !is_known || !metrics_divides(base, per)) {
        base = metrics_find(is_open ? "response_p99_ns" : "throughput_per_s");
        per = METRIC_WHOLE;
    }
    *out_headline = (struct headline){
        .metric = *base, .noun = noun ? noun : noun_of(json_text_of(scenario, "task"))};
    if (per != METRIC_WHOLE)
        divide_by(out_headline, base, per, scenario);
}

/* Adds a metric that is not among them yet, as a whole or divided. */
static void add_deciding(const struct metric **metrics, size_t *count,
                         const struct metric *metric)
{
    const struct metric *first = metrics[0];
    const bool is_first = *count > 0 && (!strcmp(first->name, metric->name) ||
                                         (first->base && first->base == metric));
    if (!is_first && *count < HEADLINE_METRICS)
        metrics[(*count)++] = metric;
}

void headline_deciding(const struct headline *headline, bool is_open,
                       const struct metric *out_metrics[HEADLINE_METRICS])
{
    const struct metric *own = &headline->metric;
    const struct metric *speed =
        metrics_find(is_open ? "response_p99_ns" : "throughput_per_s");
    size_t count = 0;
    add_deciding(out_metrics, &count, own->flags & METRIC_NEUTRAL ? speed : own);
    add_deciding(out_metrics, &count, metrics_find("cpu_per_request_ns"));
    add_deciding(out_metrics, &count, metrics_find("tree_memory_bytes"));
    add_deciding(out_metrics, &count, speed);
}

json_t *headline_json(const json_t *scenario, const struct headline *headline)
{
    const char *as = json_text_or_null(json_object_get(scenario, "headline"), "as");
    const struct metric *metric = &headline->metric;
    const char *per = metrics_per_word(metric->per);
    json_t *json = json_object();
    json_put(json, "metric", json_string(metric->name));
    json_put(json, "noun", json_string(headline->noun));
    json_put(
        json, "unit",
        json_string(format_unit_word(metric->base ? metric->base->name : metric->name)));
    json_put(json, "better",
             metric->flags & METRIC_NEUTRAL
                 ? json_null()
                 : json_string(metric->flags & METRIC_MORE ? "more" : "less"));
    if (per)
        json_put(json, "per", json_string(per));
    json_auto_t *name =
        as ? phrase_text("%s", as) : quantity_metric("name", metric->name, json);
    json_put(json, "as", phrase_plain(name));
    return json;
}
