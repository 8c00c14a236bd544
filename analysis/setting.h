/* setting: where a verdict holds, in words: the load, the origin and the task. */
#ifndef ANALYSIS_SETTING_H
#define ANALYSIS_SETTING_H

#include "analysis/contest.h"
#include "analysis/sentence.h"

/* "At concurrency 128 against a 20 ms origin", or "At 200 requests/s, open loop, with 8
 * workers, where a request is one sleep task". */
void setting_say(struct sentence *text, const struct contest *contest);

#endif
