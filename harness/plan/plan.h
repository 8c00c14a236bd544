/* plan: which cells a run has and in which order each block visits them.
 *
 * Cells are scenario x model x concurrency. Cells of one scenario and concurrency form a
 * group, the things that are compared with each other. Inside a group the models' order
 * in a block is a row of a Williams square: over a full square each model follows each
 * other equally often, so that what a trial leaves behind (caches, frequency, TIME_WAIT)
 * affects all alike. The rows of a square, and the groups within a block, are shuffled by
 * the stored seed. */
#ifndef HARNESS_PLAN_H
#define HARNESS_PLAN_H

#include "common/err.h"
#include "harness/host/limits.h"
#include "harness/plan/scenario.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLAN_CELLS_MAX 2000
#define PLAN_ARM       "A/A" /* how a control is marked in plan, trials and results */

struct plan_cell {
    const struct scenario *scenario; /* borrowed */
    const char *model;               /* borrowed from the scenario */
    uint64_t concurrency, requests;
    size_t group;
    bool is_control;       /* a second arm of a model that is in the group already */
    uint64_t stopped;      /* after so many blocks it needs no more; 0: not yet */
    char skip_reason[200]; /* empty: the cell runs */
};

struct plan {
    struct plan_cell *cells;
    size_t cell_count, feasible_count, group_count;
    uint64_t blocks, seed;
    double warm_limit_s; /* estimate_is_warmed; INFINITY: all cells are */
};

/* The cells of the scenarios in their order. *out_plan is new; the scenarios must outlive
 * it. EXIT_CODE_USAGE when there are more than PLAN_CELLS_MAX cells. */
int plan_make(struct scenario *const *scenarios, size_t scenario_count, uint64_t blocks,
              uint64_t seed, const struct host_limits *limits, struct plan **out_plan,
              struct err *err);

/* Adds A/A controls: the baseline's cells (of every model, with every_model) once more,
 * in the same groups, so that a model is also compared with itself. EXIT_CODE_USAGE when
 * there are more than PLAN_CELLS_MAX cells. */
int plan_add_controls(struct plan *plan, bool has_every_model, struct err *err);

/* The order of block (0 ..): indices of the feasible cells, plan->feasible_count of them,
 * into out_order. The same plan and block give the same order. */
void plan_order(const struct plan *plan, uint64_t block, size_t *out_order);

/* The scenario needs no more than so many blocks. When that is so of every cell that can
 * run, plan->blocks is the most of these numbers. */
void plan_stop(struct plan *plan, const struct scenario *scenario, uint64_t blocks);

/* Whether the scenario has stopped. */
bool plan_is_stopped(const struct plan *plan, const struct scenario *scenario);

/* Whether the cell is measured in block (0 ..): it can run and has not stopped. */
bool plan_has_block(const struct plan_cell *cell, uint64_t block);

/* The timed trials of all blocks. */
uint64_t plan_trials(const struct plan *plan);

/* [{scenario, model, concurrency, requests, skip_reason}], a control's with arm: new. */
json_t *plan_json(const struct plan *plan);

void plan_free(struct plan *plan); /* NULL-safe */

/* Row `row` of the Williams square over k items into out_items (k entries); an even k has
 * k rows, an odd k 2k. */
size_t plan_square_rows(size_t k);
void plan_square_row(size_t k, size_t row, size_t *out_items);

#endif
