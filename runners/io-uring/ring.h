/* ring: a pair of queues shared with the kernel, and a pool of receive buffers in it,
 * from which the kernel takes one when there is something to receive: a connection that
 * waits holds none. One thread only. */
#ifndef RUNNER_IO_URING_RING_H
#define RUNNER_IO_URING_RING_H

#include "common/err.h"

#include <liburing.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RING_BUFFER_GROUP 0

struct ring {
    struct io_uring uring;
    bool is_open;
    bool is_deferred; /* completions are made only when this thread waits */
    struct io_uring_buf_ring *buffers;
    char *memory; /* of the buffers; owned */
    size_t buffer_bytes;
    unsigned buffer_count;
};

/* Opens queues for `clients` connections with an operation each. EXIT_CODE_UNFIT, in one
 * line, where the kernel or a sandbox refuses. ring_done is needed whatever it returns.
 */
int ring_init(struct ring *ring, size_t clients, size_t buffer_bytes, struct err *err);

/* A place in the queue for an operation, the first of `count` that are submitted
 * together. Operations in the queue begin with the next ring_wait, if not before. */
struct io_uring_sqe *ring_place(struct ring *ring, unsigned count);

/* Submits what is queued and sleeps until there is a completion or clock_ns() is until_ns
 * (UINT64_MAX: no time). Returns 0 or -errno. */
int ring_wait(struct ring *ring, uint64_t until_ns);

/* The buffer of a completion that has one; it goes back to the pool by ring_recycle. */
char *ring_buffer(const struct ring *ring, const struct io_uring_cqe *cqe);
void ring_recycle(struct ring *ring, const struct io_uring_cqe *cqe);

void ring_done(struct ring *ring); /* of a zeroed struct too */

#endif
