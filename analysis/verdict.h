/* verdict: one sentence per scenario, its closing form by rule, and what to keep in mind.
 *
 * The rule looks at the models at the scenario's highest concurrency and at three
 * metrics: requests/s, CPU per request, memory. A model is beaten in a metric by another
 * that is `different` in the better direction (memory, measured once: by more than 10 %).
 * A baseline that was measured at concurrency 1 only beats them too, in requests/s and
 * CPU per request, but is never the winner: its load was another.
 *
 *   not-publishable  obstacles.h: invalid trials, an origin-bound cell, ...
 *   descriptive      fewer than 6 blocks, or one model alone: numbers, no winner
 *   winner           exactly one model is unbeaten in all three
 *   tie              several are
 *   trade-off        none is; the best of each metric is named. Never one score.
 */
#ifndef ANALYSIS_VERDICT_H
#define ANALYSIS_VERDICT_H

#include <jansson.h>

/* The verdict of docs/results.md on one scenario of a results document that has cells and
 * comparisons: its parts, and the sentence and caveat made of them. New reference. */
json_t *verdict_make(const json_t *results, const json_t *scenario);

#endif
