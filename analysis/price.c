/* price.c: see price.h. */
#include "analysis/price.h"

#include "analysis/paired.h"
#include "analysis/words/phrase.h"
#include "analysis/words/price_words.h"
#include "common/blocks.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

double price_slope(const double *x, const double *y, size_t n)
{
    double x_mean = 0, y_mean = 0, product = 0, square = 0;
    for (size_t i = 0; i < n; i++) {
        x_mean += x[i] / (double)n;
        y_mean += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        product += (x[i] - x_mean) * (y[i] - y_mean);
        square += (x[i] - x_mean) * (x[i] - x_mean);
    }
    return square > 0 && isfinite(product) ? product / square : (double)NAN;
}

struct stats_estimate price_estimate(const double *workers, size_t points,
                                     const double *values, size_t rounds)
{
    double slopes[STATS_N_MAX];
    size_t n = 0;
    for (size_t r = 0; r < rounds && n < STATS_N_MAX; r++) {
        const double slope = price_slope(workers, values + r * points, points);
        if (isfinite(slope))
            slopes[n++] = slope;
    }
    return stats_hodges_lehmann(slopes, n);
}

/* The measured cells of one model, ascending in concurrency. */
struct sweep {
    const struct cell *cells[PRICE_POINTS_MAX];
    double workers[PRICE_POINTS_MAX];
    size_t count;
};

static struct sweep sweep_of(const struct cells *cells, const char *scenario,
                             const char *model)
{
    struct sweep sweep = {.count = 0};
    for (size_t i = 0; i < cells->count && sweep.count < PRICE_POINTS_MAX; i++) {
        const struct cell *c = &cells->items[i];
        if (c->is_control || c->n == 0 || strcmp(c->scenario, scenario) != 0 ||
            strcmp(c->model, model) != 0)
            continue;
        sweep.cells[sweep.count] = c;
        sweep.workers[sweep.count++] = (double)c->concurrency;
    }
    return sweep;
}

/* One value of each trial that counts, in the row of its block. */
static struct stats_estimate by_block(const struct sweep *sweep,
                                      const struct metric *metric,
                                      const struct metric_context *context)
{
    const size_t count = BLOCKS_MAX * sweep->count;
    AUTO_FREE double *values = memory_calloc(count + 1, sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = (double)NAN;
    for (size_t c = 0; c < sweep->count; c++) {
        const struct cell *cell = sweep->cells[c];
        for (size_t t = 0; t < cell->n; t++) {
            const json_int_t block = paired_block(cell->valid[t]);
            if (block >= 0 && block < BLOCKS_MAX)
                values[(size_t)block * sweep->count + c] =
                    metric->of_trial(metric, cell->valid[t], context);
        }
    }
    return price_estimate(sweep->workers, sweep->count, values, BLOCKS_MAX);
}

/* The memory passes of all cells, the first of each together, the second, ... A cell
 * whose memory came from another source does not belong to the line. */
static struct stats_estimate by_pass(const struct sweep *sweep)
{
    double values[CELLS_PASSES_MAX * PRICE_POINTS_MAX];
    for (size_t p = 0; p < CELLS_PASSES_MAX; p++) {
        for (size_t c = 0; c < sweep->count; c++) {
            const struct cell *cell = sweep->cells[c];
            const char *source = cell->memory_source ? cell->memory_source : "";
            const char *first = sweep->cells[0]->memory_source;
            values[p * sweep->count + c] =
                p < cell->pass_count && !strcmp(source, first ? first : "")
                    ? cell->passes[p]
                    : (double)NAN;
        }
    }
    return price_estimate(sweep->workers, sweep->count, values, CELLS_PASSES_MAX);
}

struct stats_estimate price_further(const struct cells *cells, const struct cell *cell)
{
    const struct sweep sweep = sweep_of(cells, cell->scenario, cell->model);
    return cell->is_control || sweep.count < 2
               ? (struct stats_estimate){.value = (double)NAN}
               : by_pass(&sweep);
}

static json_t *reason_of(const struct stats_estimate *e, const struct sweep *sweep,
                         bool is_memory)
{
    char text[160];
    if (e->is_bounded)
        return json_null();
    if (sweep->count < 2)
        (void)snprintf(text, sizeof text,
                       "a price takes two numbers of workers, measured was %zu",
                       sweep->count);
    else if (e->n == 0)
        (void)snprintf(text, sizeof text, "no %s has a value of every cell",
                       is_memory ? "memory pass" : "block");
    else
        (void)snprintf(text, sizeof text,
                       "%zu %s; an exact 95 %% interval needs at least 6", e->n,
                       is_memory   ? e->n == 1 ? "memory pass" : "memory passes"
                       : e->n == 1 ? "block"
                                   : "blocks");
    return json_string(text);
}

static json_t *model_json(const struct sweep *sweep, const char *model,
                          const struct metric *metric,
                          const struct metric_context *context)
{
    const bool is_memory = metric->flags & METRIC_ONCE;
    struct stats_estimate e = {.value = (double)NAN};
    if (sweep->count > 1)
        e = is_memory ? by_pass(sweep) : by_block(sweep, metric, context);
    json_t *json = json_object();
    json_put(json, "model", json_string(model));
    json_put(json, "points", json_uint(sweep->count));
    json_put(json, "from",
             sweep->count ? json_integer(sweep->cells[0]->concurrency) : json_null());
    json_put(json, "to",
             sweep->count ? json_integer(sweep->cells[sweep->count - 1]->concurrency)
                          : json_null());
    json_put(json, "value", json_real_or_null(e.n ? e.value : (double)NAN));
    json_put(json, "low", e.is_bounded ? json_real_or_null(e.low) : json_null());
    json_put(json, "high", e.is_bounded ? json_real_or_null(e.high) : json_null());
    json_put(json, "coverage",
             e.is_bounded ? json_real_or_null(e.coverage) : json_null());
    json_put(json, "n", json_uint(e.n));
    json_put(json, "reason", reason_of(&e, sweep, is_memory));
    return json;
}

/* How many numbers of workers the plan has for the model. */
static size_t planned(const struct cells *cells, const char *scenario, const char *model)
{
    size_t count = 0;
    for (size_t i = 0; i < cells->count; i++) {
        const struct cell *c = &cells->items[i];
        count +=
            !c->is_control && !strcmp(c->scenario, scenario) && !strcmp(c->model, model);
    }
    return count;
}

/* One metric of all models that the plan sweeps; NULL where none has a value. */
static json_t *metric_json(const struct cells *cells, const json_t *scenario,
                           const char *key)
{
    const struct metric *metric = metrics_find(key);
    const char *name = json_text_of(scenario, "name");
    json_t *price = json_object(), *models = json_array(), *model = NULL;
    size_t i = 0;
    json_put(price, "metric", json_string(key));
    json_array_foreach (json_object_get(scenario, "models"), i, model) {
        const char *text = json_is_string(model) ? json_string_value(model) : "";
        const struct sweep sweep = sweep_of(cells, name, text);
        if (planned(cells, name, text) > 1)
            json_push(models, model_json(&sweep, text, metric, &cells->context));
    }
    json_put(price, "models", models);
    json_t *pieces = price_words(price);
    if (!pieces) {
        json_decref(price);
        return NULL;
    }
    json_put(price, "text", phrase_plain(pieces));
    json_put(price, "pieces", pieces);
    return price;
}

/* Where each worker makes as many requests whatever their number, its price in CPU is
 * with its requests; else only what it takes to make and end it is. */
static const char *cpu_metric(const struct cells *cells, const char *scenario)
{
    const struct cell *first = NULL;
    for (size_t i = 0; i < cells->count; i++) {
        const struct cell *c = &cells->items[i];
        if (strcmp(c->scenario, scenario) != 0 || planned(cells, scenario, c->model) < 2)
            continue;
        first = first ? first : c;
        if (c->requests * first->concurrency != first->requests * c->concurrency)
            return "cpu_startup_ns";
    }
    return "cpu_total_ns";
}

json_t *price_make(const struct cells *cells, const json_t *scenario)
{
    const char *const keys[] = {"tree_memory_bytes",
                                cpu_metric(cells, json_text_of(scenario, "name"))};
    json_t *prices = json_array();
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        json_t *price = metric_json(cells, scenario, keys[i]);
        if (price)
            json_push(prices, price);
    }
    if (json_array_size(prices) > 0)
        return prices;
    json_decref(prices);
    return NULL;
}
