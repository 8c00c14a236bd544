/* by_hand: the command of a trial as somebody types it. */
#ifndef CLI_SHOW_BY_HAND_H
#define CLI_SHOW_BY_HAND_H

#include <jansson.h>

/* The words as a line for a shell, without those that only the harness needs. New; NULL:
 * there are none. */
char *by_hand(const json_t *words);

#endif
