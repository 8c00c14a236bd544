/* paired: the words for comparisons whose trials were paired by block. */
#ifndef ANALYSIS_PAIRED_H
#define ANALYSIS_PAIRED_H

#include "analysis/judge.h"
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

/* Corrects the p-values of a family together and puts the words into its rows. A p-value
 * that counts at a smaller level than 5 % is made larger by as much, so that all are
 * compared with 5 %. */
void paired_judge(struct paired *members, size_t count);

#endif
