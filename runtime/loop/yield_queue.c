/* yield_queue.c: see yield_queue.h. The queue is a ring that grows. It does not lie in
 * the structs of the users, as a million sleepers would pay for it too. */
#include "runtime/loop/yield_queue.h"

#include "common/memory.h"

#include <stdlib.h>

#define FIRST_SIZE 64

/* Sets a time that is already over. event_active would not do, as it is served again
 * before the loop has looked at its sockets. */
static bool call_in_next_pass(struct yield_queue *queue)
{
    static const struct timeval at_once = {0, 0};
    return evtimer_add(queue->event, &at_once) == 0;
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct yield_queue *queue = arg;
    queue->is_serving = true;
    for (size_t i = 0; i < YIELDS_A_PASS && queue->count > 0; i++) {
        void *user = queue->ring[queue->first];
        queue->first = (queue->first + 1) & (queue->size - 1);
        queue->count--;
        queue->on_turn(queue->owner, user);
    }
    queue->is_serving = false;
    if (queue->count > 0)
        (void)call_in_next_pass(queue);
}

void yield_queue_init(struct yield_queue *queue, struct event_base *base,
                      yield_queue_fn *on_turn, void *owner)
{
    *queue = (struct yield_queue){.base = base, .on_turn = on_turn, .owner = owner};
}

static void grow(struct yield_queue *queue)
{
    size_t size = queue->size ? queue->size * 2 : FIRST_SIZE;
    void **ring = memory_malloc(size * sizeof *ring);
    for (size_t i = 0; i < queue->count; i++)
        ring[i] = queue->ring[(queue->first + i) & (queue->size - 1)];
    free(queue->ring);
    queue->ring = ring;
    queue->size = size;
    queue->first = 0;
}

bool yield_queue_add(struct yield_queue *queue, void *user)
{
    if (!queue->event)
        queue->event = evtimer_new(queue->base, on_event, queue);
    if (queue->count == queue->size)
        grow(queue);
    if (queue->count == 0 && !queue->is_serving && !call_in_next_pass(queue))
        return false;
    queue->ring[(queue->first + queue->count++) & (queue->size - 1)] = user;
    return true;
}

void yield_queue_done(struct yield_queue *queue)
{
    if (queue->event)
        event_free(queue->event);
    queue->event = NULL;
    free(queue->ring);
    queue->ring = NULL;
}
