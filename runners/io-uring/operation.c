/* operation.c: from what a client needs to entries of the queue; see operation.h. */
#include "operation.h"

#include <sys/socket.h>

/* The least that any socket accepts at once, which is the smallest default buffer of the
 * kernel. A request of at most this size is sent whole before the server can answer. */
#define SHORT_BYTES 16384

static void tag(struct io_uring_sqe *sqe, struct client *client, enum operation operation)
{
    io_uring_sqe_set_data64(sqe, operation_data(client, operation));
    if (operation != CANCEL)
        client->under_way |= (uint8_t)operation;
}

void operation_connect(struct ring *ring, struct client *client)
{
    struct io_uring_sqe *sqe = ring_place(ring, 1);
    const struct sockaddr *address = (const struct sockaddr *)&client->address.bytes;
    io_uring_prep_connect(sqe, client->fd, address, client->address.size);
    tag(sqe, client, CONNECT);
}

void operation_receive(struct ring *ring, struct client *client)
{
    if (client->under_way & RECEIVE)
        return;
    struct io_uring_sqe *sqe = ring_place(ring, 1);
    io_uring_prep_recv(sqe, client->fd, NULL, ring->buffer_bytes,
                       client->is_broken ? MSG_DONTWAIT : 0);
    io_uring_sqe_set_flags(sqe, IOSQE_BUFFER_SELECT);
    sqe->buf_group = RING_BUFFER_GROUP;
    tag(sqe, client, RECEIVE);
}

/* Links the two: receiving begins when all is sent. Sending has no completion when it
 * succeeds, so exactly one of the two has one. */
static void send_and_receive(struct ring *ring, struct client *client, const char *bytes,
                             size_t size)
{
    struct io_uring_sqe *sqe = ring_place(ring, 2);
    io_uring_prep_send(sqe, client->fd, bytes, size, MSG_NOSIGNAL | MSG_WAITALL);
    io_uring_sqe_set_flags(sqe, IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS);
    io_uring_sqe_set_data64(sqe, operation_data(client, PAIR));
    client_sent(client, (ssize_t)size);
    operation_receive(ring, client);
}

void operation_send(struct ring *ring, struct client *client)
{
    size_t size = 0;
    const char *bytes = client_unsent(client, &size);
    if (size <= SHORT_BYTES && !client->under_way && !client_has_answer(client)) {
        send_and_receive(ring, client, bytes, size);
        return;
    }
    if (!(client->under_way & SEND)) {
        struct io_uring_sqe *sqe = ring_place(ring, 1);
        io_uring_prep_send(sqe, client->fd, bytes, size, MSG_NOSIGNAL | MSG_WAITALL);
        tag(sqe, client, SEND);
    }
    if (!client_has_answer(client))
        operation_receive(ring, client);
}

void operation_cancel(struct ring *ring, struct client *client)
{
    struct io_uring_sqe *sqe = ring_place(ring, 1);
    io_uring_prep_cancel_fd(sqe, client->fd, IORING_ASYNC_CANCEL_ALL);
    tag(sqe, client, CANCEL);
}
