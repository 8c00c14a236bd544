/* alarm.c: see alarm.h. */
#include "runtime/loop/alarm.h"

#include "common/clock.h"

static void set(struct alarm *alarm)
{
    uint64_t next_ns = timers_next_ns(&alarm->timers);
    uint64_t now_ns = clock_ns();
    if (next_ns == UINT64_MAX)
        return;
    uint64_t left_us = next_ns > now_ns ? (next_ns - now_ns) / NS_PER_US + 1 : 0;
    const struct timeval delay = {(time_t)(left_us / 1000000),
                                  (suseconds_t)(left_us % 1000000)};
    (void)evtimer_add(alarm->event, &delay);
}

/* The event may be early, as a loop reads the clock once a turn: then nothing is due yet.
 */
static void on_event(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct alarm *alarm = arg;
    uint64_t now_ns = clock_ns();
    for (void *user = NULL; (user = timers_take(&alarm->timers, now_ns));)
        alarm->on_due(alarm->owner, user);
    set(alarm);
}

int alarm_init(struct alarm *alarm, struct event_base *base, size_t capacity,
               alarm_due_fn *on_due, void *owner)
{
    *alarm = (struct alarm){.on_due = on_due, .owner = owner};
    alarm->event = evtimer_new(base, on_event, alarm);
    return alarm->event ? timers_init(&alarm->timers, capacity) : -1;
}

bool alarm_add(struct alarm *alarm, uint64_t due_ns, void *user)
{
    uint64_t first_ns = timers_next_ns(&alarm->timers);
    if (timers_add(&alarm->timers, due_ns, user))
        return false;
    if (due_ns < first_ns)
        set(alarm);
    return true;
}

void alarm_done(struct alarm *alarm)
{
    if (alarm->event)
        event_free(alarm->event);
    alarm->event = NULL;
    timers_done(&alarm->timers);
}
