/* sentence: text that grows word by word, with numbers as a reader wants them. What does
 * not fit is cut. */
#ifndef ANALYSIS_SENTENCE_H
#define ANALYSIS_SENTENCE_H

#include <stddef.h>

struct sentence { /* begin with {.used = 0} */
    char bytes[2400];
    size_t used;
};

__attribute__((format(printf, 2, 3))) void sentence_say(struct sentence *text,
                                                        const char *format, ...);

/* 4571.3 as "4,571"; below 100 with one decimal. */
void sentence_count(struct sentence *text, double value);

#endif
