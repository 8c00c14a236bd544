/* comparisons.c: paired log ratios, Holm over each family, verdict words; see
 * comparisons.h.
 *
 * d_i = ln(model_i) - ln(baseline_i) in block i. A difference, unlike the logarithm of a
 * quotient, changes nothing but its sign when the two change places. What the machine did
 * to a block it did to both, so only what belongs to the models remains. A family, over
 * which Holm's correction runs, is the models compared with one baseline at one
 * concurrency: by the metrics that rank them together, and by each other metric. */
#include "analysis/comparisons.h"

#include "analysis/cell_memory.h"
#include "analysis/looks.h"
#include "analysis/paired.h"
#include "analysis/stats.h"
#include "analysis/summary.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAMILY_MAX 64

/* One side of every ratio made at this place. */
struct side {
    const char *scenario;
    json_int_t concurrency;
    const struct metric *metric;
    const struct cell *baseline;
    const struct metric_context *context;
    double margin, level;
    bool has_looks;
};

/* Over which Holm's correction runs. */
struct family {
    struct paired members[FAMILY_MAX * HEADLINE_METRICS];
    size_t count;
};

static void estimate(const struct side *f, const struct cell *model,
                     struct paired *member)
{
    double logs[STATS_N_MAX];
    member->judged.p = 1;
    if (!(f->metric->flags & METRIC_ONCE)) {
        size_t n = paired_logs(f->metric, f->context, model, f->baseline, logs);
        member->log_ratio = stats_hodges_lehmann_at(logs, n, f->level);
        member->judged = (struct judged){stats_signed_rank_p(logs, n), n > 0};
        member->sd = stats_sd(logs, n);
        return;
    }
    member->is_once = true;
    member->is_mixed =
        strcmp(model->memory_source ? model->memory_source : "",
               f->baseline->memory_source ? f->baseline->memory_source : "");
    double ratio = member->is_mixed ? (double)NAN
                                    : log(cell_memory_value(model, f->metric)) -
                                          log(cell_memory_value(f->baseline, f->metric));
    member->log_ratio = (struct stats_estimate){.value = ratio, .n = isfinite(ratio)};
    member->judged.is_known = isfinite(ratio);
}

/* The quotient of the two numbers that are shown, as a reader would form it; NaN:
 * unknown. */
static double quotient_of(const struct cell *model, const struct cell *baseline,
                          const char *metric)
{
    const double top =
        summary_value(json_object_get(model->json, "summary"), metric, NULL);
    const double bottom =
        summary_value(json_object_get(baseline->json, "summary"), metric, NULL);
    return bottom > 0 ? top / bottom : (double)NAN;
}

/* The row of a comparison with a model, without its verdict. New. */
static json_t *row_json(const struct side *f, const struct cell *model,
                        const struct stats_estimate *e)
{
    const double quotient = quotient_of(model, f->baseline, f->metric->name);
    json_t *row = json_object();
    json_put(row, "metric", json_string(f->metric->name));
    json_put(row, "quotient", e->n ? json_real_or_null(quotient) : json_null());
    json_put(row, "ratio", e->n ? json_real_or_null(exp(e->value)) : json_null());
    json_put(row, "low", e->is_bounded ? json_real_or_null(exp(e->low)) : json_null());
    json_put(row, "high", e->is_bounded ? json_real_or_null(exp(e->high)) : json_null());
    json_put(row, "coverage",
             e->is_bounded ? json_real_or_null(e->coverage) : json_null());
    json_put(row, "n", json_uint(e->n));
    return row;
}

static struct paired *add_member(const struct side *f, const struct cell *model,
                                 struct paired *member, json_t *list)
{
    *member = (struct paired){
        .margin = f->margin, .level = f->level, .has_looks = f->has_looks};
    estimate(f, model, member);
    member->json = row_json(f, model, &member->log_ratio);
    json_push(list, member->json);
    return member;
}

static void add_model(const struct side *f, const struct cell *model,
                      struct family *family, json_t *list)
{
    if (family->count == COUNT_OF(family->members))
        return; /* more models than a scenario may list */
    json_t *row = add_member(f, model, &family->members[family->count++], list)->json;
    json_put(row, "scenario", json_string(f->scenario));
    json_put(row, "concurrency", json_integer(f->concurrency));
    json_put(row, "model", json_string(model->model));
    json_put(row, "baseline", json_string(f->baseline->model));
    json_put(row, "baseline_concurrency", json_integer(f->baseline->concurrency));
}

struct candidates {
    const struct cell *cells[FAMILY_MAX];
    size_t count;
};

/* The place of comparisons, and how they are judged. */
struct place {
    const struct cells *cells;
    const json_t *run;
    json_int_t concurrency;
    double level;
    bool has_looks;
    struct candidates models;
};

/* Whether the metric is compared in the cell's kind of loop. */
static bool is_compared(const struct metric *metric, const struct cell *cell)
{
    return (metric->flags & METRIC_COMPARED) &&
           (!(metric->flags & METRIC_OPEN_LOOP) ||
            (cell->n > 0 && metrics_is_open_loop(cell->valid[0])));
}

/* A new metric is judged as the one that it is made of, since both are equally noisy. */
static double margin_of(const json_t *run, const struct metric *metric)
{
    const char *name = metric->base ? metric->base->name : metric->name;
    return fmax(margin_value(run, name), metric->resolution);
}

/* Compares the models from index `from` on with the baseline by one metric. */
static void compare_by(const struct place *place, const struct metric *metric,
                       const struct cell *baseline, size_t from, struct family *family,
                       json_t *list)
{
    const struct candidates *models = &place->models;
    const struct side f = {.scenario = baseline->scenario,
                           .concurrency = place->concurrency,
                           .metric = metric,
                           .baseline = baseline,
                           .context = &place->cells->context,
                           .margin = margin_of(place->run, metric),
                           .level = place->level,
                           .has_looks = place->has_looks};
    for (size_t m = from; m < models->count; m++) {
        if (!(metric->flags & METRIC_PER_TRIAL) ||
            models->cells[m]->requests == baseline->requests)
            add_model(&f, models->cells[m], family, list);
    }
}

/* Whether the models are ranked by the metric, and by words of chance: memory, measured
 * once, has none. */
static bool is_deciding(const struct metric *metric, const struct cell *baseline)
{
    const struct metric *deciding[HEADLINE_METRICS];
    const bool is_open = baseline->n > 0 && metrics_is_open_loop(baseline->valid[0]);
    bool is_one = false;
    headline_deciding(baseline->headline, is_open, deciding);
    for (size_t i = 0; i < HEADLINE_METRICS; i++)
        is_one = is_one || !strcmp(deciding[i]->name, metric->name);
    return is_one && !(metric->flags & METRIC_ONCE);
}

/* The same by every metric, and by the one that answers the scenario's question. Those
 * that rank the models are one family, each of the others is its own. */
static void compare_with(const struct place *place, const struct cell *baseline,
                         size_t from, json_t *list)
{
    const struct metric *headline = &baseline->headline->metric;
    const bool is_extra = headline->base || !(headline->flags & METRIC_COMPARED);
    struct family deciding = {.count = 0};
    for (size_t i = 0; i < metrics_count + is_extra; i++) {
        const struct metric *metric = i < metrics_count ? &metrics_table[i] : headline;
        struct family own = {.count = 0};
        if (i < metrics_count && !is_compared(metric, baseline))
            continue;
        compare_by(place, metric, baseline, from,
                   is_deciding(metric, baseline) ? &deciding : &own, list);
        paired_judge(own.members, own.count);
    }
    paired_judge(deciding.members, deciding.count);
}

/* Everything that is compared at one concurrency of one scenario. */
static void compare_at(struct place *place, const char *scenario,
                       const char *baseline_name, json_t *list)
{
    const struct cells *cells = place->cells;
    const struct cell *baseline =
        cells_find(cells, scenario, baseline_name, place->concurrency);
    if (!baseline) /* one after the other: its only cell is the one at 1 */
        baseline = cells_find(cells, scenario, baseline_name, 1);
    struct candidates *models = &place->models;
    models->count = 0;
    for (size_t i = 0; i < cells->count && models->count < FAMILY_MAX; i++) {
        const struct cell *c = &cells->items[i];
        if (c != baseline && !c->is_control && c->concurrency == place->concurrency &&
            !strcmp(c->scenario, scenario))
            models->cells[models->count++] = c;
    }
    if (baseline)
        compare_with(place, baseline, 0, list);
    for (size_t i = 0; i + 1 < models->count; i++)
        compare_with(place, models->cells[i], i + 1, list);
}

size_t comparisons_blocks(const struct cells *cells, const char *scenario)
{
    json_int_t blocks = 0;
    for (size_t i = 0; i < cells->count; i++) {
        const struct cell *cell = &cells->items[i];
        const json_t *trials = json_object_get(cell->json, "trials"), *trial = NULL;
        size_t t = 0;
        if (strcmp(cell->scenario, scenario) != 0)
            continue;
        json_array_foreach (trials, t, trial)
            blocks = paired_block(trial) >= blocks ? paired_block(trial) + 1 : blocks;
    }
    return (size_t)blocks;
}

/* How sure the run is of what it says about the scenario. */
static double level_of(const struct cells *cells, const char *scenario, bool has_looks)
{
    return has_looks ? looks_level(comparisons_blocks(cells, scenario)) : STATS_LEVEL;
}

json_t *comparisons_make(const struct cells *cells, const json_t *scenarios,
                         const json_t *run)
{
    json_t *list = json_array(), *scenario = NULL, *at = NULL;
    const bool has_looks = json_is_string(json_object_get(run, "until"));
    size_t s = 0, c = 0;
    json_array_foreach (scenarios, s, scenario) {
        const char *name = json_string_value(json_object_get(scenario, "name"));
        const char *baseline = json_string_value(json_object_get(scenario, "baseline"));
        const json_t *steps =
            json_object_get(json_object_get(scenario, "load"), "concurrency");
        const char *failures = json_string_value(json_object_get(scenario, "failures"));
        if (!name || !baseline || (failures && !strcmp(failures, "counted")))
            continue; /* cells with errors are not ranked */
        struct place place = {.cells = cells, .run = run, .has_looks = has_looks};
        place.level = level_of(cells, name, has_looks);
        json_array_foreach (steps, c, at) {
            place.concurrency = json_integer_value(at);
            compare_at(&place, name, baseline, list);
        }
    }
    return list;
}

/* One control's rows by every metric; returns how many. */
static size_t compare_control(const struct cells *cells, const struct cell *control,
                              const json_t *run, struct paired *out_members)
{
    const struct cell *same =
        cells_find(cells, control->scenario, control->model, control->concurrency);
    const bool has_looks = json_is_string(json_object_get(run, "until"));
    json_t *list = json_array();
    size_t count = 0;
    for (size_t i = 0; same && i < metrics_count; i++) {
        const struct metric *metric = &metrics_table[i];
        const struct side f = {.metric = metric,
                               .baseline = same,
                               .context = &cells->context,
                               .margin = margin_value(run, metric->name),
                               .level = level_of(cells, control->scenario, has_looks),
                               .has_looks = has_looks};
        if ((metric->flags & METRIC_ONCE) || !is_compared(metric, same))
            continue;
        const struct paired *one = add_member(&f, control, &out_members[count++], list);
        json_put(one->json, "log_ratio_sd", json_real_or_null(one->sd));
    }
    json_put(control->json, "comparisons", list);
    return count;
}

void comparisons_put_controls(const struct cells *cells, const json_t *run)
{
    size_t count = 0, most = json_array_size(cells->controls) * metrics_count + 1;
    AUTO_FREE struct paired *members = memory_calloc(most, sizeof *members);
    for (size_t i = 0; i < cells->count; i++) {
        if (cells->items[i].is_control)
            count += compare_control(cells, &cells->items[i], run, members + count);
    }
    paired_judge(members, count);
}
