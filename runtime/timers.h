/* timers: what waits for which time. For models that serve many waits with one loop,
 * which has to know when the next one is due, and which are due now.
 *
 * A binary heap in one array, 16 bytes a timer and no allocation each, so that a million
 * sleepers cost 16 MB. A timer cannot be cancelled. One thread
 * only. */
#ifndef RUNTIME_TIMERS_H
#define RUNTIME_TIMERS_H

#include <stddef.h>
#include <stdint.h>

struct timer {
    uint64_t due_ns; /* clock_ns() */
    void *user;      /* borrowed, not NULL */
};

struct timers {
    struct timer *heap; /* owned: a parent is never due after its children */
    size_t count, capacity;
};

/* Room for capacity timers; more are possible. -1 when memory is refused. Needs
 * timers_done. */
int timers_init(struct timers *timers, size_t capacity);

/* user waits for due_ns. -1 when memory is refused. */
int timers_add(struct timers *timers, uint64_t due_ns, void *user);

/* When the next one is due; UINT64_MAX when there is none. */
uint64_t timers_next_ns(const struct timers *timers);

/* Removes the one that is due first and returns its user; NULL when none is due at
 * now_ns.
 */
void *timers_take(struct timers *timers, uint64_t now_ns);

void timers_done(struct timers *timers); /* of a zeroed struct too */

#endif
