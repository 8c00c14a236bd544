/* tune.c: see tune.h. The words are tune_words.c's. */
#include "analysis/tune.h"

#include "analysis/judge.h"
#include "analysis/margin.h"
#include "analysis/paired.h"
#include "analysis/stats.h"
#include "analysis/words/phrase.h"
#include "analysis/words/tune_words.h"
#include "common/json.h"

#include <math.h>
#include <string.h>

#define MODELS_MAX 24

struct tune {
    const struct cells *cells;
    const struct metric *metric;
    const char *scenario;
    double within, limit; /* limit NaN: the goal is to be within */
    bool is_less_better;
};

static double value_of(const struct tune *tune, const json_t *trial)
{
    return tune->metric->of_trial(tune->metric, trial, &tune->cells->context);
}

/* The cell of a model at the number under key, or NULL. */
static const struct cell *cell_at(const struct tune *tune, const json_t *model,
                                  const char *key)
{
    const json_t *number = json_object_get(model, key);
    return json_is_integer(number)
               ? cells_find(tune->cells, tune->scenario, json_text_of(model, "model"),
                            json_integer_value(number))
               : NULL;
}

static struct stats_estimate estimate_of(const struct tune *tune, const struct cell *cell)
{
    double values[STATS_N_MAX];
    size_t n = 0;
    for (size_t i = 0; cell && i < cell->n && n < STATS_N_MAX; i++) {
        const double value = value_of(tune, cell->valid[i]);
        if (isfinite(value))
            values[n++] = value;
    }
    return stats_median_estimate(values, n);
}

static size_t pair(const struct tune *tune, const struct cell *a, const struct cell *b,
                   double out_logs[STATS_N_MAX])
{
    return paired_logs(tune->metric, &tune->cells->context, a, b, out_logs);
}

static json_t *bounded_json(const char *key, double value, double low, double high,
                            const struct stats_estimate *e)
{
    json_t *json = json_object();
    json_put(json, key, json_real_or_null(value));
    json_put(json, "low", e->is_bounded ? json_real_or_null(low) : json_null());
    json_put(json, "high", e->is_bounded ? json_real_or_null(high) : json_null());
    json_put(json, "n", json_uint(e->n));
    return json;
}

static json_t *value_json(const struct stats_estimate *e)
{
    return bounded_json("median", e->value, e->low, e->high, e);
}

static json_t *ratio_json(const struct stats_estimate *e)
{
    return bounded_json("ratio", exp(e->value), exp(e->low), exp(e->high), e);
}

/* Where an interval lies beside a line: above it, below it, or on both sides. */
static const char *side_of(const struct stats_estimate *e, double line,
                           bool is_upper_good)
{
    const bool is_above = e->is_bounded && e->low >= line;
    const bool is_below =
        e->is_bounded && (is_upper_good ? e->high < line : e->high <= line);
    const bool is_good = is_upper_good ? is_above : is_below;
    return is_good ? "within" : is_above || is_below ? "beyond" : "open";
}

/* Whether one cell is within the wanted distance of another. New; NULL without either. */
static json_t *distance_json(const struct tune *tune, const struct cell *cell,
                             const struct cell *other)
{
    double logs[STATS_N_MAX];
    if (!cell || !other || cell == other)
        return NULL;
    const struct stats_estimate e =
        stats_hodges_lehmann(logs, pair(tune, cell, other, logs));
    const double line = log1p(-tune->within);
    json_t *json = ratio_json(&e);
    json_put(json, "concurrency", json_integer(cell->concurrency));
    json_put(json, "to", json_integer(other->concurrency));
    json_put(json, "word",
             json_string(side_of(&e, tune->is_less_better ? -line : line,
                                 !tune->is_less_better)));
    return json;
}

/* Whether a cell keeps the limit. New; NULL without it. */
static json_t *keeping_json(const struct tune *tune, const struct cell *cell)
{
    if (!cell)
        return NULL;
    const struct stats_estimate e = estimate_of(tune, cell);
    json_t *json = value_json(&e);
    json_put(json, "concurrency", json_integer(cell->concurrency));
    json_put(json, "word", json_string(side_of(&e, tune->limit, false)));
    return json;
}

static void put_or_null(json_t *object, const char *key, json_t *value)
{
    json_put(object, key, value ? value : json_null());
}

/* What this run says of the model's numbers: "within", "beyond" or "open" for the chosen
 * one against the best, and for half of it. */
static void put_confirmation(const struct tune *tune, json_t *model)
{
    const struct cell *chosen = cell_at(tune, model, "chosen");
    const struct cell *best = cell_at(tune, model, "best");
    const struct cell *above = cell_at(tune, model, "above");
    const struct cell *below = cell_at(tune, model, "below");
    const struct stats_estimate e = estimate_of(tune, chosen);
    json_put(model, "value", value_json(&e));
    if (isfinite(tune->limit)) {
        put_or_null(model, "of_chosen", keeping_json(tune, chosen));
        put_or_null(model, "of_half", keeping_json(tune, below));
        return;
    }
    put_or_null(model, "of_chosen",
                distance_json(tune, chosen, best == chosen ? above : best));
    put_or_null(model, "of_half", distance_json(tune, below, best));
}

static double median_of(const struct tune *tune, const struct cell *cell,
                        const char *metric)
{
    const struct tune other = {.cells = tune->cells, .metric = metrics_find(metric)};
    return estimate_of(&other, cell).value;
}

/* The time of a request that is alone: one in flight, from the search. NaN without it. */
static double time_alone_ns(const json_t *model)
{
    const json_t *first = json_array_get(json_object_get(model, "points"), 0);
    const bool is_alone = json_number_of(first, "concurrency") < 1.5;
    return is_alone ? 1e9 / json_number_of(first, "throughput_per_s") : (double)NAN;
}

/* Little's law, N = X W: so many are in flight when each takes W, and X per second are
 * answered. Closed loop: the best rate, and the time of a request that is alone; where
 * the two meet, more in flight begin to queue. Open loop: the rate at which they arrive,
 * and the time that one takes at the chosen number. Source: Little, "A Proof for the
 * Queuing Formula L = lambda W", 1961. */
static json_t *little_json(const struct tune *tune, const json_t *model,
                           double rate_per_s)
{
    const struct cell *chosen = cell_at(tune, model, "chosen");
    const struct cell *best = cell_at(tune, model, "best");
    const bool is_open = rate_per_s > 0;
    const double rate =
        is_open ? rate_per_s : median_of(tune, best ? best : chosen, "throughput_per_s");
    const double time_ns =
        is_open ? median_of(tune, chosen, "latency_p50_ns") : time_alone_ns(model);
    const double number = rate * time_ns * 1e-9;
    if (!isfinite(number) || json_array_size(json_object_get(model, "points")) < 2)
        return json_null(); /* not known, or there is no choice */
    json_t *json = json_object();
    json_put(json, "concurrency", json_real(number));
    json_put(json, "rate_per_s", json_real(rate));
    json_put(json, "time_ns", json_real(time_ns));
    return json;
}

/* Of the models with a value that reach the goal, or else of all with a value, the best;
 * with a limit the one with the fewest workers. NULL: none has a value. */
static const json_t *leader_of(const struct tune *tune, const json_t *models)
{
    const json_t *leader = NULL;
    double most = 0;
    bool has_met = false;
    size_t i = 0;
    json_t *model = NULL;
    json_array_foreach (models, i, model) {
        const double median = json_number_of(json_object_get(model, "value"), "median");
        const bool is_met = json_is_true(json_object_get(model, "met"));
        const double height = isfinite(tune->limit) && is_met
                                  ? -json_number_of(model, "chosen")
                              : tune->is_less_better ? -median
                                                     : median;
        if (!isfinite(median) || (has_met && !is_met))
            continue;
        if (!leader || is_met > has_met || height > most) {
            most = height;
            has_met = is_met;
            leader = model;
        }
    }
    return leader;
}

/* Every other model at its number against the leader at its own, in one Holm family. */
static json_t *compare(const struct tune *tune, const json_t *models,
                       const json_t *leader, double margin)
{
    struct judged judged[MODELS_MAX];
    struct stats_estimate estimates[MODELS_MAX];
    json_t *rows = json_array(), *model = NULL;
    const struct cell *top = leader ? cell_at(tune, leader, "chosen") : NULL;
    size_t i = 0, count = 0;
    json_array_foreach (models, i, model) {
        double logs[STATS_N_MAX];
        const struct cell *cell = cell_at(tune, model, "chosen");
        const size_t n = cell && top && model != leader && count < MODELS_MAX
                             ? pair(tune, cell, top, logs)
                             : 0;
        if (n == 0)
            continue;
        estimates[count] = stats_hodges_lehmann(logs, n);
        judged[count] = (struct judged){stats_signed_rank_p(logs, n), true};
        json_t *row = ratio_json(&estimates[count++]);
        json_put(row, "model", json_text(cell->model));
        json_put(row, "concurrency", json_integer(cell->concurrency));
        json_push(rows, row);
    }
    (void)judge_correct(judged, count);
    for (i = 0; i < count; i++) {
        const struct stats_estimate *e = &estimates[i];
        const char *word = e->is_bounded
                               ? judge_word(e->low, e->high, judged[i].p, margin)
                               : "inconclusive";
        json_put(json_array_get(rows, i), "verdict", json_string(word));
    }
    return rows;
}

static void put_words(json_t *json, const json_t *headline)
{
    json_t *pieces = tune_words_answer(json, headline);
    json_put(json, "answer", phrase_plain(pieces));
    json_put(json, "answer_pieces", pieces);
    json_put(json, "notes", tune_words_notes(json));
}

json_t *tune_make(const struct cells *cells, const json_t *header, const json_t *headline)
{
    const json_t *searched = json_object_get(header, "tune");
    const char *name = json_text_of(searched, "scenario");
    const json_t *scenario =
        json_find(json_object_get(header, "scenarios"), "name", name);
    struct headline metric;
    if (!json_is_object(searched) || !scenario)
        return NULL;
    headline_of(scenario, &metric);
    struct tune tune = {.cells = cells,
                        .metric = &metric.metric,
                        .scenario = name,
                        .within = json_number_of(searched, "within_ratio"),
                        .limit = json_number_of(searched, "limit_ns"),
                        .is_less_better =
                            strcmp(json_text_of(searched, "better"), "more") != 0};
    if (strcmp(metric.metric.name, json_text_of(searched, "metric")) != 0)
        tune.metric = metrics_find(json_text_of(searched, "metric"));
    if (!tune.metric || !tune.metric->of_trial)
        return NULL;
    const double rate = json_number_of(json_object_get(scenario, "load"), "rate_per_s");
    json_t *json = json_deep_copy(searched), *model = NULL;
    const json_t *models = json_object_get(json, "models");
    size_t i = 0;
    json_put(json, "rate_per_s", json_real_or_null(rate));
    json_array_foreach (models, i, model) {
        put_confirmation(&tune, model);
        json_put(model, "little", little_json(&tune, model, rate));
    }
    const json_t *leader = leader_of(&tune, models);
    json_put(json, "leader",
             leader ? json_text(json_text_of(leader, "model")) : json_null());
    json_put(json, "comparisons",
             compare(&tune, models, leader,
                     margin_value(json_object_get(header, "run"), tune.metric->name)));
    put_words(json, headline);
    return json;
}
