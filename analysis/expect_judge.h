/* expect_judge: which of a scenario's predictions held in a run. */
#ifndef ANALYSIS_EXPECT_JUDGE_H
#define ANALYSIS_EXPECT_JUDGE_H

#include <jansson.h>

/* Fewer valid trials of a cell say nothing about a prediction. */
#define EXPECT_TRIALS_MIN 2 /* those of the shortest preset quick */

/* The array `expectations` of docs/results.md for a results document that has its run,
 * scenarios and cells; NULL when no scenario has "expect". New reference. */
json_t *expect_judge(const json_t *results);

#endif
