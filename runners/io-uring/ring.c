/* ring.c: setting io_uring up, and waiting; see ring.h. */
#include "ring.h"

#include "common/clock.h"
#include "common/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define OPERATIONS_MAX                                                                   \
    32768U /* io_uring's own limit; if there are more, some are submitted earlier */
#define BUFFERS_MAX 1024U /* more completions than that at once wait for a buffer */

static unsigned power_of_two(size_t wanted, unsigned most)
{
    unsigned power = 8;
    while (power < wanted && power < most)
        power *= 2;
    return power;
}

static int refused(int status, struct err *err)
{
    return err_set(err, EXIT_CODE_UNFIT,
                   "io_uring cannot be used here: %s (it needs Linux 5.19, sysctl "
                   "kernel.io_uring_disabled=0 and a sandbox that allows it)",
                   strerror(-status));
}

/* Opens the queues, deferred where the kernel can (6.1): otherwise completions interrupt
 * this thread. */
static int open_queues(struct ring *ring, size_t clients)
{
    unsigned operations = power_of_two(2 * clients, OPERATIONS_MAX);
    struct io_uring_params params = {.flags = IORING_SETUP_SINGLE_ISSUER |
                                              IORING_SETUP_DEFER_TASKRUN};
    int status = io_uring_queue_init_params(operations, &ring->uring, &params);
    ring->is_deferred = status == 0;
    if (status == -EINVAL) {
        params = (struct io_uring_params){0};
        status = io_uring_queue_init_params(operations, &ring->uring, &params);
    }
    ring->is_open = status == 0;
    const unsigned needed = IORING_FEAT_CQE_SKIP | IORING_FEAT_EXT_ARG;
    if (status == 0 && (params.features & needed) != needed)
        status = -ENOSYS;
    return status;
}

static void add_buffer(struct ring *ring, unsigned index)
{
    io_uring_buf_ring_add(ring->buffers, ring->memory + index * ring->buffer_bytes,
                          (unsigned)ring->buffer_bytes, (unsigned short)index,
                          io_uring_buf_ring_mask(ring->buffer_count), 0);
    io_uring_buf_ring_advance(ring->buffers, 1);
}

static size_t pool_bytes(const struct ring *ring)
{
    return ring->buffer_count * ring->buffer_bytes;
}

/* Makes the pool of buffers. Pages of it that are never used take no memory. */
static int make_buffers(struct ring *ring)
{
    size_t bytes = ring->buffer_count * sizeof(struct io_uring_buf);
    void *buffers = NULL;
    void *pool = mmap(NULL, pool_bytes(ring), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ring->memory = pool == MAP_FAILED ? NULL : pool;
    if (!ring->memory)
        return -ENOMEM;
    if (posix_memalign(&buffers, (size_t)getpagesize(), bytes))
        memory_exhausted();
    ring->buffers = buffers;
    struct io_uring_buf_reg reg = {.ring_addr = (uint64_t)(uintptr_t)buffers,
                                   .ring_entries = ring->buffer_count,
                                   .bgid = RING_BUFFER_GROUP};
    io_uring_buf_ring_init(ring->buffers);
    int status = io_uring_register_buf_ring(&ring->uring, &reg, 0);
    for (unsigned i = 0; !status && i < ring->buffer_count; i++)
        add_buffer(ring, i);
    return status;
}

int ring_init(struct ring *ring, size_t clients, size_t buffer_bytes, struct err *err)
{
    *ring = (struct ring){.buffer_bytes = buffer_bytes,
                          .buffer_count = power_of_two(clients, BUFFERS_MAX)};
    int status = open_queues(ring, clients);
    if (!status)
        status = make_buffers(ring);
    return status ? refused(status, err) : 0;
}

struct io_uring_sqe *ring_place(struct ring *ring, unsigned count)
{
    while (io_uring_sq_space_left(&ring->uring) < count)
        (void)io_uring_submit(&ring->uring);
    return io_uring_get_sqe(&ring->uring);
}

int ring_wait(struct ring *ring, uint64_t until_ns)
{
    uint64_t now_ns = until_ns == UINT64_MAX ? 0 : clock_ns();
    uint64_t left_ns = until_ns > now_ns ? until_ns - now_ns : 0;
    struct __kernel_timespec left = {(long long)(left_ns / NS_PER_S),
                                     (long long)(left_ns % NS_PER_S)};
    struct io_uring_cqe *first = NULL;
    int status = io_uring_submit_and_wait_timeout(
        &ring->uring, &first, 1, until_ns == UINT64_MAX ? NULL : &left, NULL);
    bool is_fine = status >= 0 || status == -ETIME || status == -EINTR ||
                   status == -EAGAIN || status == -EBUSY;
    return is_fine ? 0 : status;
}

static unsigned buffer_of(const struct io_uring_cqe *cqe)
{
    return cqe->flags >> IORING_CQE_BUFFER_SHIFT;
}

char *ring_buffer(const struct ring *ring, const struct io_uring_cqe *cqe)
{
    return ring->memory + buffer_of(cqe) * ring->buffer_bytes;
}

void ring_recycle(struct ring *ring, const struct io_uring_cqe *cqe)
{
    if (cqe->flags & IORING_CQE_F_BUFFER)
        add_buffer(ring, buffer_of(cqe));
}

void ring_done(struct ring *ring)
{
    if (ring->is_open)
        io_uring_queue_exit(&ring->uring);
    free(ring->buffers);
    if (ring->memory)
        (void)munmap(ring->memory, pool_bytes(ring));
    *ring = (struct ring){0};
}
