/* price_words: what one more worker costs, in words: "Memory of one more worker: threads
 * 33.9 KiB, coroutines 22.4 KiB, processes 310 KiB". */
#ifndef ANALYSIS_WORDS_PRICE_WORDS_H
#define ANALYSIS_WORDS_PRICE_WORDS_H

#include <jansson.h>

/* price: {metric, models: [{model, value, low, high}]} as docs/results.md has it. A model
 * without a value is left out, and one whose value or interval reaches down to 0 costs
 * nothing that shows. A new phrase (phrase.h), or NULL where no model has a value. */
json_t *price_words(const json_t *price);

#endif
