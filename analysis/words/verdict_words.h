/* verdict_words: a verdict in words. It reads nothing but the verdict's parts, as
 * docs/results.md has them, so whoever has a results.json could say the same. */
#ifndef ANALYSIS_WORDS_VERDICT_WORDS_H
#define ANALYSIS_WORDS_VERDICT_WORDS_H

#include <jansson.h>

/* The sentence, a new phrase (phrase.h). */
json_t *verdict_words_sentence(const json_t *parts);

/* The caveat: whole sentences, a new phrase. */
json_t *verdict_words_caveat(const json_t *parts);

#endif
