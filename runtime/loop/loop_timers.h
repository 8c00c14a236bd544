/* loop_timers: times to wait for, on a libevent loop. One timer of the loop serves them
 * all: it is set to the first of them. One thread only. */
#ifndef RUNTIME_LOOP_TIMERS_H
#define RUNTIME_LOOP_TIMERS_H

#include "runtime/timers.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Called when user's time has come. owner is loop_timers_init's. */
typedef void loop_timers_due_fn(void *owner, void *user);

struct loop_timers {
    struct event *event; /* of the first in the heap, when there is one */
    struct timers heap;
    loop_timers_due_fn *on_due;
    void *owner; /* borrowed */
};

/* Makes room for capacity times; more are possible. -1 when memory is refused. Needs
 * loop_timers_done before the base goes. */
int loop_timers_init(struct loop_timers *timers, struct event_base *base, size_t capacity,
                     loop_timers_due_fn *on_due, void *owner);

/* Calls on_due(user) at due_ns (clock_ns) or soon after. False: no memory for it. */
bool loop_timers_add(struct loop_timers *timers, uint64_t due_ns, void *user);

void loop_timers_done(struct loop_timers *timers); /* of a zeroed struct too */

#endif
