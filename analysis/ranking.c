/* ranking.c: the rule of verdict.h as set logic; see ranking.h. */
#include "analysis/ranking.h"

#include "analysis/metrics.h"
#include "analysis/obstacles.h"
#include "common/json.h"

#include <math.h>
#include <string.h>

#define MEMORY_TOLERANCE 1.10 /* measured once: up to this is not called a difference */
#define ROUNDING         1e-9 /* of a ratio that was stored */

const char *ranking_key(const struct ranking *ranking, size_t metric)
{
    return ranking->metrics[metric]->name;
}

bool ranking_prefers_more(const struct ranking *ranking, size_t metric)
{
    return ranking->metrics[metric]->flags & METRIC_MORE;
}

bool ranking_is_once(const struct ranking *ranking, size_t metric)
{
    return ranking->metrics[metric]->flags & METRIC_ONCE;
}

static json_int_t int_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static const json_t *row_of(const struct ranking *ranking, const char *model,
                            const char *other, const char *metric)
{
    size_t i = 0;
    json_t *row = NULL;
    json_array_foreach (json_object_get(ranking->results, "comparisons"), i, row) {
        if (int_of(row, "concurrency") == ranking->concurrency &&
            !strcmp(json_text_of(row, "metric"), metric) &&
            !strcmp(json_text_of(row, "model"), model) &&
            !strcmp(json_text_of(row, "baseline"), other) &&
            !strcmp(json_text_of(row, "scenario"),
                    json_text_of(ranking->scenario, "name")))
            return row;
    }
    return NULL;
}

struct ratio ranking_ratio(const struct ranking *ranking, const char *model,
                           const char *other, size_t metric)
{
    const json_t *row = row_of(ranking, model, other, ranking_key(ranking, metric));
    const json_t *inverse =
        row ? NULL : row_of(ranking, other, model, ranking_key(ranking, metric));
    const json_t *from = row ? row : inverse;
    struct ratio r = {.quotient = json_number_of(from, "quotient"),
                      .value = json_number_of(from, "ratio"),
                      .low = json_number_of(from, "low"),
                      .high = json_number_of(from, "high")};
    if (inverse) {
        double low = 1 / r.high;
        r.quotient = 1 / r.quotient;
        r.value = 1 / r.value;
        r.high = 1 / r.low;
        r.low = low;
    }
    r.is_known = isfinite(r.value);
    r.verdict = json_text_or_null(from, "verdict");
    r.is_unsettled = r.verdict && !strcmp(r.verdict, "inconclusive");
    return r;
}

static bool is_different(const json_t *row)
{
    return !strcmp(json_text_of(row, "verdict"), "different");
}

bool ranking_is_beaten(const struct ranking *ranking, const char *model,
                       const char *other, size_t metric)
{
    struct ratio r = ranking_ratio(ranking, model, other, metric);
    if (!r.is_known)
        return false;
    if (ranking_is_once(ranking, metric))
        return r.value > MEMORY_TOLERANCE * (1 + ROUNDING);
    const json_t *row = row_of(ranking, model, other, ranking_key(ranking, metric));
    if (!row)
        row = row_of(ranking, other, model, ranking_key(ranking, metric));
    if (!is_different(row))
        return false;
    return ranking_prefers_more(ranking, metric) ? r.value < 1 : r.value > 1;
}

bool ranking_is_denied(const struct ranking *ranking, const struct candidate *one,
                       size_t metric)
{
    return ranking->lone_baseline.model && !ranking_is_once(ranking, metric) &&
           ranking_is_beaten(ranking, one->model, ranking->lone_baseline.model, metric);
}

/* Whether any other model at this concurrency beats it. */
static bool has_better(const struct ranking *ranking, const struct candidate *one,
                       size_t metric)
{
    for (size_t i = 0; i < ranking->count; i++) {
        if (&ranking->items[i] != one &&
            ranking_is_beaten(ranking, one->model, ranking->items[i].model, metric))
            return true;
    }
    return false;
}

static void find_unbeaten(struct ranking *ranking)
{
    for (size_t i = 0; i < ranking->count; i++) {
        struct candidate *one = &ranking->items[i];
        one->is_unbeaten_in_all = true;
        for (size_t m = 0; m < RANKING_METRICS; m++) {
            one->is_unbeaten[m] =
                !has_better(ranking, one, m) && !ranking_is_denied(ranking, one, m);
            one->is_unbeaten_in_all = one->is_unbeaten_in_all && one->is_unbeaten[m];
        }
        ranking->unbeaten += one->is_unbeaten_in_all;
    }
    for (size_t m = 0; ranking->lone_baseline.model && m < RANKING_METRICS; m++)
        ranking->lone_baseline.is_unbeaten[m] =
            !ranking_is_once(ranking, m) &&
            !has_better(ranking, &ranking->lone_baseline, m);
}

/* Whether it is beaten in one of the metrics that are, or are not, measured once. */
static bool is_beaten_in_any(const struct ranking *ranking, const char *model,
                             const char *other, bool is_once)
{
    bool is_beaten = false;
    for (size_t m = 0; m < RANKING_METRICS && !is_beaten; m++)
        is_beaten = ranking_is_once(ranking, m) == is_once &&
                    ranking_is_beaten(ranking, model, other, m);
    return is_beaten;
}

/* A winner is `different` from every other in time or CPU. Memory, measured once, has
 * no such word: a model that leads in memory alone has equals. */
static void find_equals(struct ranking *ranking)
{
    size_t best_at = 0, equals = 0;
    bool leads = false; /* in memory, before one of its equals */
    ranking->memory_lead = ranking->count;
    if (ranking->unbeaten != 1)
        return;
    while (!ranking->items[best_at].is_unbeaten_in_all)
        best_at++;
    for (size_t i = 0; i < ranking->count; i++) {
        struct candidate *one = &ranking->items[i];
        const char *best = ranking->items[best_at].model;
        if (i == best_at || is_beaten_in_any(ranking, one->model, best, false))
            continue;
        one->is_unbeaten_in_all = true;
        leads = leads || is_beaten_in_any(ranking, one->model, best, true);
        equals++;
    }
    ranking->unbeaten += equals;
    ranking->memory_lead = leads ? best_at : ranking->count;
}

static struct candidate candidate_of(const struct ranking *ranking, const json_t *cell)
{
    const json_t *summary = json_object_get(cell, "summary");
    struct candidate one = {.cell = cell, .model = json_text_of(cell, "model")};
    for (size_t m = 0; m < RANKING_METRICS; m++)
        one.median[m] =
            json_number_of(json_object_get(summary, ranking_key(ranking, m)), "median");
    one.headline =
        json_number_of(json_object_get(summary, ranking->headline.metric.name), "median");
    return one;
}

static void add_candidate(struct ranking *ranking, const json_t *cell)
{
    const json_t *summary = json_object_get(cell, "summary");
    if (!json_is_object(summary) || ranking->count == RANKING_MODELS_MAX)
        return;
    ranking->items[ranking->count++] = candidate_of(ranking, cell);
    double n = json_number_of(json_object_get(summary, "throughput_per_s"), "n");
    size_t blocks = isfinite(n) && n > 0 ? (size_t)n : 0;
    ranking->blocks =
        ranking->count == 1 || blocks < ranking->blocks ? blocks : ranking->blocks;
}

static bool is_of(const struct ranking *ranking, const json_t *cell,
                  json_int_t concurrency)
{
    return int_of(cell, "concurrency") == concurrency &&
           !strcmp(json_text_of(cell, "scenario"),
                   json_text_of(ranking->scenario, "name")) &&
           strcmp(json_text_of(cell, "model"), "null") != 0;
}

/* A baseline without a cell at this concurrency, such as sequential, is compared by its
 * cell at 1 (comparisons.c). */
static void add_lone_baseline(struct ranking *ranking)
{
    const char *baseline = json_text_of(ranking->scenario, "baseline");
    const json_t *alone = NULL;
    bool takes_part = false;
    size_t i = 0;
    json_t *cell = NULL;
    json_array_foreach (json_object_get(ranking->results, "cells"), i, cell) {
        if (strcmp(json_text_of(cell, "model"), baseline) != 0)
            continue;
        takes_part = takes_part || is_of(ranking, cell, ranking->concurrency);
        alone = is_of(ranking, cell, 1) ? cell : alone;
    }
    if (!takes_part && json_is_object(json_object_get(alone, "summary")))
        ranking->lone_baseline = candidate_of(ranking, alone);
}

static enum ranking_form form_of(const struct ranking *ranking)
{
    if (json_array_size(ranking->reasons) > 0)
        return RANKING_NOT_PUBLISHABLE;
    if (ranking->blocks < RANKING_BLOCKS_MIN || ranking->count == 1)
        return RANKING_DESCRIPTIVE;
    if (ranking->unbeaten == 1)
        return RANKING_WINNER;
    return ranking->unbeaten > 1 ? RANKING_TIE : RANKING_TRADE_OFF;
}

void ranking_make(const json_t *results, const json_t *scenario,
                  struct ranking *out_ranking)
{
    const json_t *load = json_object_get(scenario, "load");
    struct ranking *ranking = out_ranking;
    const json_t *steps = json_object_get(load, "concurrency");
    *ranking = (struct ranking){.results = results, .scenario = scenario};
    ranking->rate_per_s = json_integer_value(json_object_get(load, "rate_per_s"));
    headline_of(scenario, &ranking->headline);
    headline_deciding(&ranking->headline, ranking->rate_per_s > 0, ranking->metrics);
    size_t last = json_array_size(steps), i = 0;
    json_t *cell = NULL;
    ranking->concurrency = last ? json_integer_value(json_array_get(steps, last - 1)) : 0;
    json_array_foreach (json_object_get(results, "cells"), i, cell) {
        if (is_of(ranking, cell, ranking->concurrency))
            add_candidate(ranking, cell);
    }
    add_lone_baseline(ranking);
    find_unbeaten(ranking);
    find_equals(ranking);
    ranking->reasons = obstacles_find(ranking);
    ranking->form = form_of(ranking);
}

void ranking_done(struct ranking *ranking)
{
    json_decref(ranking->reasons);
    ranking->reasons = NULL;
}
