/* timers.c: a binary heap; see timers.h. Children of i are 2i + 1 and 2i + 2. */
#include "runtime/timers.h"

#include "common/memory.h"

#include <stdlib.h>

int timers_init(struct timers *timers, size_t capacity)
{
    struct timer *heap = memory_malloc((capacity ? capacity : 1) * sizeof *heap);
    *timers = (struct timers){.heap = heap, .capacity = capacity};
    return 0;
}

static void grow(struct timers *timers)
{
    size_t capacity = timers->capacity ? 2 * timers->capacity : 64;
    struct timer *heap = memory_realloc(timers->heap, capacity * sizeof *heap);
    timers->heap = heap;
    timers->capacity = capacity;
}

int timers_add(struct timers *timers, uint64_t due_ns, void *user)
{
    if (timers->count == timers->capacity)
        grow(timers);
    size_t hole = timers->count++;
    while (hole > 0 && timers->heap[(hole - 1) / 2].due_ns > due_ns) {
        timers->heap[hole] = timers->heap[(hole - 1) / 2];
        hole = (hole - 1) / 2;
    }
    timers->heap[hole] = (struct timer){due_ns, user};
    return 0;
}

uint64_t timers_next_ns(const struct timers *timers)
{
    return timers->count ? timers->heap[0].due_ns : UINT64_MAX;
}

/* The last timer sinks from the root to its place. */
void *timers_take(struct timers *timers, uint64_t now_ns)
{
    if (timers_next_ns(timers) > now_ns || timers->count == 0)
        return NULL;
    struct timer *heap = timers->heap;
    void *user = heap[0].user;
    struct timer last = heap[--timers->count];
    size_t hole = 0;
    for (size_t child = 1; child < timers->count; child = 2 * hole + 1) {
        if (child + 1 < timers->count && heap[child + 1].due_ns < heap[child].due_ns)
            child++;
        if (heap[child].due_ns >= last.due_ns)
            break;
        heap[hole] = heap[child];
        hole = child;
    }
    heap[hole] = last;
    return user;
}

void timers_done(struct timers *timers)
{
    free(timers->heap);
    *timers = (struct timers){0};
}
