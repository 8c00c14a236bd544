/* paired: comparisons whose trials are paired by block, and their words. */
#ifndef ANALYSIS_PAIRED_H
#define ANALYSIS_PAIRED_H

#include "analysis/cells.h"
#include "analysis/judge.h"
#include "analysis/metrics.h"
#include "analysis/stats.h"

#include <jansson.h>

struct paired {
    json_t *json; /* borrowed: the row, which gets verdict, reason and blocks_needed */
    struct stats_estimate log_ratio; /* with the interval at `level` */
    struct judged judged;            /* known: it has values */
    double sd;                       /* of the log ratios */
    double margin, level;            /* level: two-sided, at most STATS_LEVEL */
    bool has_looks;                  /* the level is that of a look (looks.h) */
    bool is_once;                    /* not one value per trial, so nothing to judge by */
    bool is_mixed;                   /* memory by two different sources: no ratio */
};

/* The block of a trial. */
json_int_t paired_block(const json_t *trial);

/* ln(top) - ln(bottom) by the metric, of each block in which both cells have a value above
 * 0. Returns the number of pairs. */
size_t paired_logs(const struct metric *metric, const struct metric_context *context,
                   const struct cell *top, const struct cell *bottom,
                   double out_logs[STATS_N_MAX]);

/* Corrects the p-values of a family together and puts the words into its rows. A p-value
 * that counts at a smaller level than 5 % is made larger by as much, so that all are
 * compared with 5 %. */
void paired_judge(struct paired *members, size_t count);

#endif
