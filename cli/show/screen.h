/* screen: a replay that moves, in the terminal, by ncurses. */
#ifndef CLI_SHOW_SCREEN_H
#define CLI_SHOW_SCREEN_H

#include "cli/show/replay.h"

#include <signal.h>

struct screen_options {
    const char *question; /* printable */
    double slow;          /* so many times as long as it took; above 0 */
    bool is_stepped;      /* it stands still until a key is pressed */
    const volatile sig_atomic_t *interrupted; /* ends it when not 0 */
};

/* Whether stdin and stdout are a terminal that can do it. */
bool screen_is_possible(void);

/* Shows it until the user leaves it. The terminal is as it was before, then. False: the
 * terminal could not be used. */
bool screen_show(const struct replay *replay, const struct screen_options *options);

#endif
