/* caveat: what a reader of a verdict has to know besides: the comparisons that are not
 * settled, with the blocks they need, and the result of the A/A control. */
#ifndef ANALYSIS_CAVEAT_H
#define ANALYSIS_CAVEAT_H

#include "analysis/contest.h"
#include "analysis/sentence.h"

/* Appends whole sentences, each with a blank before it; nothing when nothing is open. */
void caveat_say(struct sentence *text, const struct contest *contest);

#endif
