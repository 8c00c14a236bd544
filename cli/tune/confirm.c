/* confirm.c: see confirm.h. */
#include "cli/tune/confirm.h"

#include "harness/plan/budget.h"
#include "harness/plan/estimate.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define RESERVE_PART         0.10 /* of the budget, for results and report ... */
#define RESERVE_S            8.0  /* ... but no more */
#define SAFETY               0.85
#define BLOCKS_FOR_INTERVALS 6
#define TRIAL_MIN_S          0.10
#define TRIAL_S              1.0 /* longer trials only after 24 blocks of these */
#define TRIAL_MAX_S          3.0

/* Which numbers: where the time is too short for intervals, fewer of them. */
enum depth { DEPTH_CHOSEN, DEPTH_BEST, DEPTH_HALF };

/* Whether the number is confirmed for the model. */
static bool is_wanted(const struct search_model *model, uint64_t concurrency,
                      enum depth depth)
{
    const struct tune_choice *choice = &model->choice;
    const size_t wanted[] = {choice->chosen, choice->best, search_above(model),
                             choice->below};
    const size_t counts[] = {[DEPTH_CHOSEN] = 1, [DEPTH_BEST] = 3, [DEPTH_HALF] = 4};
    for (size_t i = 0; i < counts[depth] && choice->is_known; i++) {
        if (wanted[i] < model->values.count &&
            model->values.points[wanted[i]].concurrency == concurrency)
            return true;
    }
    return false;
}

static const struct search_model *model_of(const struct search *search, const char *name)
{
    const struct search_model *model = search->models;
    while (strcmp(model->name, name) != 0)
        model++;
    return model;
}

/* The smallest wanted number above that one, of any model; 0: none. */
static uint64_t next_number(const struct search *search, uint64_t above)
{
    uint64_t next = 0;
    for (size_t m = 0; m < search->model_count; m++) {
        const struct search_model *model = &search->models[m];
        for (size_t i = 0; i < model->values.count; i++) {
            const uint64_t number = model->values.points[i].concurrency;
            if (number > above && is_wanted(model, number, DEPTH_HALF) &&
                (!next || number < next))
                next = number;
        }
    }
    return next;
}

void confirm_numbers(const struct search *search, char out_text[CONFIRM_TEXT_SIZE])
{
    size_t used = 0;
    *out_text = '\0';
    for (uint64_t number = next_number(search, 0); number && used + 8 < CONFIRM_TEXT_SIZE;
         number = next_number(search, number))
        used += (size_t)snprintf(out_text + used, CONFIRM_TEXT_SIZE - used, "%s%" PRIu64,
                                 used ? "," : "", number);
}

/* Drops the cells that nobody asked for, and puts the others into one group. */
static void keep_wanted(const struct search *search, struct plan *plan, enum depth depth)
{
    size_t kept = 0;
    plan->feasible_count = 0;
    for (size_t c = 0; c < plan->cell_count; c++) {
        struct plan_cell *cell = &plan->cells[c];
        if (!is_wanted(model_of(search, cell->model), cell->concurrency, depth))
            continue;
        cell->group = 0;
        plan->feasible_count += !*cell->skip_reason;
        plan->cells[kept++] = *cell;
    }
    plan->cell_count = kept;
    plan->group_count = kept > 0;
}

static double left_seconds(const struct search *search)
{
    return search->budget_s - search->spent_s -
           fmin(RESERVE_PART * search->budget_s, RESERVE_S);
}

static double memory_seconds(const struct plan *plan)
{
    double seconds = 0;
    for (size_t c = 0; c < plan->cell_count; c++)
        seconds += estimate_memory_seconds(&plan->cells[c]);
    return seconds;
}

/* Seconds for the trials of the confirmation, warm block included. */
static double work_seconds(const struct search *search, const struct plan *plan)
{
    return SAFETY * left_seconds(search) - memory_seconds(plan);
}

/* Seconds of a trial with which so many blocks fit. */
static double trial_seconds(const struct search *search, const struct plan *plan,
                            double blocks)
{
    return work_seconds(search, plan) / ((blocks + 1) * (double)plan->feasible_count) -
           search_beside(search);
}

/* The blocks that fit with trials of so many seconds. */
static double blocks_of(const struct search *search, const struct plan *plan,
                        double trial_s)
{
    const double block_s =
        (trial_s + search_beside(search)) * (double)plan->feasible_count;
    return floor(work_seconds(search, plan) / block_s) - 1;
}

static void set_lengths(const struct search *search, struct run *run, double trial_s)
{
    struct plan *plan = run->plan;
    const double fitting = blocks_of(search, plan, trial_s);
    for (size_t c = 0; c < plan->cell_count; c++) {
        struct plan_cell *cell = &plan->cells[c];
        cell->requests =
            search_requests(search, model_of(search, cell->model), cell, trial_s);
    }
    run->options.budget_s = fmax(left_seconds(search), 1);
    run->options.blocks =
        (uint64_t)fmin(fmax(fitting, CONFIRM_BLOCKS), CONFIRM_BLOCKS_MAX);
    plan->blocks =
        (uint64_t)fmin(fmax(fitting, BUDGET_BLOCKS_MIN), (double)run->options.blocks);
}

int confirm_fit(const struct search *search, struct run *run, struct err *err)
{
    struct plan *plan = run->plan;
    enum depth depth = DEPTH_HALF;
    keep_wanted(search, plan, depth);
    if (plan->feasible_count == 0)
        return err_set(err, EXIT_CODE_UNFIT,
                       "the search found no number for any model: %s",
                       *search->models[0].skip_reason ? search->models[0].skip_reason
                                                      : "no trial was valid");
    while (depth > DEPTH_CHOSEN &&
           blocks_of(search, plan, TRIAL_MIN_S) < BLOCKS_FOR_INTERVALS)
        keep_wanted(search, plan, --depth);
    double trial_s = trial_seconds(search, plan, CONFIRM_BLOCKS);
    if (trial_s > TRIAL_S)
        trial_s = fmax(trial_seconds(search, plan, CONFIRM_BLOCKS_MAX), TRIAL_S);
    set_lengths(search, run, fmin(fmax(trial_s, TRIAL_MIN_S), TRIAL_MAX_S));
    return 0;
}
