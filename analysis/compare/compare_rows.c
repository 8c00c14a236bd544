/* compare_rows.c: unpaired ratios with verdicts; see compare_rows.h.
 *
 * A family, over which Holm's correction runs, is the cells of one pair of files by one
 * metric. The limits of a verdict are those of docs/results.md, with the larger margin of
 * the two files. */
#include "analysis/compare/compare_rows.h"

#include "analysis/cell_memory.h"
#include "analysis/compare/compare_load.h"
#include "analysis/compare/compare_metric.h"
#include "analysis/headline.h"
#include "analysis/judge.h"
#include "analysis/margin.h"
#include "analysis/stats.h"
#include "analysis/summary.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sample {
    double values[STATS_UNPAIRED_MAX];
    size_t n;
};

struct row {
    json_t *json; /* borrowed from the list */
    struct stats_estimate shift;
    struct judged judged; /* known: it has values in both */
    double sd;
    size_t counts[2]; /* of the base, of the other */
    bool is_judged;   /* by repeated trials; else once, as memory is */
    bool is_alike;    /* memory: seen in the same way in both */
};

struct family {
    const struct metric *metric;
    const struct compare_file *base, *file;
    double margin;
    struct row *rows; /* one per pair of cells */
    size_t count;
    size_t compared;  /* of them: with values in both, over which Holm's runs */
    const char *only; /* the scenario whose headline the metric is; NULL: all */
};

/* The finite values of the first STATS_UNPAIRED_MAX valid trials. */
static void take_sample(const struct compare_file *file, const struct cell *cell,
                        const struct metric *metric, struct sample *out)
{
    out->n = 0;
    if (metric->flags & METRIC_ONCE) {
        out->values[0] = cell_memory_value(cell, metric);
        out->n = isfinite(out->values[0]) ? 1 : 0;
        return;
    }
    for (size_t i = 0; i < cell->n && out->n < STATS_UNPAIRED_MAX; i++) {
        double value = metric->of_trial(metric, cell->valid[i], &file->context);
        if (isfinite(value))
            out->values[out->n++] = value;
    }
}

/* The logarithms of those that have one. */
static void take_logs(struct sample *sample)
{
    size_t n = 0;
    for (size_t i = 0; i < sample->n; i++) {
        if (sample->values[i] > 0)
            sample->values[n++] = log(sample->values[i]);
    }
    sample->n = n;
}

/* Whether the memory of both was seen in the same way, as a tree or its largest process.
 */
static bool is_same_source(const struct cell *a, const struct cell *b)
{
    const json_t *left = json_object_get(json_object_get(a->json, "memory"), "source");
    const json_t *right = json_object_get(json_object_get(b->json, "memory"), "source");
    return !json_is_string(left) || !json_is_string(right) || json_equal(left, right);
}

/* The standard deviation of one trial, pooled over both samples. */
static double pooled_sd(const struct sample *a, const struct sample *b)
{
    if (a->n < 2 || b->n < 2)
        return (double)NAN;
    double sa = stats_sd(a->values, a->n), sb = stats_sd(b->values, b->n);
    double freedom = (double)(a->n + b->n - 2);
    return sqrt((sa * sa * (double)(a->n - 1) + sb * sb * (double)(b->n - 1)) / freedom);
}

static json_t *bound_json(const struct stats_estimate *e, double bound)
{
    return e->is_bounded ? json_real_or_null(exp(bound)) : json_null();
}

static void put_head(const struct family *f, const struct cell *cell, json_t *row)
{
    json_put(row, "file", json_string(f->file->label));
    json_put(row, "against", json_string(f->base->label));
    json_put(row, "scenario", json_string(cell->scenario));
    json_put(row, "model", json_string(cell->model));
    json_put(row, "concurrency", json_integer(cell->concurrency));
    json_put(row, "metric", json_string(f->metric->name));
}

/* What the reports of both runs show, and its quotient as a reader would form it. */
static void put_values(json_t *row, double value, double comparable, double against)
{
    double quotient = comparable > 0 ? value / comparable : (double)NAN;
    json_put(row, "value", json_real_or_null(value));
    json_put(row, "against_value", json_real_or_null(against));
    json_put(row, "quotient", json_real_or_null(quotient));
}

static void add_row(struct family *f, const struct cell *old, const struct cell *new,
                    json_t *list)
{
    struct sample a, b;
    struct row *row = &f->rows[f->count++];
    take_sample(f->base, old, f->metric, &a);
    take_sample(f->file, new, f->metric, &b);
    *row = (struct row){.json = json_object(),
                        .judged = {.p = 1},
                        .is_judged = !(f->metric->flags & METRIC_ONCE)};
    row->is_alike = !(f->metric->flags & METRIC_ONCE) || is_same_source(old, new);
    put_head(f, new, row->json);
    const double against = summary_number(old, f->metric, &f->base->context);
    put_values(row->json, summary_number(new, f->metric, &f->file->context),
               row->is_alike ? against : (double)NAN, against);
    take_logs(&a);
    take_logs(&b);
    row->counts[0] = a.n;
    row->counts[1] = b.n;
    row->shift = stats_shift(a.values, row->is_alike ? a.n : 0, b.values, b.n);
    row->sd = pooled_sd(&a, &b);
    if (row->is_judged)
        row->judged.p = stats_mann_whitney_p(a.values, a.n, b.values, b.n);
    const struct stats_estimate *e = &row->shift;
    json_put(row->json, "ratio", e->n ? json_real_or_null(exp(e->value)) : json_null());
    json_put(row->json, "low", bound_json(e, e->low));
    json_put(row->json, "high", bound_json(e, e->high));
    json_put(row->json, "coverage",
             e->is_bounded ? json_real_or_null(e->coverage) : json_null());
    json_put(row->json, "n", json_uint(b.n));
    json_put(row->json, "against_n", json_uint(a.n));
    json_push(list, row->json);
}

/* The number of trials in each file with which something of the family could be called
 * different, at least one more than there were. */
static size_t trials_needed(const struct family *f, const struct row *row)
{
    size_t least = stats_trials_min(f->compared, JUDGE_P_LIMIT);
    return least > row->shift.n ? least : row->shift.n + 1;
}

/* Whether the row has too few values to be called `different`, whatever they are. */
static bool is_undecidable(const struct family *f, const struct row *row)
{
    double least = stats_mann_whitney_least(row->counts[0], row->counts[1]);
    return row->is_judged && row->shift.n > 0 &&
           (!row->shift.is_bounded || !((double)f->compared * least < JUDGE_P_LIMIT));
}

/* The word and, where one is needed, the reason. */
static const char *word_of(const struct family *f, const struct row *row,
                           char *out_reason, size_t size)
{
    const struct stats_estimate *e = &row->shift;
    const char *word = judge_word(e->low, e->high, row->judged.p, f->margin);
    if (strcmp(word, "inconclusive") != 0)
        return word;
    double needed =
        fmax(2 * stats_blocks_needed(row->sd, f->margin), (double)row->shift.n + 1);
    if (judge_is_clear(e->low, e->high, f->margin))
        (void)snprintf(out_reason, size,
                       "clear of 1, but p is %.2g when corrected for %zu cells; about "
                       "%zu trials in each file would settle it",
                       row->judged.p, f->compared, trials_needed(f, row));
    else
        (void)snprintf(out_reason, size,
                       needed > STATS_UNPAIRED_MAX
                           ? "too noisy: it would take about %.0f trials in each file"
                           : "about %.0f trials in each file would settle it",
                       needed);
    return word;
}

static const char *direction_of(const struct family *f, const struct row *row,
                                const char *word)
{
    if (!word || (strcmp(word, "different") != 0 && strcmp(word, "small") != 0))
        return NULL;
    bool is_rising = compare_metric_is_rising(f->metric->name);
    if (f->metric->flags & METRIC_NEUTRAL)
        return NULL;
    return (row->shift.value > 0) == is_rising ? "better" : "worse";
}

static void put_verdict(const struct family *f, const struct row *row)
{
    char reason[160] = "";
    const char *word = NULL;
    if (!row->is_alike)
        (void)snprintf(reason, sizeof reason,
                       "no ratio: the memory was seen in different ways");
    else if (row->shift.n == 0)
        (void)snprintf(reason, sizeof reason, "not measured in %s",
                       row->counts[0] + row->counts[1] == 0 ? "both"
                       : row->counts[0] == 0                ? "the base"
                                                            : "this file");
    else if (!row->is_judged)
        (void)snprintf(reason, sizeof reason, "not judged: one memory pass per cell");
    else if (!row->shift.is_bounded)
        (void)snprintf(reason, sizeof reason,
                       "not judged: %zu and %zu trials are too few for a 95 %% interval "
                       "(4 and 4 are enough)",
                       row->counts[0], row->counts[1]);
    else
        word = word_of(f, row, reason, sizeof reason);
    const char *direction = direction_of(f, row, word);
    json_put(row->json, "verdict", word ? json_string(word) : json_null());
    json_put(row->json, "direction", direction ? json_string(direction) : json_null());
    json_put(row->json, "reason", *reason ? json_string(reason) : json_null());
    json_put(row->json, "delta_ratio", json_real_or_null(f->margin));
    json_put(row->json, "trials_needed",
             is_undecidable(f, row) && (!word || strcmp(word, "same") != 0)
                 ? json_uint(trials_needed(f, row))
                 : json_null());
    json_put(row->json, "p",
             word ? json_real_or_null(row->judged.p) : json_null()); /* Holm's */
}

static void judge(struct family *f)
{
    AUTO_FREE struct judged *family = memory_calloc(f->count + 1, sizeof *family);
    for (size_t i = 0; i < f->count; i++)
        family[i] = (struct judged){f->rows[i].judged.p, f->rows[i].shift.n > 0};
    f->compared = judge_correct(family, f->count);
    for (size_t i = 0; i < f->count; i++) {
        f->rows[i].judged = family[i];
        put_verdict(f, &f->rows[i]);
    }
}

/* Response times exist only in an open loop. The loads are equal, so both are open or
 * neither is. */
static bool means_something(const struct metric *metric, const struct cell *cell)
{
    return !(metric->flags & METRIC_OPEN_LOOP) || metrics_is_open_loop(cell->valid[0]);
}

static void add_family(struct family *f, const struct compare_pairs *pairs, json_t *list)
{
    f->count = 0;
    f->rows = memory_calloc(pairs->count + 1, sizeof *f->rows);
    for (size_t i = 0; i < pairs->count; i++) {
        const struct cell *old = pairs->items[i].old, *new = pairs->items[i].new;
        bool is_equal = old->requests == new->requests;
        if (f->only && strcmp(new->scenario, f->only) != 0)
            continue;
        if (means_something(f->metric, new) &&
            (!(f->metric->flags & METRIC_PER_TRIAL) || is_equal))
            add_row(f, old, new, list);
    }
    judge(f);
    free(f->rows);
    f->rows = NULL;
}

static json_t *cell_json(const struct compare_file *file, const struct cell *cell)
{
    json_t *json = json_object(), *metrics = json_object();
    for (size_t i = 0; i < metrics_count; i++) {
        const struct metric *metric = &metrics_table[i];
        if (!(metric->flags & METRIC_COMPARED) || !means_something(metric, cell))
            continue;
        json_t *one = summary_metric(cell, metric, &file->context);
        (void)json_object_del(one, "reason");
        (void)json_object_del(one, "source");
        json_put(metrics, metric->name, one);
    }
    json_put(json, "file", json_string(file->label));
    json_put(json, "scenario", json_string(cell->scenario));
    json_put(json, "model", json_string(cell->model));
    json_put(json, "concurrency", json_integer(cell->concurrency));
    json_put(json, "requests", json_integer(cell->requests));
    json_put(json, "metrics", metrics);
    return json;
}

/* Adds the cells of file `index` that may be compared with the base, and marks their
 * counterparts there. */
static void add_cells(const struct compare_set *set, size_t index, bool *base_is_used,
                      json_t *list)
{
    json_auto_t *skipped = json_array();
    const struct compare_file *base = &set->files[0], *file = &set->files[index];
    struct compare_pairs pairs = compare_load_pairs(base, file, skipped);
    for (size_t i = 0; i < pairs.count; i++) {
        base_is_used[pairs.items[i].old - base->cells] = true;
        json_push(list, cell_json(file, pairs.items[i].new));
    }
    free(pairs.items);
}

json_t *compare_rows_cells(const struct compare_set *set)
{
    const struct compare_file *base = &set->files[0];
    json_t *list = json_array(), *others = json_array();
    bool *is_used = memory_calloc(base->cell_count + 1, sizeof *is_used);
    for (size_t i = 1; i < set->count; i++)
        add_cells(set, i, is_used, others);
    for (size_t i = 0; i < base->cell_count; i++) {
        if (is_used[i])
            json_push(list, cell_json(base, &base->cells[i]));
    }
    if (json_array_extend(list, others))
        memory_exhausted();
    json_decref(others);
    free(is_used);
    return list;
}

/* The larger of 1 % and what either run took as no difference: the noise of the noisier
 * machine. */
static double margin_of(const struct compare_file *base, const struct compare_file *file,
                        const char *metric)
{
    return fmax(MARGIN_DEFAULT,
                fmax(margin_value(base->run, metric), margin_value(file->run, metric)));
}

/* Compares by the metrics that answer the scenarios' questions, as far as they are not
 * compared in all. */
static void add_headlines(const struct compare_file *base,
                          const struct compare_file *file,
                          const struct compare_pairs *pairs, json_t *rows)
{
    size_t i = 0;
    json_t *scenario = NULL;
    json_array_foreach (base->scenarios, i, scenario) {
        struct headline headline;
        headline_of(scenario, &headline);
        const struct metric *metric = &headline.metric;
        struct family f = {.metric = metric, .base = base, .file = file};
        f.margin =
            margin_of(base, file, metric->base ? metric->base->name : metric->name);
        f.only = json_text_of(scenario, "name");
        if (metric->base || !(metric->flags & METRIC_COMPARED))
            add_family(&f, pairs, rows);
    }
}

void compare_rows_add(const struct compare_set *set, size_t index, json_t *rows,
                      json_t *skipped)
{
    const struct compare_file *base = &set->files[0], *file = &set->files[index];
    struct compare_pairs pairs = compare_load_pairs(base, file, skipped);
    for (size_t i = 0; i < metrics_count; i++) {
        const struct metric *metric = &metrics_table[i];
        struct family f = {.metric = metric, .base = base, .file = file};
        f.margin = margin_of(base, file, metric->name);
        if (metric->flags & METRIC_COMPARED)
            add_family(&f, &pairs, rows);
    }
    add_headlines(base, file, &pairs, rows);
    free(pairs.items);
}
