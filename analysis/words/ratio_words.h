/* ratio_words: a factor with its interval: "1.18x threads [1.14, 1.23]".
 *
 * The factor is the quotient of the two medians, which the reader sees, or the paired
 * estimate where that is not known; the interval is of the paired estimate. Where the
 * quotient reads as outside the interval, or the two differ by more than 3 %, both are
 * given: "1.43x threads (paired by block: 1.08x [1.04, 1.12])". */
#ifndef ANALYSIS_WORDS_RATIO_WORDS_H
#define ANALYSIS_WORDS_RATIO_WORDS_H

#include <jansson.h>

/* New phrases. ratio has quotient, ratio, low, high and verdict, each of which may be
 * null or absent; without low and high there is no interval. */

/* what (a phrase, taken) is the other model, or what the factor is a factor of. */
json_t *ratio_words(const json_t *ratio, json_t *what);

/* Of an A/A control: "1.01x [0.99, 1.02] requests/s (same)"; ratio has a metric too. */
json_t *ratio_words_of_itself(const json_t *ratio, const json_t *headline);

#endif
