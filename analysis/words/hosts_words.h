/* hosts_words: whether a scenario's answer changes from host to host, in one sentence:
 * "Coroutines on all 5 hosts; threads within 3 % on c". */
#ifndef ANALYSIS_WORDS_HOSTS_WORDS_H
#define ANALYSIS_WORDS_HOSTS_WORDS_H

#include <jansson.h>
#include <stdbool.h>

/* hosts: [{label, picks: [model, ..], level, close: {model, gap}|null}, ..].
 * *out_changes: whether no model is picked by all that pick one. A new phrase (phrase.h).
 */
json_t *hosts_words(const json_t *hosts, bool *out_changes);

#endif
