/* base: makes the event loop of all models that have one. */
#ifndef RUNTIME_BASE_H
#define RUNTIME_BASE_H

#include <event2/event.h>
#include <stdbool.h>

/* A new loop for one thread, or NULL when it cannot be made. libevent prints nothing when
 * something goes wrong in it later, so its user has to report that. With
 * has_precise_timers, times are exact to some 10 us. */
struct event_base *base_new(bool has_precise_timers);

#endif
