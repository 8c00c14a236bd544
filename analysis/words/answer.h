/* answer: the answer to a scenario's question in some 6 to 12 words: "Coroutines: most
 * requests, least CPU", "Ten at once: 0.10 s instead of 1.00 s". */
#ifndef ANALYSIS_WORDS_ANSWER_H
#define ANALYSIS_WORDS_ANSWER_H

#include <jansson.h>

/* The answer, a new phrase (phrase.h), from nothing but the parts of a verdict. */
json_t *answer_words(const json_t *parts);

#endif
