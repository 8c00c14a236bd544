/* finding: the sentence under a chart, by rule, which is the verdict's: the best is named
 * only where the results' own comparisons call it different from every other (or, without
 * one, where their intervals are clear of each other; of memory, measured once, where it
 * is more than 10 % off), and never when the scenario is not publishable. */
#ifndef REPORT_FINDING_H
#define REPORT_FINDING_H

#include "report/load.h"

#include <stdio.h>

/* The metric at the scenario's highest concurrency: who has the most or the least. */
void finding_extremes(FILE *out, const struct results *results,
                      const struct scenario *scenario, enum metric_id metric);

/* "Medians of 12 trials with their 96 % intervals." or why there are none. */
void finding_basis(FILE *out, const struct scenario *scenario, enum metric_id metric);

#endif
