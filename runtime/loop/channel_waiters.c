/* channel_waiters.c: see channel_waiters.h. */
#include "runtime/loop/channel_waiters.h"

#include <stddef.h>

static void push(struct waiter_queue *queue, struct channel_op *op)
{
    op->next = NULL;
    *queue->end = op;
    queue->end = &op->next;
}

static struct channel_op *pop(struct waiter_queue *queue)
{
    struct channel_op *op = queue->first;
    if (op && !(queue->first = op->next))
        queue->end = &queue->first;
    return op;
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct channel_waiters *waiters = arg;
    for (struct channel_op *op = NULL; (op = pop(&waiters->ready));)
        waiters->on_done(waiters->owner, op->user);
}

/* Tells it from the loop, not at once: that would be a call within the call that makes it
 * ready. */
static void make_ready(struct channel_waiters *waiters, struct channel_op *op)
{
    if (!waiters->ready.first)
        event_active(waiters->event, EV_TIMEOUT, 0);
    push(&waiters->ready, op);
}

int channel_waiters_init(struct channel_waiters *waiters, struct event_base *base,
                         channel_waiters_done_fn *on_done, void *owner)
{
    *waiters = (struct channel_waiters){.on_done = on_done, .owner = owner};
    waiters->producers.end = &waiters->producers.first;
    waiters->consumers.end = &waiters->consumers.first;
    waiters->ready.end = &waiters->ready.first;
    waiters->event = event_new(base, -1, 0, on_event, waiters);
    return waiters->event ? 0 : -1;
}

/* Puts an item. A waiting consumer has found nothing, so the first of them gets it. */
static bool put(struct channel_waiters *waiters, struct channel *channel,
                struct channel_op *op)
{
    op->is_over = channel_nobody_takes(channel);
    if (op->is_over)
        return false;
    if (!channel_push(channel, op->item)) {
        channel->producer_waits++;
        push(&waiters->producers, op);
        return true;
    }
    struct channel_op *consumer = pop(&waiters->consumers);
    if (consumer) {
        (void)channel_pop(channel, &consumer->item);
        make_ready(waiters, consumer);
    }
    return false;
}

static bool get(struct channel_waiters *waiters, struct channel *channel,
                struct channel_op *op)
{
    if (channel_pop(channel, &op->item)) {
        struct channel_op *producer = pop(&waiters->producers);
        if (producer) {
            (void)channel_push(channel, producer->item);
            make_ready(waiters, producer);
        }
        return false;
    }
    op->is_over = channel_nothing_comes(channel);
    if (op->is_over)
        return false;
    channel->consumer_waits++;
    push(&waiters->consumers, op);
    return true;
}

static void leave(struct channel_waiters *waiters, struct channel *channel, size_t member)
{
    channel_leave(channel, member);
    if (!channel_nothing_comes(channel))
        return;
    for (struct channel_op *consumer = NULL; (consumer = pop(&waiters->consumers));) {
        consumer->is_over = true;
        make_ready(waiters, consumer);
    }
}

bool channel_waiters_serve(struct channel_waiters *waiters, struct channel *channel,
                           struct channel_op *op, void *user)
{
    op->user = user;
    op->is_over = false;
    if (op->kind == CHANNEL_PUT)
        return put(waiters, channel, op);
    if (op->kind == CHANNEL_GET)
        return get(waiters, channel, op);
    leave(waiters, channel, op->member);
    return false;
}

void channel_waiters_done(struct channel_waiters *waiters)
{
    if (waiters->event)
        event_free(waiters->event);
    waiters->event = NULL;
}
