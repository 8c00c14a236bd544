/* desk.c: see desk.h. */
#include "runtime/loop/desk.h"

#include <stddef.h>

static void push(struct line *line, struct errand *errand)
{
    errand->next = NULL;
    *line->end = errand;
    line->end = &errand->next;
}

static struct errand *pop(struct line *line)
{
    struct errand *errand = line->first;
    if (errand && !(line->first = errand->next))
        line->end = &line->first;
    return errand;
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct desk *desk = arg;
    for (struct errand *errand = NULL; (errand = pop(&desk->ready));)
        desk->on_done(desk->owner, errand->user);
}

/* Tells it from the loop, not at once: that would be a call within the call that makes it
 * ready. */
static void make_ready(struct desk *desk, struct errand *errand)
{
    if (!desk->ready.first)
        event_active(desk->event, EV_TIMEOUT, 0);
    push(&desk->ready, errand);
}

int desk_init(struct desk *desk, struct event_base *base, desk_done_fn *on_done,
              void *owner)
{
    *desk = (struct desk){.on_done = on_done, .owner = owner};
    desk->producers.end = &desk->producers.first;
    desk->consumers.end = &desk->consumers.first;
    desk->ready.end = &desk->ready.first;
    desk->event = event_new(base, -1, 0, on_event, desk);
    return desk->event ? 0 : -1;
}

/* Puts an item. A waiting consumer has found nothing, so the first of them gets it. */
static bool put(struct desk *desk, struct channel *channel, struct errand *errand)
{
    errand->is_over = channel_nobody_takes(channel);
    if (errand->is_over)
        return false;
    if (!channel_push(channel, errand->item)) {
        channel->producer_waits++;
        push(&desk->producers, errand);
        return true;
    }
    struct errand *consumer = pop(&desk->consumers);
    if (consumer) {
        (void)channel_pop(channel, &consumer->item);
        make_ready(desk, consumer);
    }
    return false;
}

static bool get(struct desk *desk, struct channel *channel, struct errand *errand)
{
    if (channel_pop(channel, &errand->item)) {
        struct errand *producer = pop(&desk->producers);
        if (producer) {
            (void)channel_push(channel, producer->item);
            make_ready(desk, producer);
        }
        return false;
    }
    errand->is_over = channel_nothing_comes(channel);
    if (errand->is_over)
        return false;
    channel->consumer_waits++;
    push(&desk->consumers, errand);
    return true;
}

static void leave(struct desk *desk, struct channel *channel, size_t seat)
{
    channel_leave(channel, seat);
    if (!channel_nothing_comes(channel))
        return;
    for (struct errand *consumer = NULL; (consumer = pop(&desk->consumers));) {
        consumer->is_over = true;
        make_ready(desk, consumer);
    }
}

bool desk_serve(struct desk *desk, struct channel *channel, struct errand *errand,
                void *user)
{
    errand->user = user;
    errand->is_over = false;
    if (errand->kind == CHANNEL_PUT)
        return put(desk, channel, errand);
    if (errand->kind == CHANNEL_GET)
        return get(desk, channel, errand);
    leave(desk, channel, errand->seat);
    return false;
}

void desk_done(struct desk *desk)
{
    if (desk->event)
        event_free(desk->event);
    desk->event = NULL;
}
