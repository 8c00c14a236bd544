/* desk: a channel on a loop. A user that has to wait is parked in a line and goes on when
 * its turn has come. Nothing is locked, as one thing happens at a time. One thread only.
 */
#ifndef RUNTIME_DESK_H
#define RUNTIME_DESK_H

#include "runtime/channel.h"

#include <event2/event.h>
#include <stdbool.h>

/* Called when user's errand is done. owner is desk_init's. */
typedef void desk_done_fn(void *owner, void *user);

struct line {
    struct errand *first, **end; /* end: where the next one is linked in */
};

struct desk {
    struct line producers, consumers; /* that wait; never both at once */
    struct line ready;                /* whose errand is done, to be told by the loop */
    struct event *event;              /* active while an errand is ready */
    desk_done_fn *on_done;
    void *owner; /* borrowed */
};

/* -1 when memory is refused. Must stay where it is. Needs desk_done before the base goes.
 */
int desk_init(struct desk *desk, struct event_base *base, desk_done_fn *on_done,
              void *owner);

/* Does the errand, or lets it wait; true: on_done(user) follows, from the loop. */
bool desk_serve(struct desk *desk, struct channel *channel, struct errand *errand,
                void *user);

void desk_done(struct desk *desk); /* of a zeroed struct too */

#endif
