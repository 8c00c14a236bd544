/* caveat_words: what a reader of a verdict has to know besides, in words. */
#ifndef ANALYSIS_WORDS_CAVEAT_WORDS_H
#define ANALYSIS_WORDS_CAVEAT_WORDS_H

#include <jansson.h>
#include <stdbool.h>

/* One sentence of a verdict's caveats, new; NULL when its class is unknown. is_open: the
 * load is an open loop. */
json_t *caveat_words(const json_t *caveat, bool is_open);

#endif
