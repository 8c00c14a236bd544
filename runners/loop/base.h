/* base: the event loop itself, as all models that have one make it. */
#ifndef LOOP_BASE_H
#define LOOP_BASE_H

#include <event2/event.h>
#include <stdbool.h>

/* A new loop for one thread, NULL when there is none to be had. Of what goes wrong in it
 * later libevent prints nothing: whoever uses it says so. For times exact to some 10 us,
 * has_precise_timers. */
struct event_base *base_new(bool has_precise_timers);

#endif
