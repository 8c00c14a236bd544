/* channel_waiters: a channel on a loop. A user that has to wait is parked in a queue and
 * goes on when its turn has come. Nothing is locked, as one thing happens at a time. One
 * thread only. */
#ifndef RUNTIME_CHANNEL_WAITERS_H
#define RUNTIME_CHANNEL_WAITERS_H

#include "runtime/channel.h"

#include <event2/event.h>
#include <stdbool.h>

/* Called when user's operation is done. owner is channel_waiters_init's. */
typedef void channel_waiters_done_fn(void *owner, void *user);

struct waiter_queue {
    struct channel_op *first, **end; /* end: where the next one is linked in */
};

struct channel_waiters {
    struct waiter_queue producers, consumers; /* that wait; never both at once */
    struct waiter_queue ready; /* whose operation is done, to be told by the loop */
    struct event *event;       /* active while an operation is ready */
    channel_waiters_done_fn *on_done;
    void *owner; /* borrowed */
};

/* -1 when memory is refused. Must stay where it is. Needs channel_waiters_done before the
 * base goes. */
int channel_waiters_init(struct channel_waiters *waiters, struct event_base *base,
                         channel_waiters_done_fn *on_done, void *owner);

/* Does the operation, or lets it wait; true: on_done(user) follows, from the loop. */
bool channel_waiters_serve(struct channel_waiters *waiters, struct channel *channel,
                           struct channel_op *op, void *user);

void channel_waiters_done(struct channel_waiters *waiters); /* of a zeroed struct too */

#endif
