/* verdict.c: the parts of a verdict; see verdict.h. Which model is unbeaten in what is
 * decided in ranking.c, how it is worded in words/. */
#include "analysis/verdict.h"

#include "analysis/ahead.h"
#include "analysis/caveat.h"
#include "analysis/ranking.h"
#include "analysis/trust.h"
#include "analysis/words/answer.h"
#include "analysis/words/phrase.h"
#include "analysis/words/verdict_words.h"
#include "common/json.h"

#include <math.h>
#include <string.h>

/* A model without a number is never better. */
static bool is_better(const struct ranking *ranking, size_t metric,
                      const struct candidate *one, const struct candidate *other)
{
    const double mine = one->median[metric], its = other->median[metric];
    return isnan(its) ||
           (ranking_prefers_more(ranking, metric) ? mine > its : mine < its);
}

static const char *baseline_of(const struct ranking *ranking)
{
    return json_text_of(ranking->scenario, "baseline");
}

/* The model that the subject's CPU and memory are compared with: the baseline when it
 * takes part at this concurrency, else the other model that the scenario lists first, so
 * that it does not change with the numbers. */
static const struct candidate *reference_of(const struct ranking *ranking,
                                            const struct candidate *subject)
{
    const struct candidate *first = NULL;
    for (size_t i = 0; i < ranking->count; i++) {
        const struct candidate *one = &ranking->items[i];
        if (one == subject)
            continue;
        if (!strcmp(one->model, baseline_of(ranking)))
            return one;
        first = first ? first : one;
    }
    return first;
}

/* The fastest of those that tie. */
static const struct candidate *best_tied(const struct ranking *ranking)
{
    const struct candidate *best = NULL;
    for (size_t i = 0; i < ranking->count; i++) {
        const struct candidate *one = &ranking->items[i];
        if (one->is_unbeaten_in_all && (!best || is_better(ranking, 0, one, best)))
            best = one;
    }
    return best;
}

/* Whether a difference between the two is unsettled. */
static bool is_open_pair(const struct ranking *ranking, const char *one,
                         const char *other)
{
    bool is_open = false;
    for (size_t m = 0; m < RANKING_METRICS && !is_open; m++)
        is_open = !ranking_is_once(ranking, m) &&
                  ranking_ratio(ranking, one, other, m).is_unsettled;
    return is_open;
}

/* Whether two that tie may yet turn out to differ. */
static bool is_open_tie(const struct ranking *ranking)
{
    for (size_t i = 0; i < ranking->count; i++) {
        for (size_t j = i + 1; j < ranking->count; j++) {
            const struct candidate *one = &ranking->items[i], *other = &ranking->items[j];
            if (one->is_unbeaten_in_all && other->is_unbeaten_in_all &&
                is_open_pair(ranking, one->model, other->model))
                return true;
        }
    }
    return false;
}

/* Whether nothing but memory sets the leader of a tie apart. */
static bool is_memory_lead(const struct ranking *ranking)
{
    return ranking->memory_lead < ranking->count && !is_open_tie(ranking);
}

/* The model that the sentence tells of first, or NULL: the winner or one that ties. */
static const struct candidate *subject_of(const struct ranking *ranking)
{
    if (ranking->form == RANKING_TIE && is_memory_lead(ranking))
        return &ranking->items[ranking->memory_lead];
    return ranking->form == RANKING_TIE || ranking->form == RANKING_WINNER
               ? best_tied(ranking)
               : NULL;
}

static json_t *copy_of(const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    return value ? json_incref(value) : json_null();
}

static json_t *load_json(const struct ranking *ranking)
{
    json_t *load = json_object();
    json_put(load, "concurrency", json_integer(ranking->concurrency));
    json_put(load, "rate_per_s",
             ranking->rate_per_s > 0 ? json_integer(ranking->rate_per_s) : json_null());
    json_put(load, "task", copy_of(ranking->scenario, "task"));
    json_put(load, "origin", copy_of(ranking->scenario, "origin"));
    json_put(load, "url",
             json_is_object(json_object_get(ranking->scenario, "origin"))
                 ? copy_of(json_object_get(ranking->results, "run"), "url")
                 : json_null());
    return load;
}

static json_t *metrics_json(const struct ranking *ranking)
{
    json_t *metrics = json_array();
    for (size_t m = 0; m < RANKING_METRICS; m++)
        json_push(metrics, json_string(ranking_key(ranking, m)));
    return metrics;
}

static json_t *model_json(const struct ranking *ranking, const struct candidate *one)
{
    json_t *model = json_object();
    json_put(model, "model", json_text(one->model));
    json_put(model, "concurrency", copy_of(one->cell, "concurrency"));
    for (size_t m = 0; m < RANKING_METRICS; m++)
        json_put(model, ranking_key(ranking, m), json_real_or_null(one->median[m]));
    json_put(model, ranking->headline.metric.name, json_real_or_null(one->headline));
    return model;
}

static json_t *models_json(const struct ranking *ranking)
{
    json_t *models = json_array();
    for (size_t i = 0; i < ranking->count; i++)
        json_push(models, model_json(ranking, &ranking->items[i]));
    if (ranking->lone_baseline.model)
        json_push(models, model_json(ranking, &ranking->lone_baseline));
    return models;
}

static bool is_unbeaten(const struct candidate *one, size_t metric)
{
    return metric == RANKING_METRICS ? one->is_unbeaten_in_all : one->is_unbeaten[metric];
}

/* The models that are unbeaten in the metric or, for RANKING_METRICS, in all; the
 * baseline at 1 comes last. */
static json_t *unbeaten_json(const struct ranking *ranking, size_t metric)
{
    json_t *models = json_array();
    for (size_t i = 0; i < ranking->count; i++) {
        if (is_unbeaten(&ranking->items[i], metric))
            json_push(models, json_text(ranking->items[i].model));
    }
    if (ranking->lone_baseline.model && is_unbeaten(&ranking->lone_baseline, metric))
        json_push(models, json_text(ranking->lone_baseline.model));
    return models;
}

/* Adds a model's ratio to another, if it is known. */
static void add_ratio(json_t *ratios, const struct ranking *ranking, const char *model,
                      const char *against, size_t metric)
{
    const struct ratio r = ranking_ratio(ranking, model, against, metric);
    if (!r.is_known)
        return;
    json_push(ratios,
              json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:s?}", "model", model,
                        "against", against, "metric", ranking_key(ranking, metric),
                        "quotient", json_real_or_null(r.quotient), "ratio",
                        json_real_or_null(r.value), "low", json_real_or_null(r.low),
                        "high", json_real_or_null(r.high), "verdict", r.verdict));
}

/* Those of the subject: its speed as a multiple of the baseline's, what it costs as a
 * multiple of its reference's. */
static void add_of_subject(json_t *ratios, const struct ranking *ranking,
                           const struct candidate *subject)
{
    const struct candidate *reference = reference_of(ranking, subject);
    const char *against = strcmp(subject->model, baseline_of(ranking)) != 0
                              ? baseline_of(ranking)
                          : reference ? reference->model
                                      : "";
    add_ratio(ratios, ranking, subject->model, against, 0);
    for (size_t m = 1; reference && m < RANKING_METRICS; m++)
        add_ratio(ratios, ranking, subject->model, reference->model, m);
}

/* The only candidate that is unbeaten in the metric, or NULL. */
static const struct candidate *best_of(const struct ranking *ranking, size_t metric)
{
    const struct candidate *best =
        ranking->lone_baseline.is_unbeaten[metric] ? &ranking->lone_baseline : NULL;
    size_t count = ranking->lone_baseline.is_unbeaten[metric];
    for (size_t i = 0; i < ranking->count; i++) {
        if (!ranking->items[i].is_unbeaten[metric])
            continue;
        best = &ranking->items[i];
        count++;
    }
    return count == 1 ? best : NULL;
}

static json_t *ratios_json(const struct ranking *ranking)
{
    json_t *ratios = json_array();
    const struct candidate *subject = subject_of(ranking);
    if (subject)
        add_of_subject(ratios, ranking, subject);
    for (size_t m = 0; ranking->form == RANKING_TRADE_OFF && m < RANKING_METRICS; m++) {
        const struct candidate *best = best_of(ranking, m);
        const struct candidate *reference = best ? reference_of(ranking, best) : NULL;
        if (reference)
            add_ratio(ratios, ranking, best->model, reference->model, m);
    }
    return ratios;
}

/* A model that ties may still be behind the baseline at 1. */
static json_t *behind_json(const struct ranking *ranking)
{
    json_t *all = json_array();
    for (size_t i = 0; i < ranking->count; i++) {
        const struct candidate *one = &ranking->items[i];
        for (size_t m = 0; m < RANKING_METRICS; m++) {
            if (!one->is_unbeaten_in_all || !ranking_is_denied(ranking, one, m))
                continue;
            json_push(all, json_pack("{s:s, s:s, s:s}", "model", one->model, "by",
                                     ranking->lone_baseline.model, "metric",
                                     ranking_key(ranking, m)));
        }
    }
    return all;
}

/* Why no winner is named; empty when one could be. */
static json_t *reasons_json(const struct ranking *ranking)
{
    json_t *reasons = json_deep_copy(ranking->reasons);
    if (ranking->form == RANKING_DESCRIPTIVE && ranking->count == 1)
        json_push(reasons, json_pack("{s:s}", "class", "one-model"));
    if (ranking->form == RANKING_DESCRIPTIVE && ranking->blocks < RANKING_BLOCKS_MIN)
        json_push(reasons,
                  json_pack("{s:s, s:o, s:i}", "class", "few-blocks", "blocks",
                            json_uint(ranking->blocks), "needed", RANKING_BLOCKS_MIN));
    return reasons;
}

/* What only a form that ranks the models has. */
static void put_ranking(json_t *verdict, const struct ranking *ranking)
{
    const struct candidate *subject = subject_of(ranking);
    const bool ranks =
        ranking->form != RANKING_NOT_PUBLISHABLE && ranking->form != RANKING_DESCRIPTIVE;
    if (!ranks)
        return;
    json_put(verdict, "leaders", unbeaten_json(ranking, RANKING_METRICS));
    json_t *unbeaten = json_object();
    for (size_t m = 0; m < RANKING_METRICS; m++)
        json_put(unbeaten, ranking_key(ranking, m), unbeaten_json(ranking, m));
    json_put(verdict, "unbeaten", unbeaten);
    json_put(verdict, "ratios", ratios_json(ranking));
    if (subject)
        json_put(verdict, "subject", json_text(subject->model));
    if (ranking->form != RANKING_TIE)
        return;
    json_put(verdict, "behind", behind_json(ranking));
    json_put(verdict, "tie",
             json_string(is_open_tie(ranking)      ? "not-settled"
                         : is_memory_lead(ranking) ? "memory-only"
                                                   : "no-difference"));
}

json_t *verdict_make(const json_t *results, const json_t *scenario)
{
    static const char *const forms[] = {[RANKING_NOT_PUBLISHABLE] = "not-publishable",
                                        [RANKING_DESCRIPTIVE] = "descriptive",
                                        [RANKING_WINNER] = "winner",
                                        [RANKING_TIE] = "tie",
                                        [RANKING_TRADE_OFF] = "trade-off"};
    struct ranking ranking;
    json_t *verdict = json_object();
    ranking_make(results, scenario, &ranking);
    json_put(verdict, "headline", headline_json(scenario, &ranking.headline));
    json_put(verdict, "form", json_string(forms[ranking.form]));
    json_put(verdict, "load", load_json(&ranking));
    json_put(verdict, "blocks", json_uint(ranking.blocks));
    json_put(verdict, "metrics", metrics_json(&ranking));
    json_put(verdict, "models", models_json(&ranking));
    put_ranking(verdict, &ranking);
    json_put(verdict, "reasons", reasons_json(&ranking));
    json_put(verdict, "caveats", caveat_find(&ranking));
    json_put(verdict, "trust", trust_make(&ranking));
    json_t *ahead = ahead_find(&ranking);
    if (ahead)
        json_put(verdict, "ahead", ahead);
    json_t *answer = answer_words(verdict);
    json_put(verdict, "answer", phrase_plain(answer));
    json_put(verdict, "answer_pieces", answer);
    json_t *pieces = verdict_words_sentence(verdict);
    json_auto_t *caveat = verdict_words_caveat(verdict);
    json_put(verdict, "sentence", phrase_plain(pieces));
    json_put(verdict, "pieces", pieces);
    json_put(verdict, "caveat", phrase_plain(caveat));
    ranking_done(&ranking);
    return verdict;
}
