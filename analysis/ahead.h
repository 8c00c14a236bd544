/* ahead: which model was ahead of the others in how many blocks. With too few blocks for
 * a verdict it is what was seen. */
#ifndef ANALYSIS_AHEAD_H
#define ANALYSIS_AHEAD_H

#include "analysis/ranking.h"

/* {model, blocks, of}: in `blocks` of `of` blocks the model had the best value of the
 * first metric at the ranking's concurrency. NULL where fewer than two models can be
 * compared by block. New. */
json_t *ahead_find(const struct ranking *ranking);

#endif
