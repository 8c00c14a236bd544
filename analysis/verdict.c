/* verdict.c: the parts of a verdict; see verdict.h. Which model is unbeaten in what is
 * decided in contest.c, how it is worded in words/. */
#include "analysis/verdict.h"

#include "analysis/caveat.h"
#include "analysis/contest.h"
#include "analysis/words/phrase.h"
#include "analysis/words/verdict_words.h"
#include "common/json.h"

#include <math.h>
#include <string.h>

/* A model without a number is never better. */
static bool is_better(const struct contest *c, enum contest_metric metric,
                      const struct contestant *one, const struct contestant *other)
{
    const double mine = one->median[metric], its = other->median[metric];
    return isnan(its) || (contest_prefers_more(c, metric) ? mine > its : mine < its);
}

static const char *baseline_of(const struct contest *c)
{
    const char *baseline = json_string_value(json_object_get(c->scenario, "baseline"));
    return baseline ? baseline : "";
}

/* The model that the subject's CPU and memory are compared with: the baseline when it
 * takes part at this concurrency, else the other model that the scenario lists first, so
 * that it does not change with the numbers. */
static const struct contestant *rival_of(const struct contest *c,
                                         const struct contestant *subject)
{
    const struct contestant *first = NULL;
    for (size_t i = 0; i < c->count; i++) {
        const struct contestant *one = &c->items[i];
        if (one == subject)
            continue;
        if (!strcmp(one->model, baseline_of(c)))
            return one;
        first = first ? first : one;
    }
    return first;
}

/* The fastest of those that tie. */
static const struct contestant *best_tied(const struct contest *c)
{
    const struct contestant *best = NULL;
    for (size_t i = 0; i < c->count; i++) {
        const struct contestant *one = &c->items[i];
        if (one->unbeaten_in_all && (!best || is_better(c, CONTEST_SPEED, one, best)))
            best = one;
    }
    return best;
}

/* Whether two that tie may yet turn out to differ. */
static bool is_open_tie(const struct contest *c)
{
    for (size_t i = 0; i < c->count; i++) {
        for (size_t j = i + 1; j < c->count; j++) {
            const struct contestant *one = &c->items[i], *other = &c->items[j];
            if (one->unbeaten_in_all && other->unbeaten_in_all &&
                (contest_ratio(c, one->model, other->model, CONTEST_SPEED).unsettled ||
                 contest_ratio(c, one->model, other->model, CONTEST_CPU).unsettled))
                return true;
        }
    }
    return false;
}

/* Whether nothing but memory sets the leader of a tie apart. */
static bool is_memory_lead(const struct contest *c)
{
    return c->memory_lead < c->count && !is_open_tie(c);
}

/* The model that the sentence tells of first, or NULL: the winner or one that ties. */
static const struct contestant *subject_of(const struct contest *c)
{
    if (c->form == CONTEST_TIE && is_memory_lead(c))
        return &c->items[c->memory_lead];
    return c->form == CONTEST_TIE || c->form == CONTEST_WINNER ? best_tied(c) : NULL;
}

static json_t *copy_of(const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    return value ? json_incref(value) : json_null();
}

static json_t *load_json(const struct contest *c)
{
    json_t *load = json_object();
    json_put(load, "concurrency", json_integer(c->concurrency));
    json_put(load, "rate_per_s",
             c->rate_per_s > 0 ? json_integer(c->rate_per_s) : json_null());
    json_put(load, "task", copy_of(c->scenario, "task"));
    json_put(load, "origin", copy_of(c->scenario, "origin"));
    json_put(load, "url",
             json_is_object(json_object_get(c->scenario, "origin"))
                 ? copy_of(json_object_get(c->results, "run"), "url")
                 : json_null());
    return load;
}

static json_t *metrics_json(const struct contest *c)
{
    json_t *metrics = json_array();
    for (enum contest_metric m = 0; m < CONTEST_METRICS; m++)
        json_push(metrics, json_string(contest_key(c, m)));
    return metrics;
}

static json_t *model_json(const struct contest *c, const struct contestant *one)
{
    json_t *model = json_object();
    json_put(model, "model", json_text(one->model));
    json_put(model, "concurrency", copy_of(one->cell, "concurrency"));
    for (enum contest_metric m = 0; m < CONTEST_METRICS; m++)
        json_put(model, contest_key(c, m), json_real_or_null(one->median[m]));
    return model;
}

static json_t *models_json(const struct contest *c)
{
    json_t *models = json_array();
    for (size_t i = 0; i < c->count; i++)
        json_push(models, model_json(c, &c->items[i]));
    if (c->guest.model)
        json_push(models, model_json(c, &c->guest));
    return models;
}

static json_t *leaders_json(const struct contest *c)
{
    json_t *leaders = json_array();
    for (size_t i = 0; i < c->count; i++) {
        if (c->items[i].unbeaten_in_all)
            json_push(leaders, json_text(c->items[i].model));
    }
    return leaders;
}

/* The models that are unbeaten in each metric; the baseline at 1 comes last. */
static json_t *unbeaten_json(const struct contest *c)
{
    json_t *unbeaten = json_object();
    for (enum contest_metric m = 0; m < CONTEST_METRICS; m++) {
        json_t *models = json_array();
        for (size_t i = 0; i < c->count; i++) {
            if (c->items[i].unbeaten[m])
                json_push(models, json_text(c->items[i].model));
        }
        if (c->guest.model && c->guest.unbeaten[m])
            json_push(models, json_text(c->guest.model));
        json_put(unbeaten, contest_key(c, m), models);
    }
    return unbeaten;
}

/* Adds a model's ratio to another, if it is known. */
static void add_ratio(json_t *ratios, const struct contest *c, const char *model,
                      const char *against, enum contest_metric metric)
{
    const struct ratio r = contest_ratio(c, model, against, metric);
    if (!r.known)
        return;
    json_t *ratio = json_object();
    json_put(ratio, "model", json_text(model));
    json_put(ratio, "against", json_text(against));
    json_put(ratio, "metric", json_string(contest_key(c, metric)));
    json_put(ratio, "quotient", json_real_or_null(r.quotient));
    json_put(ratio, "ratio", json_real_or_null(r.value));
    json_put(ratio, "low", json_real_or_null(r.low));
    json_put(ratio, "high", json_real_or_null(r.high));
    json_put(ratio, "verdict", r.verdict ? json_string(r.verdict) : json_null());
    json_push(ratios, ratio);
}

/* Those of the subject: its speed as a multiple of the baseline's, what it costs as a
 * multiple of its rival's. */
static void add_of_subject(json_t *ratios, const struct contest *c,
                           const struct contestant *subject)
{
    const struct contestant *rival = rival_of(c, subject);
    const char *against = strcmp(subject->model, baseline_of(c)) != 0 ? baseline_of(c)
                          : rival                                     ? rival->model
                                                                      : "";
    add_ratio(ratios, c, subject->model, against, CONTEST_SPEED);
    if (!rival)
        return;
    add_ratio(ratios, c, subject->model, rival->model, CONTEST_CPU);
    add_ratio(ratios, c, subject->model, rival->model, CONTEST_MEMORY);
}

/* The only contestant that is unbeaten in the metric, or NULL. */
static const struct contestant *best_of(const struct contest *c,
                                        enum contest_metric metric)
{
    const struct contestant *best = c->guest.unbeaten[metric] ? &c->guest : NULL;
    size_t count = c->guest.unbeaten[metric];
    for (size_t i = 0; i < c->count; i++) {
        if (!c->items[i].unbeaten[metric])
            continue;
        best = &c->items[i];
        count++;
    }
    return count == 1 ? best : NULL;
}

static json_t *ratios_json(const struct contest *c)
{
    json_t *ratios = json_array();
    const struct contestant *subject = subject_of(c);
    if (subject)
        add_of_subject(ratios, c, subject);
    for (enum contest_metric m = 0; c->form == CONTEST_TRADE_OFF && m < CONTEST_METRICS;
         m++) {
        const struct contestant *best = best_of(c, m);
        const struct contestant *rival = best ? rival_of(c, best) : NULL;
        if (rival)
            add_ratio(ratios, c, best->model, rival->model, m);
    }
    return ratios;
}

/* A model that ties may still be behind the baseline at 1. */
static json_t *behind_json(const struct contest *c)
{
    json_t *all = json_array();
    for (size_t i = 0; i < c->count; i++) {
        const struct contestant *one = &c->items[i];
        for (enum contest_metric m = 0; m < CONTEST_MEMORY; m++) {
            if (!one->unbeaten_in_all || !contest_is_denied(c, one, m))
                continue;
            json_t *behind = json_object();
            json_put(behind, "model", json_text(one->model));
            json_put(behind, "by", json_text(c->guest.model));
            json_put(behind, "metric", json_string(contest_key(c, m)));
            json_push(all, behind);
        }
    }
    return all;
}

/* Why no winner is named; empty when one could be. */
static json_t *reasons_json(const struct contest *c)
{
    json_t *reasons = json_deep_copy(c->reasons);
    if (c->form == CONTEST_DESCRIPTIVE && c->count == 1)
        json_push(reasons, json_pack("{s:s}", "class", "one-model"));
    if (c->form == CONTEST_DESCRIPTIVE && c->blocks < CONTEST_BLOCKS_MIN)
        json_push(reasons, json_pack("{s:s, s:o, s:i}", "class", "few-blocks", "blocks",
                                     json_uint(c->blocks), "needed", CONTEST_BLOCKS_MIN));
    return reasons;
}

/* What only a form that ranks the models has. */
static void put_ranking(json_t *verdict, const struct contest *c)
{
    const struct contestant *subject = subject_of(c);
    const bool ranks =
        c->form != CONTEST_NOT_PUBLISHABLE && c->form != CONTEST_DESCRIPTIVE;
    if (!ranks)
        return;
    json_put(verdict, "leaders", leaders_json(c));
    json_put(verdict, "unbeaten", unbeaten_json(c));
    json_put(verdict, "ratios", ratios_json(c));
    if (subject)
        json_put(verdict, "subject", json_text(subject->model));
    if (c->form != CONTEST_TIE)
        return;
    json_put(verdict, "behind", behind_json(c));
    json_put(verdict, "tie",
             json_string(is_open_tie(c)      ? "not-settled"
                         : is_memory_lead(c) ? "memory-only"
                                             : "no-difference"));
}

json_t *verdict_make(const json_t *results, const json_t *scenario)
{
    static const char *const forms[] = {[CONTEST_NOT_PUBLISHABLE] = "not-publishable",
                                        [CONTEST_DESCRIPTIVE] = "descriptive",
                                        [CONTEST_WINNER] = "winner",
                                        [CONTEST_TIE] = "tie",
                                        [CONTEST_TRADE_OFF] = "trade-off"};
    struct contest c;
    json_t *verdict = json_object();
    contest_hold(results, scenario, &c);
    json_put(verdict, "form", json_string(forms[c.form]));
    json_put(verdict, "load", load_json(&c));
    json_put(verdict, "blocks", json_uint(c.blocks));
    json_put(verdict, "metrics", metrics_json(&c));
    json_put(verdict, "models", models_json(&c));
    put_ranking(verdict, &c);
    json_put(verdict, "reasons", reasons_json(&c));
    json_put(verdict, "caveats", caveat_find(&c));
    json_t *pieces = verdict_words_sentence(verdict);
    json_auto_t *caveat = verdict_words_caveat(verdict);
    json_put(verdict, "sentence", phrase_plain(pieces));
    json_put(verdict, "pieces", pieces);
    json_put(verdict, "caveat", phrase_plain(caveat));
    contest_done(&c);
    return verdict;
}
