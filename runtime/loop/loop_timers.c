/* loop_timers.c: see loop_timers.h. */
#include "runtime/loop/loop_timers.h"

#include "common/clock.h"

static void set(struct loop_timers *timers)
{
    uint64_t next_ns = timers_next_ns(&timers->heap);
    uint64_t now_ns = clock_ns();
    if (next_ns == UINT64_MAX)
        return;
    uint64_t left_us = next_ns > now_ns ? (next_ns - now_ns) / NS_PER_US + 1 : 0;
    const struct timeval delay = {(time_t)(left_us / 1000000),
                                  (suseconds_t)(left_us % 1000000)};
    (void)evtimer_add(timers->event, &delay);
}

/* The event may be early, as a loop reads the clock once a turn: then nothing is due yet.
 */
static void on_event(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct loop_timers *timers = arg;
    uint64_t now_ns = clock_ns();
    for (void *user = NULL; (user = timers_take(&timers->heap, now_ns));)
        timers->on_due(timers->owner, user);
    set(timers);
}

int loop_timers_init(struct loop_timers *timers, struct event_base *base, size_t capacity,
                     loop_timers_due_fn *on_due, void *owner)
{
    *timers = (struct loop_timers){.on_due = on_due, .owner = owner};
    timers->event = evtimer_new(base, on_event, timers);
    return timers->event ? timers_init(&timers->heap, capacity) : -1;
}

bool loop_timers_add(struct loop_timers *timers, uint64_t due_ns, void *user)
{
    uint64_t first_ns = timers_next_ns(&timers->heap);
    if (timers_add(&timers->heap, due_ns, user))
        return false;
    if (due_ns < first_ns)
        set(timers);
    return true;
}

void loop_timers_done(struct loop_timers *timers)
{
    if (timers->event)
        event_free(timers->event);
    timers->event = NULL;
    timers_done(&timers->heap);
}
