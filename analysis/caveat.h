/* caveat: what a reader of a verdict has to know besides: what to do, what its form does
 * not say, the comparisons that are not settled, with the blocks they need, and the
 * result of the A/A control. */
#ifndef ANALYSIS_CAVEAT_H
#define ANALYSIS_CAVEAT_H

#include "analysis/ranking.h"

/* A new array of objects {class, ...facts}, as docs/results.md has them. */
json_t *caveat_find(const struct ranking *ranking);

#endif
