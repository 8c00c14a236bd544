/* by_hand: the command of a trial as somebody types it. */
#ifndef CLI_SHOW_BY_HAND_H
#define CLI_SHOW_BY_HAND_H

#include <jansson.h>
#include <stdbool.h>

/* The words as a line for a shell, without those that only the harness needs; each is
 * quoted where a shell would read more than a word in it. Where the server was ours, its
 * own command stands in a line before, and the request goes to its port. New; NULL: there
 * are no words. */
char *by_hand(const json_t *words, bool has_own_server);

#endif
