/* search.c: see search.h. The rule by which a number is chosen is tune_curve.c's. */
#include "cli/tune/search.h"

#include "analysis/blocks.h"
#include "cli/tune/ladder.h"
#include "common/clock.h"
#include "common/rng.h"
#include "harness/host/interrupt.h"

#include <math.h>
#include <string.h>

#define CLIMB_PART    0.15 /* of the budget, until the end of each phase */
#define BLOCKS_PART   0.35
#define BETWEEN_PART  0.50
#define CLIMB_S       0.12 /* a trial; the others fill their phase */
#define TRIAL_MIN_S   0.05
#define TRIAL_MAX_S   0.40
#define BESIDE_S      0.08 /* a guess, as heavy as one trial */
#define BLOCKS        3
#define GAIN          0.05 /* less is none */
#define LEVELS_IDLE   3    /* without a gain: the climb ends */
#define NEAR          0.69 /* of the best, as a logarithm: within a factor of 2 */
#define CELLS_MAX     (SCENARIO_MODELS_MAX * TUNE_POINTS_MAX)
#define STREAM_SEARCH 7 /* of the seed */

struct entry {
    struct search_model *model;
    const struct plan_cell *cell;
};

/* Why the metric has no best number of workers; NULL when it may have one. */
static const char *why_not(const struct scenario *s, const struct metric *metric)
{
    if (s->counts_failures)
        return "counts failures, and ranks nothing";
    if (metric->flags & METRIC_NEUTRAL)
        return "has a headline of which neither more nor less is better";
    if ((metric->flags & METRIC_ONCE) || !metric->of_trial)
        return "has a headline that is measured once for each cell";
    return NULL;
}

/* The cells of the plan that are the model's and can run, and where the climb begins: in
 * an open loop fewer workers than rate x delay only let requests pile up. */
static void init_model(const struct search *search, const char *name,
                       struct search_model *model)
{
    const struct plan *plan = search->run->plan;
    const bool is_total = search->metric.metric.flags & METRIC_PER_TRIAL;
    *model = (struct search_model){.name = name};
    for (size_t c = 0; c < plan->cell_count; c++) {
        const struct plan_cell *cell = &plan->cells[c];
        const struct scenario *s = cell->scenario;
        const char *reason = cell->skip_reason;
        if (strcmp(cell->model, name) != 0 ||
            (is_total && cell->concurrency > s->requests))
            continue;
        if (!*reason && model->cell_count < TUNE_POINTS_MAX)
            model->cells[model->cell_count++] = cell;
        else if (!*model->skip_reason)
            (void)snprintf(model->skip_reason, sizeof model->skip_reason, "%s", reason);
        if (!*reason &&
            (double)cell->concurrency < (double)s->rate_per_s * tasks_wait_s(s))
            model->next = model->cell_count;
    }
    while (model->next < model->cell_count && !search->has_own_numbers &&
           !ladder_is_coarse(model->cells[model->next]->concurrency))
        model->next++;
    if (model->next >= model->cell_count)
        model->next = 0;
    model->is_climbing = model->cell_count > 0;
    model->values.is_less_better = !(search->metric.metric.flags & METRIC_MORE);
}

int search_init(struct search *search, struct run *run, const struct tune_goal *goal,
                double budget_s, bool has_own_numbers, struct err *err)
{
    const struct scenario *s = run->scenarios[0];
    *search = (struct search){.run = run,
                              .goal = *goal,
                              .budget_s = budget_s,
                              .has_own_numbers = has_own_numbers};
    headline_of(s->json, &search->metric);
    if (goal->limit > 0)
        search->metric.metric = *metrics_find("response_p99_ns");
    const char *reason = why_not(s, &search->metric.metric);
    if (reason)
        return err_set(err, EXIT_CODE_USAGE, "%s %s; tune needs one that each trial has",
                       s->name, reason);
    for (size_t m = 0; m < s->model_count; m++)
        init_model(search, s->models[m], &search->models[search->model_count++]);
    return 0;
}

static double spent(const struct search *search)
{
    return (double)(clock_ns() - search->started_ns) * 1e-9;
}

double search_beside(const struct search *search)
{
    return (search->beside_s + BESIDE_S) / (double)(search->trials + 1);
}

double search_rate(const struct search_model *model, uint64_t concurrency)
{
    double rate = 0;
    for (size_t i = 0; i < model->rates.count; i++) {
        const struct tune_point *point = &model->rates.points[i];
        if (point->concurrency <= concurrency && point->count > 0)
            rate = point->values[point->count - 1];
    }
    return rate;
}

uint64_t search_requests(const struct search *search, const struct search_model *model,
                         const struct plan_cell *cell, double seconds)
{
    if (search->metric.metric.flags & METRIC_PER_TRIAL)
        return cell->scenario->requests;
    return ladder_requests(cell, search_rate(model, cell->concurrency), seconds);
}

/* One trial, and what it gives to the curves. */
static int try_cell(struct search *search, const struct entry *entry, uint64_t block,
                    double seconds, struct err *err)
{
    const struct metric *metric = &search->metric.metric;
    const struct metric *rate = metrics_find("throughput_per_s");
    const struct metric_context context = {.origin_threads = (double)NAN};
    struct plan_cell cell = *entry->cell;
    json_auto_t *trial = NULL;
    const double started_s = spent(search);
    cell.requests = search_requests(search, entry->model, &cell, seconds);
    if (single_trial(&search->single, &cell, block, search->trials, &trial, err))
        return -1;
    if (interrupt_requested)
        return 0;
    const bool is_valid = blocks_prefer(NULL, trial);
    if (is_valid && block == 1) /* the climb's trials were the shortest and the first */
        tune_curve_forget(&entry->model->values, cell.concurrency);
    tune_curve_add(&entry->model->values, cell.concurrency,
                   is_valid ? metric->of_trial(metric, trial, &context) : (double)NAN);
    tune_curve_add(&entry->model->rates, cell.concurrency,
                   is_valid ? rate->of_trial(rate, trial, &context) : (double)NAN);
    search->beside_s += fmax(spent(search) - started_s - seconds, 0);
    search->trials++;
    return 0;
}

static double height(const struct tune_curve *curve, double value)
{
    return curve->is_less_better ? -log(value) : log(value);
}

/* The highest median of a curve so far, turned; -INFINITY without one. */
static double highest(const struct tune_curve *curve)
{
    double most = -(double)INFINITY;
    for (size_t i = 0; i < curve->count; i++) {
        if (curve->points[i].count > 0)
            most = fmax(most, height(curve, curve->points[i].median));
    }
    return most;
}

/* After a level: whether the next is worth a trial. */
static void look_up(const struct search *search, struct search_model *model,
                    double before)
{
    tune_curve_fit(&model->values);
    const bool has_gained = highest(&model->values) > before + GAIN;
    const bool is_idle = !has_gained && isfinite(highest(&model->values));
    model->without_gain = has_gained ? 0 : model->without_gain + is_idle;
    model->next++;
    while (model->next < model->cell_count && !search->has_own_numbers &&
           !ladder_is_coarse(model->cells[model->next]->concurrency))
        model->next++;
    const bool was_kept =
        search->goal.limit > 0 && before >= height(&model->values, search->goal.limit);
    model->is_climbing =
        model->next < model->cell_count && !was_kept && model->without_gain < LEVELS_IDLE;
}

/* One step of every model that still climbs, in an order of its own. */
static int climb_level(struct search *search, uint64_t level, bool *out_is_over,
                       struct err *err)
{
    size_t order[SCENARIO_MODELS_MAX] = {0};
    struct rng rng = rng_for(search->run->options.seed, STREAM_SEARCH, level);
    const double part = search->goal.limit > 0 ? BLOCKS_PART : CLIMB_PART;
    *out_is_over = true;
    for (size_t m = 0; m < search->model_count; m++)
        order[m] = m;
    rng_shuffle(&rng, order, search->model_count);
    for (size_t m = 0; m < search->model_count && !interrupt_requested; m++) {
        struct search_model *model = &search->models[order[m]];
        if (!model->is_climbing)
            continue;
        if (level > 0 && spent(search) > part * search->budget_s)
            search->is_cut = true;
        if (search->is_cut)
            return 0;
        const double before = highest(&model->values);
        const struct entry entry = {model, model->cells[model->next]};
        if (try_cell(search, &entry, 0, CLIMB_S, err))
            return -1;
        look_up(search, model, before);
        *out_is_over = *out_is_over && !model->is_climbing;
    }
    return 0;
}

static int climb(struct search *search, struct err *err)
{
    bool is_over = false;
    for (uint64_t level = 0; !is_over && !search->is_cut && !interrupt_requested;
         level++) {
        if (climb_level(search, level, &is_over, err))
            return -1;
    }
    return 0;
}

/* Some blocks over the entries, each in an order of its own, until a part of the budget
 * is spent. */
static int run_blocks(struct search *search, const struct entry *entries, size_t count,
                      uint64_t first_block, double until, struct err *err)
{
    size_t order[CELLS_MAX];
    const double left_s = until * search->budget_s - spent(search);
    const double share_s =
        left_s / (BLOCKS * (double)(count ? count : 1)) - search_beside(search);
    const double seconds = fmin(fmax(share_s, TRIAL_MIN_S), TRIAL_MAX_S);
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    for (uint64_t b = first_block; b < first_block + BLOCKS; b++) {
        struct rng rng = rng_for(search->run->options.seed, STREAM_SEARCH, b << 8);
        rng_shuffle(&rng, order, count);
        for (size_t i = 0; i < count && !interrupt_requested; i++) {
            if (spent(search) > until * search->budget_s) {
                search->is_cut = true;
                return 0;
            }
            if (try_cell(search, &entries[order[i]], b, seconds, err))
                return -1;
        }
    }
    return 0;
}

/* The numbers that came near the best. */
static size_t near_best(struct search *search, struct entry *out_entries)
{
    size_t count = 0;
    for (size_t m = 0; m < search->model_count; m++) {
        struct search_model *model = &search->models[m];
        const double best = highest(&model->values);
        for (size_t c = 0; c < model->next && c < model->cell_count; c++) {
            const uint64_t concurrency = model->cells[c]->concurrency;
            for (size_t i = 0; i < model->values.count; i++) {
                const struct tune_point *point = &model->values.points[i];
                if (point->concurrency == concurrency && point->count > 0 &&
                    height(&model->values, point->median) >= best - NEAR)
                    out_entries[count++] = (struct entry){model, model->cells[c]};
            }
        }
    }
    return count;
}

static void choose(struct search *search)
{
    for (size_t m = 0; m < search->model_count; m++) {
        struct search_model *model = &search->models[m];
        tune_curve_fit(&model->values);
        tune_curve_fit(&model->rates);
        model->choice = tune_curve_choose(&model->values, &search->goal);
    }
}

/* What stands beside the chosen number on the ladder, that number, and the best. */
static size_t around_knee(struct search *search, struct entry *out_entries)
{
    size_t count = 0;
    for (size_t m = 0; m < search->model_count && !search->has_own_numbers; m++) {
        struct search_model *model = &search->models[m];
        if (!model->choice.is_known || model->cell_count < 2)
            continue;
        const uint64_t chosen = model->values.points[model->choice.chosen].concurrency;
        const uint64_t best = model->values.points[model->choice.best].concurrency;
        for (size_t c = 0; c < model->cell_count; c++) {
            const uint64_t here = model->cells[c]->concurrency;
            if (here == best || (here * 2 > chosen && here < chosen * 2))
                out_entries[count++] = (struct entry){model, model->cells[c]};
        }
    }
    return count;
}

static int search_phases(struct search *search, struct err *err)
{
    struct entry entries[CELLS_MAX];
    if (climb(search, err))
        return -1;
    /* what lies above a number that keeps the limit is of no interest */
    size_t count = search->goal.limit > 0 ? 0 : near_best(search, entries);
    if (run_blocks(search, entries, count, 1, BLOCKS_PART, err))
        return -1;
    choose(search);
    count = around_knee(search, entries);
    if (run_blocks(search, entries, count, 1 + BLOCKS, BETWEEN_PART, err))
        return -1;
    choose(search);
    return 0;
}

int search_run(struct search *search, struct err *err)
{
    search->started_ns = clock_ns();
    int status = single_open(search->run, &search->single, err);
    if (!status)
        status = search_phases(search, err);
    single_close(&search->single);
    search->spent_s = spent(search);
    search->run->interrupted_by = interrupt_requested;
    return status;
}

size_t search_above(const struct search_model *model)
{
    const struct tune_curve *curve = &model->values;
    const struct tune_choice *choice = &model->choice;
    for (size_t i = choice->chosen + 1; i < curve->count; i++) {
        if (choice->chosen == choice->best && curve->points[i].count > 0 &&
            curve->points[i].concurrency >= 2 * curve->points[choice->chosen].concurrency)
            return i;
    }
    return curve->count;
}
