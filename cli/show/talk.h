/* talk: what is asked before a replay, and said after it. */
#ifndef CLI_SHOW_TALK_H
#define CLI_SHOW_TALK_H

#include "cli/show/replay.h"

#include <stdio.h>

/* Asks in the terminal how long each model takes; noun is what a request is. Reads a line
 * of stdin into out, cut to size bytes with the NUL; "": nothing was typed. */
void talk_guess(const struct replay *replay, const char *noun, char *out, size_t size);

/* A line for each model: how long its requests took, and how many of them were under way
 * at a time, or CPUs busy, or how long its loop was blocked. */
void talk_took(FILE *out, const struct replay *replay, const char *noun);

#endif
