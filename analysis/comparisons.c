/* comparisons.c: paired log ratios, Holm over each family, verdict words; see
 * comparisons.h.
 *
 * d_i = ln(model_i) - ln(baseline_i) in block i. A difference, unlike the logarithm of a
 * quotient, changes nothing but its sign when the two change places. What the machine did
 * to a block it did to both, so only what belongs to the models remains. A family, over
 * which Holm's correction runs, is the models compared with one baseline at one
 * concurrency by one metric. */
#include "analysis/comparisons.h"

#include "analysis/judge.h"
#include "analysis/stats.h"
#include "analysis/summary.h"
#include "common/blocks.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAMILY_MAX      64
#define BLOCKS_SAID_MAX 1e9

struct member {
    json_t *json; /* borrowed from the list */
    struct stats_estimate log_ratio;
    struct judged judged; /* known: it has values */
    double sd;
    bool is_once;  /* not one value per trial, so nothing to judge by */
    bool is_mixed; /* memory by two different sources: no ratio */
};

/* One side of every ratio made at this place. */
struct family {
    const char *scenario;
    json_int_t concurrency;
    const struct metric *metric;
    const struct cell *baseline;
    const struct metric_context *context;
    struct member members[FAMILY_MAX];
    size_t count;
};

static json_int_t block_of(const json_t *trial)
{
    return json_integer_value(json_object_get(trial, "block"));
}

/* Both arrays ascend in block, so one walk pairs them. Returns the number of pairs. */
static size_t pair(const struct family *f, const struct cell *model, double *out_logs)
{
    size_t n = 0, b = 0;
    for (size_t m = 0; m < model->n && n < STATS_N_MAX; m++) {
        while (b < f->baseline->n &&
               block_of(f->baseline->valid[b]) < block_of(model->valid[m]))
            b++;
        if (b == f->baseline->n)
            break;
        if (block_of(f->baseline->valid[b]) != block_of(model->valid[m]))
            continue;
        double top = f->metric->of_trial(f->metric, model->valid[m], f->context);
        double bottom = f->metric->of_trial(f->metric, f->baseline->valid[b], f->context);
        if (top > 0 && bottom > 0 && isfinite(top) && isfinite(bottom))
            out_logs[n++] = log(top) - log(bottom);
    }
    return n;
}

static double memory_of(const struct family *f, const struct cell *cell)
{
    return cell->memory_bytes /
           metrics_divisor(f->metric, (double)cell->requests, (double)cell->concurrency);
}

static void estimate(const struct family *f, const struct cell *model,
                     struct member *member)
{
    double logs[STATS_N_MAX];
    member->judged.p = 1;
    if (!(f->metric->flags & METRIC_ONCE)) {
        size_t n = pair(f, model, logs);
        member->log_ratio = stats_hodges_lehmann(logs, n);
        member->judged = (struct judged){stats_signed_rank_p(logs, n), n > 0};
        member->sd = stats_sd(logs, n);
        return;
    }
    member->is_once = true;
    member->is_mixed =
        strcmp(model->memory_source ? model->memory_source : "",
               f->baseline->memory_source ? f->baseline->memory_source : "");
    double ratio = member->is_mixed
                       ? (double)NAN
                       : log(memory_of(f, model)) - log(memory_of(f, f->baseline));
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
static json_t *row_json(const struct family *f, const struct cell *model,
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

static struct member *add_member(struct family *f, const struct cell *model, json_t *list)
{
    struct member *member = &f->members[f->count++];
    estimate(f, model, member);
    member->json = row_json(f, model, &member->log_ratio);
    json_push(list, member->json);
    return member;
}

static void add_model(struct family *f, const struct cell *model, json_t *list)
{
    if (f->count == FAMILY_MAX)
        return; /* more models than a scenario may list */
    json_t *row = add_member(f, model, list)->json;
    json_put(row, "scenario", json_string(f->scenario));
    json_put(row, "concurrency", json_integer(f->concurrency));
    json_put(row, "model", json_string(model->model));
    json_put(row, "baseline", json_string(f->baseline->model));
    json_put(row, "baseline_concurrency", json_integer(f->baseline->concurrency));
}

/* Blocks that would settle a comparison: enough for the noise, for Holm's correction to
 * leave a p-value below the limit, and more than there were. The farther the estimate
 * lies beyond the margin, the fewer it takes to show that it does. */
static double blocks_to_settle(const struct member *m, double margin, size_t compared)
{
    double beyond = fabs(m->log_ratio.value) - log1p(margin);
    double noise = stats_blocks_needed(m->sd, fmax(margin, expm1(beyond)));
    double holm = (double)stats_blocks_min(compared, JUDGE_P_LIMIT);
    return fmax(fmax(noise, holm), (double)m->log_ratio.n + 1);
}

struct reason {
    char text[160];
};

/* The reason why there is no word, or a remark on it; empty when there is nothing to say.
 * blocks is the number that would settle it. */
static struct reason reason_of(const struct member *m, const char *word, double blocks,
                               double margin, size_t compared)
{
    struct reason why = {""};
    int used = 0;
    if (m->is_mixed)
        (void)snprintf(why.text, sizeof why.text,
                       "measured in two different ways: see source");
    else if (m->log_ratio.n == 0)
        (void)snprintf(why.text, sizeof why.text, "no valid pair of measurements");
    else if (m->is_once)
        (void)snprintf(why.text, sizeof why.text, "not judged: one memory pass per cell");
    else if (!word)
        (void)snprintf(why.text, sizeof why.text, "not judged: fewer than 6 blocks");
    else if (!strcmp(word, "same") && margin > COMPARISONS_COARSE)
        (void)snprintf(why.text, sizeof why.text,
                       "too coarse: differences of up to %.0f %% count as none here",
                       100 * margin);
    if (!word || strcmp(word, "inconclusive") != 0)
        return why;
    if (judge_is_clear(m->log_ratio.low, m->log_ratio.high, margin))
        used = snprintf(why.text, sizeof why.text,
                        "clear of 1, but p is %.2g when corrected for %zu comparison%s; ",
                        m->judged.p, compared, compared == 1 ? "" : "s");
    (void)snprintf(why.text + used, sizeof why.text - (size_t)used,
                   blocks > BLOCKS_MAX ? "too noisy here: it would take about %.0f blocks"
                                       : "about %.0f blocks would settle it",
                   blocks);
    return why;
}

/* compared: the comparisons over which the p-values were corrected. */
static void put_verdict(const struct member *m, double margin, size_t compared)
{
    const struct stats_estimate *e = &m->log_ratio;
    const bool is_judged = !m->is_mixed && !m->is_once && e->n > 0 && e->is_bounded;
    const char *word =
        is_judged ? judge_word(e->low, e->high, m->judged.p, margin) : NULL;
    const double blocks =
        word && !strcmp(word, "inconclusive") ? blocks_to_settle(m, margin, compared) : 0;
    const struct reason why = reason_of(m, word, blocks, margin, compared);
    json_put(m->json, "verdict", word ? json_string(word) : json_null());
    json_put(m->json, "reason", *why.text ? json_string(why.text) : json_null());
    json_put(m->json, "blocks_needed",
             blocks > 0 ? json_uint((uint64_t)fmin(blocks, BLOCKS_SAID_MAX))
                        : json_null());
}

/* Corrects all members together; returns how many have values. */
static size_t correct(struct member *members, size_t count)
{
    AUTO_FREE struct judged *family = memory_calloc(count + 1, sizeof *family);
    for (size_t i = 0; i < count; i++)
        family[i] = members[i].judged;
    const size_t compared = judge_correct(family, count);
    for (size_t i = 0; i < count; i++)
        members[i].judged = family[i];
    return compared;
}

static void judge(struct family *f, double margin)
{
    const size_t compared = correct(f->members, f->count);
    for (size_t i = 0; i < f->count; i++)
        put_verdict(&f->members[i], margin, compared);
}

struct candidates {
    const struct cell *cells[FAMILY_MAX];
    size_t count;
};

/* The place of a comparison, and its margins. */
struct place {
    const struct cells *cells;
    const json_t *run;
    json_int_t concurrency;
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
                       const struct cell *baseline, const struct candidates *models,
                       size_t from, json_t *list)
{
    struct family f = {.scenario = baseline->scenario,
                       .concurrency = place->concurrency,
                       .metric = metric,
                       .baseline = baseline,
                       .context = &place->cells->context};
    for (size_t m = from; m < models->count; m++) {
        if (!(metric->flags & METRIC_PER_TRIAL) ||
            models->cells[m]->requests == baseline->requests)
            add_model(&f, models->cells[m], list);
    }
    judge(&f, margin_of(place->run, metric));
}

/* The same by every metric, and by the one that answers the scenario's question. */
static void compare_with(const struct place *place, const struct cell *baseline,
                         const struct candidates *models, size_t from, json_t *list)
{
    const struct metric *headline = &baseline->headline->metric;
    for (size_t i = 0; i < metrics_count; i++) {
        if (is_compared(&metrics_table[i], baseline))
            compare_by(place, &metrics_table[i], baseline, models, from, list);
    }
    if (headline->base || !(headline->flags & METRIC_COMPARED))
        compare_by(place, headline, baseline, models, from, list);
}

/* Everything that is compared at one concurrency of one scenario. */
static void compare_at(const struct place *place, const char *scenario,
                       const char *baseline_name, json_t *list)
{
    const struct cells *cells = place->cells;
    const struct cell *baseline =
        cells_find(cells, scenario, baseline_name, place->concurrency);
    if (!baseline) /* one after the other: its only cell is the one at 1 */
        baseline = cells_find(cells, scenario, baseline_name, 1);
    struct candidates models = {.count = 0};
    for (size_t i = 0; i < cells->count && models.count < FAMILY_MAX; i++) {
        const struct cell *c = &cells->items[i];
        if (c != baseline && !c->is_control && c->concurrency == place->concurrency &&
            !strcmp(c->scenario, scenario))
            models.cells[models.count++] = c;
    }
    if (baseline)
        compare_with(place, baseline, &models, 0, list);
    for (size_t i = 0; i + 1 < models.count; i++)
        compare_with(place, models.cells[i], &models, i + 1, list);
}

json_t *comparisons_make(const struct cells *cells, const json_t *scenarios,
                         const json_t *run)
{
    json_t *list = json_array(), *scenario = NULL, *at = NULL;
    size_t s = 0, c = 0;
    json_array_foreach (scenarios, s, scenario) {
        const char *name = json_string_value(json_object_get(scenario, "name"));
        const char *baseline = json_string_value(json_object_get(scenario, "baseline"));
        const json_t *steps =
            json_object_get(json_object_get(scenario, "load"), "concurrency");
        const char *failures = json_string_value(json_object_get(scenario, "failures"));
        if (!name || !baseline || (failures && !strcmp(failures, "counted")))
            continue; /* cells with errors are not ranked */
        json_array_foreach (steps, c, at) {
            const struct place place = {cells, run, json_integer_value(at)};
            compare_at(&place, name, baseline, list);
        }
    }
    return list;
}

/* One control's rows by every metric; returns how many. */
static size_t compare_control(const struct cells *cells, const struct cell *control,
                              struct member *out_members)
{
    const struct cell *same =
        cells_find(cells, control->scenario, control->model, control->concurrency);
    json_t *list = json_array();
    size_t count = 0;
    for (size_t i = 0; same && i < metrics_count; i++) {
        struct family f = {
            .metric = &metrics_table[i], .baseline = same, .context = &cells->context};
        if ((metrics_table[i].flags & METRIC_ONCE) ||
            !is_compared(&metrics_table[i], same))
            continue;
        out_members[count] = *add_member(&f, control, list);
        json_put(out_members[count].json, "log_ratio_sd",
                 json_real_or_null(out_members[count].sd));
        count++;
    }
    json_put(control->json, "comparisons", list);
    return count;
}

void comparisons_put_controls(const struct cells *cells, const json_t *run)
{
    size_t count = 0, most = json_array_size(cells->controls) * metrics_count + 1;
    AUTO_FREE struct member *members = memory_calloc(most, sizeof *members);
    for (size_t i = 0; i < cells->count; i++) {
        if (cells->items[i].is_control)
            count += compare_control(cells, &cells->items[i], members + count);
    }
    size_t compared = correct(members, count);
    for (size_t i = 0; i < count; i++) {
        const char *metric =
            json_string_value(json_object_get(members[i].json, "metric"));
        put_verdict(&members[i], margin_value(run, metric), compared);
    }
}
