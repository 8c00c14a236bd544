/* yield_queue: users that give the others a turn, on a libevent loop. The loop serves it
 * from the front, and looks at its sockets and times after every YIELDS_A_PASS turns. One
 * thread only. */
#ifndef RUNTIME_YIELD_QUEUE_H
#define RUNTIME_YIELD_QUEUE_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>

/* Enough that the loop's own pass, with its system calls, does not count in a turn. */
#define YIELDS_A_PASS 1000

/* Called when it is user's turn. owner is yield_queue_init's. */
typedef void yield_queue_fn(void *owner, void *user);

struct yield_queue {
    struct event_base *base; /* borrowed */
    struct event *event;     /* NULL until the first turn */
    void **ring;             /* owned; its size is a power of two, or 0 */
    size_t size, first, count;
    bool is_serving;
    yield_queue_fn *on_turn;
    void *owner; /* borrowed */
};

/* Takes no memory before the first turn. Needs yield_queue_done before the base goes. */
void yield_queue_init(struct yield_queue *queue, struct event_base *base,
                      yield_queue_fn *on_turn, void *owner);

/* Calls on_turn(user) from the loop, after those that are already in the queue. False: no
 * memory for it. */
bool yield_queue_add(struct yield_queue *queue, void *user);

void yield_queue_done(struct yield_queue *queue); /* of a zeroed struct too */

#endif
