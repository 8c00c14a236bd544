/* trust: in one line, how far the numbers of a scenario can be trusted. Whoever reads
 * nothing else is not misled. */
#ifndef ANALYSIS_TRUST_H
#define ANALYSIS_TRUST_H

#include "analysis/ranking.h"

/* {level, text, disturbed, counted, needed, seconds[, stopped]} of docs/results.md. The level is
 * quote, look or do-not-quote. New. */
json_t *trust_make(const struct ranking *ranking);

#endif
