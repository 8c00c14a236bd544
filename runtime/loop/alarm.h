/* alarm: times to wait for, on a libevent loop. One timer of the loop serves them all: it
 * is set to the first of them. One thread only. */
#ifndef RUNTIME_ALARM_H
#define RUNTIME_ALARM_H

#include "runtime/timers.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Called when user's time has come. owner is alarm_init's. */
typedef void alarm_due_fn(void *owner, void *user);

struct alarm {
    struct event *event; /* of the first of timers, when there is one */
    struct timers timers;
    alarm_due_fn *on_due;
    void *owner; /* borrowed */
};

/* Makes room for capacity times; more are possible. -1 when memory is refused. Needs
 * alarm_done before the base goes. */
int alarm_init(struct alarm *alarm, struct event_base *base, size_t capacity,
               alarm_due_fn *on_due, void *owner);

/* Calls on_due(user) at due_ns (clock_ns) or soon after. False: no memory for it. */
bool alarm_add(struct alarm *alarm, uint64_t due_ns, void *user);

void alarm_done(struct alarm *alarm); /* of a zeroed struct too */

#endif
