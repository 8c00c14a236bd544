/* load_words: where a verdict holds: the load and the server. */
#ifndef ANALYSIS_WORDS_LOAD_WORDS_H
#define ANALYSIS_WORDS_LOAD_WORDS_H

#include <jansson.h>

/* "At concurrency 128 against a 20 ms origin", or "At 200 requests/s, open loop, with 8
 * workers". load and headline: those of a verdict. New phrase. */
json_t *load_words(const json_t *load, const json_t *headline);

#endif
