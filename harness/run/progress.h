/* progress: where a run stands, on stderr. Written only between trials: a terminal that
 * redraws during one would be measured with it. */
#ifndef HARNESS_PROGRESS_H
#define HARNESS_PROGRESS_H

#include "harness/plan/plan.h"

#include <stdio.h>

enum progress_mode {
    PROGRESS_NONE,
    PROGRESS_PLAIN, /* one line per block */
    PROGRESS_LINE   /* one line, rewritten */
};

struct progress {
    enum progress_mode mode;
    FILE *out;               /* borrowed */
    const struct plan *plan; /* borrowed */
    double *cell_seconds;    /* owned: expected, then measured, per cell */
    double *memory_seconds;  /* owned: the same for the memory pass */
    double left_s;           /* of everything not yet done */
    uint64_t started_ns;
};

/* The mode for a word of --progress: auto is a line on a terminal that is not dumb, else
 * plain. */
enum progress_mode progress_mode_of(const char *word, FILE *out);

/* Starts counting. The plan must outlive it. */
void progress_init(struct progress *progress, enum progress_mode mode, FILE *out,
                   const struct plan *plan);
void progress_done(struct progress *progress); /* ends the line */

/* A trial is about to start; pass is "warm", "block 3/12", "memory". */
void progress_before(const struct progress *progress, const char *pass,
                     const struct plan_cell *cell);

/* A trial of cell took seconds, attempts included; it counts for the cells' next ones. */
void progress_after(struct progress *progress, size_t cell, bool is_memory,
                    uint64_t passes_left, double seconds);

/* The plan's number of blocks may have changed; `blocks_left` of them are still to run.
 */
void progress_replan(struct progress *progress, uint64_t blocks_left);

/* What a block of the cells that have not stopped is expected to take. */
double progress_block_seconds(const struct progress *progress);

/* A pass over all cells is over. */
void progress_pass(const struct progress *progress, const char *pass);

#endif
