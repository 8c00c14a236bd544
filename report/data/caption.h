/* caption: the sentence under a chart, by the rules of the verdict. The best model is
 * named only where the results' own comparisons call it different from every other. Where
 * there is no comparison, the intervals must be clear of each other; memory, which is
 * measured once, must be more than 10 % off. Nothing is named if the scenario is not
 * publishable. */
#ifndef REPORT_CAPTION_H
#define REPORT_CAPTION_H

#include "report/data/load.h"

#include <stdio.h>

/* Writes which model has the most or the least at the scenario's highest concurrency. */
void caption_extremes(FILE *out, const struct results *results,
                      const struct scenario *scenario, enum metric_id metric);

/* Writes "Medians of 12 trials with their 96 % intervals." or why there are none. */
void caption_basis(FILE *out, const struct scenario *scenario, enum metric_id metric);

#endif
