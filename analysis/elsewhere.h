/* elsewhere: what of a scenario does not apply when a server of the user's answers
 * (--url) instead of our origin. */
#ifndef ANALYSIS_ELSEWHERE_H
#define ANALYSIS_ELSEWHERE_H

#include "analysis/sentence.h"

#include <jansson.h>
#include <stdbool.h>

/* Adds one sentence without a full stop: the keys that do not apply, and whether CPUs
 * are kept for the server. scenario and placement are those of results.json. False, and
 * nothing is added, where the scenario asks no HTTP server. */
bool elsewhere_say(const json_t *scenario, const json_t *placement,
                   struct sentence *text);

#endif
