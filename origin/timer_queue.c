/* timer_queue.c: a binary heap of entries under one timerfd; see timer_queue.h. */
#include "origin/timer_queue.h"

#include "common/clock.h"
#include "common/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* Entries fired per ring, so that many that are due at once do not keep new requests
 * waiting until the last of it is answered. */
#define FIRE_MAX 128

static void put(struct timer_queue *queue, struct timer_entry *entry, size_t place)
{
    queue->heap[place] = entry;
    entry->place = place;
}

static void sift_up(struct timer_queue *queue, struct timer_entry *entry, size_t place)
{
    while (place > 1 && queue->heap[place / 2]->at_ns > entry->at_ns) {
        put(queue, queue->heap[place / 2], place);
        place /= 2;
    }
    put(queue, entry, place);
}

static void sift_down(struct timer_queue *queue, struct timer_entry *entry, size_t place)
{
    for (;;) {
        size_t child = 2 * place;
        if (child < queue->count &&
            queue->heap[child + 1]->at_ns < queue->heap[child]->at_ns)
            child++;
        if (child > queue->count || queue->heap[child]->at_ns >= entry->at_ns)
            break;
        put(queue, queue->heap[child], place);
        place = child;
    }
    put(queue, entry, place);
}

/* Setting a timerfd also clears its expirations, so it is never read. A time in the past
 * rings at once; all zero would disarm it, but the clock is past zero. */
static void arm(struct timer_queue *queue, uint64_t at_ns)
{
    struct itimerspec when = {0};
    if (at_ns != UINT64_MAX) {
        when.it_value.tv_sec = (time_t)(at_ns / NS_PER_S);
        when.it_value.tv_nsec = (long)(at_ns % NS_PER_S);
    }
    queue->armed_ns = at_ns;
    (void)timerfd_settime(queue->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void on_ring(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct timer_queue *queue = arg;
    uint64_t now = clock_ns();
    for (int i = 0; i < FIRE_MAX && queue->count && queue->heap[1]->at_ns <= now; i++) {
        struct timer_entry *entry = queue->heap[1];
        timer_queue_remove(queue, entry);
        queue->fire(entry);
    }
    arm(queue, queue->count ? queue->heap[1]->at_ns : UINT64_MAX);
}

int timer_queue_init(struct timer_queue *queue, struct event_base *base,
                     void (*fire)(struct timer_entry *entry), struct err *err)
{
    *queue = (struct timer_queue){.armed_ns = UINT64_MAX, .fire = fire};
    queue->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (queue->timer_fd < 0)
        return err_set(err, EXIT_CODE_UNFIT, "no timer: %s", strerror(errno));
    queue->event = event_new(base, queue->timer_fd, EV_READ | EV_PERSIST, on_ring, queue);
    if (!queue->event || event_add(queue->event, NULL))
        return err_set(err, EXIT_CODE_UNFIT, "no timer: libevent refuses");
    return 0;
}

void timer_queue_done(struct timer_queue *queue)
{
    if (queue->event)
        event_free(queue->event);
    if (queue->timer_fd >= 0)
        (void)close(queue->timer_fd);
    free((void *)queue->heap);
    *queue = (struct timer_queue){.timer_fd = -1};
}

int timer_queue_reserve(struct timer_queue *queue, size_t count)
{
    if (count < queue->capacity) /* place 0 is unused */
        return 0;
    size_t capacity = queue->capacity ? 2 * queue->capacity : 64;
    while (capacity <= count)
        capacity *= 2;
    void *heap =
        memory_realloc((void *)queue->heap, capacity * sizeof(struct timer_entry *));
    queue->heap = heap;
    queue->capacity = capacity;
    return 0;
}

void timer_queue_add(struct timer_queue *queue, struct timer_entry *entry, uint64_t at_ns)
{
    entry->at_ns = at_ns;
    sift_up(queue, entry, ++queue->count);
    if (at_ns < queue->armed_ns)
        arm(queue, at_ns);
}

void timer_queue_remove(struct timer_queue *queue, struct timer_entry *entry)
{
    size_t place = entry->place;
    if (place == 0)
        return;
    entry->place = 0;
    struct timer_entry *last = queue->heap[queue->count--];
    if (last == entry)
        return;
    if (place > 1 && queue->heap[place / 2]->at_ns > last->at_ns)
        sift_up(queue, last, place);
    else
        sift_down(queue, last, place);
    /* the timer may now ring for nothing: cheaper than arming it again */
}
