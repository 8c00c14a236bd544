/* tune: what the confirmation of a search says: `tune` of results.json.
 *
 * The search is in the journal's header, with the numbers that it chose. Every figure
 * that is made here comes from the timed trials of this run, by the statistics of every
 * run: medians with exact intervals, ratios paired by block. */
#ifndef ANALYSIS_TUNE_H
#define ANALYSIS_TUNE_H

#include "analysis/cells.h"

#include <jansson.h>

/* Of the cells of a journal with that header; headline is scenario.headline of the
 * results. NULL when the run confirms no search. New. */
json_t *tune_make(const struct cells *cells, const json_t *header,
                  const json_t *headline);

#endif
