/* finding: the sentence under a chart, by rule. It names an order only where the results'
 * own comparison calls the two different (or, without one, where their intervals are
 * clear of each other), and never when the scenario is not publishable. */
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
