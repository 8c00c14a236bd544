/* tickets: how workers share the work. A counter of requests not yet begun; whoever takes
 * one makes one request. It lies in memory that forked workers share. */
#ifndef CORE_TICKETS_H
#define CORE_TICKETS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct tickets {
    _Atomic uint64_t taken;
    uint64_t total;
};

/* Takes one ticket; false when all are taken. Any thread or process. */
static inline bool tickets_take(struct tickets *tickets)
{
    return atomic_fetch_add_explicit(&tickets->taken, 1, memory_order_relaxed) <
           tickets->total;
}

#endif
