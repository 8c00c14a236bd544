/* channel: the bounded queue between the producers and the consumers of task pipeline,
 * in memory that forked workers share.
 *
 *     producer --+                                  +--> consumer
 *     producer --+--> [ item | item | item |   ] ---+--> consumer
 *                      full: producers wait          empty: consumers wait
 *
 * Each worker is a member with a number; the odd ones are producers. When the last
 * producer has left and the queue is empty, consumers are told that nothing will come.
 * When the last consumer is gone, producers are told that nobody will take. So nothing is
 * lost, and no worker waits for a dead one.
 *
 * The model decides how to wait. channel_do blocks the thread, under a mutex. A loop,
 * where one thing happens at a time, uses channel_push and channel_pop without the mutex,
 * and parks the coroutines or clients that have to wait (loop/channel_waiters.h). */
#ifndef RUNTIME_CHANNEL_H
#define RUNTIME_CHANNEL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct item {
    uint64_t number;
    uint64_t start_ns; /* when a producer took it in hand */
};

/* What a worker asks of the channel. */
struct channel_op {
    enum channel_op_kind { CHANNEL_PUT, CHANNEL_GET, CHANNEL_LEAVE } kind;
    size_t member;
    struct item item;        /* to put, or got */
    bool is_over;            /* the answer: nobody will take it, or nothing will come */
    struct channel_op *next; /* for the model, while this waits: a place in a queue, */
    void *user;              /* and what waits */
};

/* Does what a pthread_cond_t does. That one is not used, because it may hang for ever
 * when a process that waits for it is killed. */
struct condition {
    _Atomic uint32_t changes;
    uint32_t waiting; /* an upper bound of the waiters; under the lock */
};

struct member {
    pid_t pid; /* of its process; 0: it has not joined yet */
    bool is_left;
};

struct channel {
    pthread_mutex_t lock; /* survives the death of its holder */
    struct condition has_items, has_room;
    bool is_closed;
    uint64_t put, taken; /* items so far */
    uint64_t producer_waits, consumer_waits;
    uint64_t producers, consumers; /* those that have not left */
    size_t slot_count, member_count;
    struct item *slots; /* in the same mapping, as are the members */
    struct member *members;
};

/* A new channel for this many items and workers; NULL when memory is refused. */
struct channel *channel_new(uint64_t slots, uint64_t members);

static inline bool channel_is_producer(size_t member)
{
    return member % 2 == 1;
}

/* Makes the calling process that member. Call it before the first operation. */
void channel_join(struct channel *channel, size_t member);

/* Does the operation, and blocks until it is done. Any thread or process. */
void channel_do(struct channel *channel, struct channel_op *op);

/* The member leaves; a second call does nothing. Any thread or process. */
void channel_leave(struct channel *channel, size_t member);

/* Makes the members leave whose process has died. If it was none yet, its role is not
 * known, and the channel is closed. */
void channel_lose(struct channel *channel, pid_t pid);

/* Ends a run that cannot go on: nothing is put or taken any more. */
void channel_close(struct channel *channel);

/* For loops: these neither wait nor lock. False: the queue is full, or empty. */
bool channel_push(struct channel *channel, struct item item);
bool channel_pop(struct channel *channel, struct item *out_item);
bool channel_nobody_takes(const struct channel *channel);
bool channel_nothing_comes(const struct channel *channel); /* ask when it is empty */

void channel_free(struct channel *channel); /* NULL-safe */

#endif
