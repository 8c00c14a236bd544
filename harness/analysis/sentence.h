/* sentence: text that grows word by word, with numbers as a reader wants them. What does
 * not fit is cut. */
#ifndef HARNESS_SENTENCE_H
#define HARNESS_SENTENCE_H

#include "harness/analysis/contest.h"

#include <stddef.h>

struct sentence { /* begin with {.used = 0} */
    char bytes[2400];
    size_t used;
};

__attribute__((format(printf, 2, 3))) void sentence_say(struct sentence *text,
                                                        const char *format, ...);

/* 4571.3 as "4,571"; below 100 with one decimal. */
void sentence_count(struct sentence *text, double value);

/* 1.178 as "1.18", 31.42 as "31.4", 512.3 as "512". */
void sentence_factor(struct sentence *text, double value);

/* " [1.14, 1.23]"; nothing when the ratio has no interval. */
void sentence_interval(struct sentence *text, struct ratio ratio);

#endif
