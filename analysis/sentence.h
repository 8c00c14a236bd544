/* sentence: text that grows word by word, with numbers as a reader wants them. What does
 * not fit is cut. */
#ifndef ANALYSIS_SENTENCE_H
#define ANALYSIS_SENTENCE_H

#include "analysis/contest.h"

#include <stddef.h>

struct sentence { /* begin with {.used = 0} */
    char bytes[2400];
    size_t used;
};

__attribute__((format(printf, 2, 3))) void sentence_say(struct sentence *text,
                                                        const char *format, ...);

/* 4571.3 as "4,571"; below 100 with one decimal. */
void sentence_count(struct sentence *text, double value);

/* As format_number has it: 1.178 as "1.18", 31.42 as "31.4", 512.3 as "512". */
void sentence_factor(struct sentence *text, double value);

/* "1.18x threads [1.14, 1.23]"; without a rival's name (NULL) "1.18x [1.14, 1.23]".
 * The factor is the quotient of the two medians, which the reader sees, or the
 * paired estimate where that is not known; the interval is of the paired estimate.
 * Where the quotient reads as outside the interval, or the two differ by more than 3
 * %, both are given: "1.43x threads (paired by block: 1.08x [1.04, 1.12])". No
 * interval, no brackets. */
void sentence_ratio(struct sentence *text, struct ratio ratio, const char *rival);

#endif
