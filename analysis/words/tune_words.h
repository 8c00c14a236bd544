/* tune_words: the answer of `concbench tune` in words, from `tune` of results.json alone.
 */
#ifndef ANALYSIS_WORDS_TUNE_WORDS_H
#define ANALYSIS_WORDS_TUNE_WORDS_H

#include <jansson.h>

/* "Coroutines, 64 in flight: 5,610 requests/s [5,480, 5,730]; threads need 96 for 5 %
 * less": a new phrase. headline is that of the scenario. */
json_t *tune_words_answer(const json_t *tune, const json_t *headline);

/* What the run could not settle, or found otherwise than the search: a new array of
 * sentences. */
json_t *tune_words_notes(const json_t *tune);

#endif
