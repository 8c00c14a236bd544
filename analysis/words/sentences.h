/* sentences: the sentences of a verdict and of its caveat, in one table. */
#ifndef ANALYSIS_WORDS_SENTENCES_H
#define ANALYSIS_WORDS_SENTENCES_H

#include <jansson.h>

/* Fills the first sentence of this name for which slots (taken) has all that it names.
 * Returns a new phrase, or NULL when there is none. */
json_t *sentence_fill(const char *name, json_t *slots);

#endif
