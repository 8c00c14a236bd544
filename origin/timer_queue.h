/* timer_queue: what must happen at a given nanosecond, on one event loop.
 *
 * libevent's own timers count from a time cached at the start of the turn, so after a
 * long turn they fire early, and a delay here is a promise of at least that much. They
 * also wait in whole milliseconds, or with EVENT_BASE_FLAG_PRECISE_TIMER set a timerfd on
 * every turn of the loop. Here one timerfd is set in absolute time, and only when the
 * earliest entry changes: nothing fires early, and answers without delay do not pay for
 * it.
 *
 *   base -> timerfd -> heap of entries -> fire(entry)
 *
 * Not thread-safe: the loop's thread alone. */
#ifndef ORIGIN_TIMER_QUEUE_H
#define ORIGIN_TIMER_QUEUE_H

#include "common/err.h"

#include <event2/event.h>
#include <stddef.h>
#include <stdint.h>

/* Embedded in what waits; all zero when it does not. */
struct timer_entry {
    uint64_t at_ns; /* clock_ns() time */
    size_t place;   /* in the heap, from 1; 0: not waiting */
};

struct timer_queue {
    struct timer_entry **heap; /* owned array of borrowed entries; heap[0] is unused */
    size_t count, capacity;
    int timer_fd;
    uint64_t armed_ns; /* when the timer will ring; UINT64_MAX: it will not */
    struct event *event;
    void (*fire)(struct timer_entry *entry);
};

/* fire is called on the loop, when the entry is no longer waiting; it may add, remove
 * and free entries. base is borrowed. EXIT_CODE_UNFIT without an fd. */
int timer_queue_init(struct timer_queue *queue, struct event_base *base,
                     void (*fire)(struct timer_entry *entry), struct err *err);

/* Frees the queue, not its entries. After timer_queue_init, also a failed one. */
void timer_queue_done(struct timer_queue *queue);

/* Makes room for count entries, so that timer_queue_add cannot fail. Returns 0 or
 * -ENOMEM. */
int timer_queue_reserve(struct timer_queue *queue, size_t count);

/* entry (borrowed until it fires or is removed; not waiting now) fires at at_ns. Room
 * must have been reserved. Allocates nothing. */
void timer_queue_add(struct timer_queue *queue, struct timer_entry *entry,
                     uint64_t at_ns);

/* Forgets an entry; no effect when it is not waiting. */
void timer_queue_remove(struct timer_queue *queue, struct timer_entry *entry);

#endif
