/* load_index.c: see load_index.h. */
#include "report/data/load_index.h"

#include "common/json.h"
#include "common/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_number(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int by_model(const void *a, const void *b)
{
    const struct cell *x = *(struct cell *const *)a, *y = *(struct cell *const *)b;
    int order = strcmp(x->model, y->model);
    order = order ? order : by_number(x->concurrency, y->concurrency);
    return order ? order : (x > y) - (x < y); /* as in the document */
}

static int by_pair(const void *a, const void *b)
{
    const struct comparison *x = *(struct comparison *const *)a,
                            *y = *(struct comparison *const *)b;
    int order = strcmp(x->scenario, y->scenario);
    order = order ? order : strcmp(x->metric, y->metric);
    order = order ? order : strcmp(x->model, y->model);
    order = order ? order : strcmp(x->baseline, y->baseline);
    order = order ? order : by_number(x->concurrency, y->concurrency);
    return order;
}

/* The first of the scenario's cells by model that belongs to this model, or their count.
 */
static size_t first_of(const struct scenario *s, const char *model, uint64_t concurrency)
{
    size_t low = 0, high = s->cell_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct cell *cell = s->by_model[middle];
        int order = strcmp(cell->model, model);
        order = order ? order : by_number(cell->concurrency, concurrency);
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_of(const struct scenario *s, size_t at, const char *model)
{
    return at < s->cell_count && !strcmp(s->by_model[at]->model, model);
}

/* Finds the cells that are drawn across: a model's only cell where others have more, and
 * that of sequential at one in flight. */
static void find_levels(struct scenario *s)
{
    size_t most = 0;
    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t i = 0, end = 0; i < s->cell_count; i = end) {
            const char *model = s->by_model[i]->model;
            for (end = i; is_of(s, end, model);)
                end++;
            most = end - i > most ? end - i : most;
            bool is_sequential = !strcmp(model, "sequential") && s->model_count > 1;
            for (size_t k = i; pass == 1 && k < end; k++)
                s->by_model[k]->is_level =
                    (most > 1 && end - i == 1) ||
                    (is_sequential && s->by_model[k]->concurrency == 1);
        }
    }
}

static int by_value(const void *a, const void *b)
{
    return by_number(*(const uint64_t *)a, *(const uint64_t *)b);
}

/* Counts the distinct concurrencies of the cells that are not drawn across, and finds the
 * largest of all. */
static void find_range(struct scenario *s)
{
    uint64_t *values = memory_calloc(s->cell_count + 1, sizeof *values);
    size_t count = 0;
    for (size_t i = 0; i < s->cell_count; i++) {
        const struct cell *cell = &s->cells[i];
        if (!cell->is_level)
            values[count++] = cell->concurrency;
        if (cell->concurrency > s->concurrency_max)
            s->concurrency_max = cell->concurrency;
    }
    qsort(values, count, sizeof *values, by_value);
    for (size_t i = 0; i < count; i++)
        s->concurrency_count += i == 0 || values[i] != values[i - 1];
    free(values);
}

static const struct scenario *scenario_of(const struct results *r, const char *name)
{
    for (size_t i = 0; i < r->scenario_count; i++)
        if (!strcmp(r->scenarios[i].name, name))
            return &r->scenarios[i];
    return NULL;
}

/* The median that the page shows for a metric; NaN if it shows none. */
static double median_of(const struct cell *cell, const char *key)
{
    for (size_t i = 0; cell && i < METRIC_COUNT; i++)
        if (!strcmp(metric_specs[i].key, key))
            return cell->metrics[i].median;
    return (double)NAN;
}

/* Fills in the quotient from the two medians, which older files without `quotient` have.
 */
static void fill_quotient(const struct results *r, struct comparison *c)
{
    const struct scenario *s = scenario_of(r, c->scenario);
    if (!s || isfinite(c->quotient) || !isfinite(c->ratio))
        return;
    double top = median_of(load_cell(s, c->model, c->concurrency), c->metric);
    double bottom =
        median_of(load_cell(s, c->baseline, c->baseline_concurrency), c->metric);
    c->quotient = bottom > 0 ? top / bottom : (double)NAN;
}

void load_index(struct results *r)
{
    for (size_t i = 0; i < r->scenario_count; i++) {
        struct scenario *s = &r->scenarios[i];
        s->by_model = memory_calloc(s->cell_count + 1, sizeof(struct cell *));
        for (size_t k = 0; k < s->cell_count; k++)
            s->by_model[k] = &s->cells[k];
        qsort(s->by_model, s->cell_count, sizeof(struct cell *), by_model);
        find_levels(s);
        find_range(s);
    }
    r->by_pair = memory_calloc(r->comparison_count + 1, sizeof(struct comparison *));
    for (size_t i = 0; i < r->comparison_count; i++) {
        r->by_pair[i] = &r->comparisons[i];
        fill_quotient(r, &r->comparisons[i]);
    }
    qsort(r->by_pair, r->comparison_count, sizeof(struct comparison *), by_pair);
}

void load_index_done(struct results *r)
{
    for (size_t i = 0; i < r->scenario_count; i++)
        free(r->scenarios[i].by_model);
    free(r->by_pair);
}

struct factor load_factor(const struct comparison *c)
{
    return (struct factor){c->quotient, c->ratio, c->low, c->high};
}

const struct cell *load_cell(const struct scenario *scenario, const char *model,
                             uint64_t concurrency)
{
    size_t at = first_of(scenario, model, concurrency);
    if (is_of(scenario, at, model) && scenario->by_model[at]->concurrency == concurrency)
        return scenario->by_model[at];
    at = first_of(scenario, model, 0); /* a level cell is the first of its model */
    bool is_level = is_of(scenario, at, model) && scenario->by_model[at]->is_level;
    return is_level ? scenario->by_model[at] : NULL;
}

const struct comparison *load_comparison(const struct results *results,
                                         const struct scenario *scenario,
                                         const struct cell *cell, enum metric_id metric)
{
    struct comparison wanted = {.scenario = scenario->name,
                                .metric = load_spec(scenario, metric)->key,
                                .model = cell->model,
                                .baseline = scenario->baseline,
                                .concurrency = cell->concurrency};
    struct comparison *key = &wanted, **found = NULL;
    if (results->comparison_count > 0)
        found = bsearch(&key, results->by_pair, results->comparison_count,
                        sizeof(struct comparison *), by_pair);
    return found ? *found : NULL;
}

const struct metric_spec *load_spec(const struct scenario *scenario, enum metric_id id)
{
    return id == METRIC_HEADLINE || id == scenario->headline.metric
               ? &scenario->headline.spec
               : &metric_specs[id];
}

enum metric_id load_metric(const struct scenario *scenario, const char *key)
{
    enum metric_id id = 0;
    if (!strcmp(key, scenario->headline.spec.key))
        return scenario->headline.metric;
    while (id < METRIC_HEADLINE && strcmp(metric_specs[id].key, key) != 0)
        id++;
    return id;
}

struct text load_name(const struct scenario *scenario, enum metric_id id)
{
    static const char request[] = "request";
    const char *name = load_spec(scenario, id)->name, *noun = scenario->headline.noun;
    const char *at = id == scenario->headline.metric ? NULL : strstr(name, request);
    const char *end = at ? at + sizeof request - 1 : "";
    const bool is_many = *end == 's';
    struct text out;
    (void)snprintf(out.s, sizeof out.s, "%.*s%.30s%.20s", at ? (int)(at - name) : 60,
                   name, at ? format_plural(noun, is_many).s : "", end + is_many);
    return out;
}

const json_t *load_tune(const struct results *results, const struct scenario *scenario)
{
    const json_t *tune = json_object_get(results->json, "tune");
    return !strcmp(json_text_of(tune, "scenario"), scenario->name) ? tune : NULL;
}
