/* turns.c: see turns.h. The queue is a ring that grows. It does not lie in the structs of
 * the users, as a million sleepers would pay for it too. */
#include "runtime/loop/turns.h"

#include "common/memory.h"

#include <stdlib.h>

#define FIRST_SIZE 64

/* Sets a time that is already over. event_active would not do, as it is served again
 * before the loop has looked at its sockets. */
static bool call_in_next_pass(struct turns *turns)
{
    static const struct timeval at_once = {0, 0};
    return evtimer_add(turns->event, &at_once) == 0;
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct turns *turns = arg;
    turns->is_serving = true;
    for (size_t i = 0; i < TURNS_A_PASS && turns->count > 0; i++) {
        void *user = turns->ring[turns->first];
        turns->first = (turns->first + 1) & (turns->size - 1);
        turns->count--;
        turns->on_turn(turns->owner, user);
    }
    turns->is_serving = false;
    if (turns->count > 0)
        (void)call_in_next_pass(turns);
}

void turns_init(struct turns *turns, struct event_base *base, turns_fn *on_turn,
                void *owner)
{
    *turns = (struct turns){.base = base, .on_turn = on_turn, .owner = owner};
}

static void grow(struct turns *turns)
{
    size_t size = turns->size ? turns->size * 2 : FIRST_SIZE;
    void **ring = memory_malloc(size * sizeof *ring);
    for (size_t i = 0; i < turns->count; i++)
        ring[i] = turns->ring[(turns->first + i) & (turns->size - 1)];
    free(turns->ring);
    turns->ring = ring;
    turns->size = size;
    turns->first = 0;
}

bool turns_add(struct turns *turns, void *user)
{
    if (!turns->event)
        turns->event = evtimer_new(turns->base, on_event, turns);
    if (turns->count == turns->size)
        grow(turns);
    if (turns->count == 0 && !turns->is_serving && !call_in_next_pass(turns))
        return false;
    turns->ring[(turns->first + turns->count++) & (turns->size - 1)] = user;
    return true;
}

void turns_done(struct turns *turns)
{
    if (turns->event)
        event_free(turns->event);
    turns->event = NULL;
    free(turns->ring);
    turns->ring = NULL;
}
