/* turns: a queue of users that give the others a turn, on a libevent loop. The loop
 * serves it from the front, and looks at its sockets and times after every TURNS_A_PASS
 * turns. One thread only. */
#ifndef RUNTIME_TURNS_H
#define RUNTIME_TURNS_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>

/* Enough that the loop's own pass, with its system calls, does not count in a turn. */
#define TURNS_A_PASS 1000

/* Called when it is user's turn. owner is turns_init's. */
typedef void turns_fn(void *owner, void *user);

struct turns {
    struct event_base *base; /* borrowed */
    struct event *event;     /* NULL until the first turn */
    void **ring;             /* owned; its size is a power of two, or 0 */
    size_t size, first, count;
    bool is_serving;
    turns_fn *on_turn;
    void *owner; /* borrowed */
};

/* Takes no memory before the first turn. Needs turns_done before the base goes. */
void turns_init(struct turns *turns, struct event_base *base, turns_fn *on_turn,
                void *owner);

/* Calls on_turn(user) from the loop, after those that are already in the queue. False: no
 * memory for it. */
bool turns_add(struct turns *turns, void *user);

void turns_done(struct turns *turns); /* of a zeroed struct too */

#endif
