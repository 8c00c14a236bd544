/* search: finds, for each model of a scenario, about how many workers it needs.
 *
 * 1. Climb: each model once at 1, 2, 4, ... until the value has not gained for three
 *    steps, level by level, the models in shuffled order.
 * 2. Blocks: the numbers that came near a model's best, all models together, in shuffled
 *    blocks.
 * 3. Between: the numbers of the ladder on either side of the knee, and the knee again.
 *
 * What it measured is a reason to look at these numbers more closely, and no evidence:
 * the number that came out best has been lucky too. confirm.h measures afresh. */
#ifndef CLI_TUNE_SEARCH_H
#define CLI_TUNE_SEARCH_H

#include "analysis/headline.h"
#include "analysis/tune_curve.h"
#include "harness/run/run.h"
#include "harness/run/single.h"

struct search_model {
    const char *name; /* borrowed */
    const struct plan_cell
        *cells[TUNE_POINTS_MAX]; /* borrowed; ascending; they can run */
    size_t cell_count;
    char skip_reason[200];    /* of the first that cannot; "" */
    struct tune_curve values; /* of the metric */
    struct tune_curve rates;  /* requests/s */
    size_t next;              /* of cells: how far it has climbed */
    size_t without_gain;      /* levels in a row */
    bool is_climbing;
    struct tune_choice choice; /* set at the end */
};

struct search {
    struct run *run; /* borrowed: its plan has every number of the ladder */
    struct single single;
    struct headline metric; /* what is tuned: the headline, or the p99 */
    struct tune_goal goal;
    double budget_s; /* of the whole of tune */
    double spent_s;  /* set: by the search */
    uint64_t started_ns;
    bool has_own_numbers; /* of the command line: every one is coarse, none between */
    struct search_model models[SCENARIO_MODELS_MAX];
    size_t model_count;
    uint64_t trials;
    double beside_s; /* what the trials took beyond what was meant, all together */
    bool is_cut;     /* the time was over before every block was done */
};

/* Fills *search from a run that run_plan planned, for one scenario. goal.limit > 0 tunes
 * the 99 % response time. EXIT_CODE_USAGE when the scenario has nothing to tune. */
int search_init(struct search *search, struct run *run, const struct tune_goal *goal,
                double budget_s, bool has_own_numbers, struct err *err);

/* Searches, within about half of the budget. Ends early, without error, when an interrupt
 * is requested. Errors are those of single.h. */
int search_run(struct search *search, struct err *err);

/* What a trial takes beyond the time that it was meant to: start, end, a busy machine.
 * Seconds, as seen so far. */
double search_beside(const struct search *search);

/* Requests/s of the model at the point nearest below that number; 0: not known. */
double search_rate(const struct search_model *model, uint64_t concurrency);

/* Where the chosen number is the best one: the point with twice as many, which is to show
 * that more do not help. The number of points when there is none, or no need of it. */
size_t search_above(const struct search_model *model);

/* The requests of a trial of that cell and about so many seconds. A headline that is a
 * total compares only trials of equal length: then the scenario's. */
uint64_t search_requests(const struct search *search, const struct search_model *model,
                         const struct plan_cell *cell, double seconds);

#endif
