/* freeze.c: when it begins and how loops wait for its end; see freeze.h. Without a freeze
 * a request costs two loads of memory that is never written. */
#include "origin/freeze.h"

#include "common/clock.h"

#include <poll.h>
#include <time.h>

#define NEVER UINT64_MAX

void freeze_init(struct freeze *freeze, int stop_fd)
{
    freeze->stop_fd = stop_fd;
    atomic_init(&freeze->is_armed, false);
    atomic_init(&freeze->after_ns, 0);
    atomic_init(&freeze->for_ns, 0);
    atomic_init(&freeze->from_ns, NEVER);
}

void freeze_arm(struct freeze *freeze, uint64_t after_ms, uint64_t for_ms)
{
    atomic_store(&freeze->is_armed, false);
    atomic_store(&freeze->from_ns, NEVER);
    atomic_store(&freeze->after_ns, after_ms * NS_PER_MS);
    atomic_store(&freeze->for_ns, for_ms * NS_PER_MS);
    atomic_store(&freeze->is_armed, for_ms > 0);
}

void freeze_note_request(struct freeze *freeze)
{
    if (!atomic_load_explicit(&freeze->is_armed, memory_order_relaxed))
        return;
    if (atomic_exchange(&freeze->is_armed, false))
        atomic_store(&freeze->from_ns, clock_ns() + atomic_load(&freeze->after_ns));
}

/* True while there is time left and the origin has not been asked to end. */
static bool wait_a_while(const struct freeze *freeze, uint64_t until_ns)
{
    uint64_t now_ns = clock_ns();
    if (now_ns >= until_ns)
        return false;
    const struct timespec left = {(time_t)((until_ns - now_ns) / NS_PER_S),
                                  (long)((until_ns - now_ns) % NS_PER_S)};
    struct pollfd stop = {.fd = freeze->stop_fd, .events = POLLIN};
    return ppoll(&stop, 1, &left, NULL) <= 0;
}

void freeze_hold(struct freeze *freeze)
{
    uint64_t from_ns = atomic_load_explicit(&freeze->from_ns, memory_order_acquire);
    if (from_ns == NEVER || clock_ns() < from_ns)
        return;
    const uint64_t until_ns = from_ns + atomic_load(&freeze->for_ns);
    while (wait_a_while(freeze, until_ns)) {
        /* woken by a signal, or a little early: look at the clock again */
    }
    /* over; unless another has been armed meanwhile */
    (void)atomic_compare_exchange_strong(&freeze->from_ns, &from_ns, NEVER);
}
