/* tickets: how workers share the work. A counter of requests that are not begun yet: a
 * worker that takes a ticket makes one request. It lies in memory that forked workers
 * share. */
#ifndef RUNTIME_TICKETS_H
#define RUNTIME_TICKETS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct tickets {
    _Atomic uint64_t taken;
    uint64_t total;
};

/* Takes one ticket; *out_number is 0 for the first, 1 for the next. False when all are
 * taken. Any thread or process. */
static inline bool tickets_take(struct tickets *tickets, uint64_t *out_number)
{
    uint64_t number = atomic_fetch_add_explicit(&tickets->taken, 1, memory_order_relaxed);
    if (number >= tickets->total)
        return false;
    *out_number = number;
    return true;
}

#endif
