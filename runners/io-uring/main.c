/* io-uring: the same client as `epoll`, on queues shared with the kernel.
 *
 *     this thread   A: send+receive, B: send+receive |          |A's response: A again
 *     the queues    ----------------------------> submit, wait -+--> completions ----
 *     the kernel                                     sends A, B, receives A ... B ...
 *                     one system call for everything that is queued        time ->
 *
 * epoll says which sockets are ready, and each of them then takes a system call of its
 * own. Here the thread queues what it wants for all clients, enters the kernel once, and
 * finds the work done. Sending and receiving are one linked pair, and the kernel takes a
 * buffer from a pool only when there is something to receive.
 *
 * A long request is the exception: its answer may come first, so it is sent and its
 * answer received side by side.
 *
 * What it costs: operations are under way while the program does other things, so memory
 * must stay where it is, and a request that is late has to be cancelled first. Not every
 * kernel and sandbox allows io_uring; `--probe` says whether this one does.
 *
 * What to look for in the results: hardly any system calls per request, and less CPU per
 * request than `epoll`. What remains is the work in the kernel, which stays the same. */
#include "common/clock.h"
#include "operation.h"
#include "ring.h"
#include "runtime/raw/client.h"
#include "runtime/runner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

struct loop {
    struct clients clients;
    struct ring ring;
};

/* A client that is not waiting for a time has exactly one operation (or pair) queued, or
 * two while a long request is sent. */
static void advance(struct loop *loop, struct client *client)
{
    while (client->need == CLIENT_CONNECT) {
        if (client_open(client)) {
            operation_connect(&loop->ring, client);
            return;
        }
    }
    if (client->need == CLIENT_SEND)
        operation_send(&loop->ring, client);
    else if (client->need == CLIENT_RECEIVE)
        operation_receive(&loop->ring, client);
}

static void on_receive(struct loop *loop, struct client *client,
                       const struct io_uring_cqe *cqe)
{
    bool is_again = cqe->res == -ENOBUFS || cqe->res == -EINTR ||
                    (cqe->res == -EAGAIN && !client->is_broken);
    if (!is_again)
        client_received(client, ring_buffer(&loop->ring, cqe), cqe->res);
}

static void on_completion(struct loop *loop, const struct io_uring_cqe *cqe)
{
    uint64_t data = io_uring_cqe_get_data64(cqe);
    struct client *client = &loop->clients.list[operation_client(data)];
    enum operation operation = operation_kind(data);
    if (!operation_is_of(data, client))
        return; /* its connection is closed already */
    if (operation == CANCEL) {
        /* nothing was cancelled, perhaps because the second of a pair had not begun yet
         */
        if (cqe->res <= 0 && client->is_late)
            operation_cancel(&loop->ring, client);
        return;
    }
    client->under_way &= (uint8_t)~operation;
    if (client->is_late)
        client_end(client, OUTCOME_TIMEOUT);
    else if (operation == CONNECT)
        client_connected(client, -cqe->res);
    else if (operation == RECEIVE)
        on_receive(loop, client, cqe);
    else
        client_sent(client, operation == SEND || cqe->res < 0 ? cqe->res : -EPIPE);
    advance(loop, client);
}

static int serve(struct loop *loop, struct err *err)
{
    struct clients *clients = &loop->clients;
    while (clients->alive > 0) {
        int status = ring_wait(&loop->ring, clients_next_ns(clients));
        if (status)
            return err_set(err, EXIT_CODE_UNFIT, "io_uring: %s", strerror(-status));
        struct io_uring_cqe *cqe = NULL;
        unsigned head = 0;
        unsigned count = 0;
        io_uring_for_each_cqe(&loop->ring.uring, head, cqe)
        {
            on_completion(loop, cqe);
            ring_recycle(&loop->ring, cqe);
            count++;
        }
        io_uring_cq_advance(&loop->ring.uring, count);
        uint64_t now_ns = clients_next_ns(clients) == UINT64_MAX ? 0 : clock_ns();
        for (struct client *c = NULL; (c = clients_take_late(clients, now_ns));)
            operation_cancel(&loop->ring, c);
        for (struct client *c = NULL; (c = clients_take_due(clients, now_ns));)
            advance(loop, c);
    }
    return 0;
}

static int run_io_uring(struct run *run, struct err *err)
{
    struct loop loop = {.ring.is_open = false};
    int status = ring_init(&loop.ring, (size_t)run->settings.concurrency,
                           (size_t)run->settings.buffer_bytes, err);
    if (!status)
        status = clients_init(&loop.clients, run, 0, err);
    for (size_t i = 0; !status && i < loop.clients.count; i++) {
        client_start(&loop.clients.list[i]);
        advance(&loop, &loop.clients.list[i]);
    }
    if (!status)
        status = serve(&loop, err);
    run_add_knob(run, "ring", loop.ring.is_deferred ? "deferred" : "plain", 0);
    ring_done(&loop.ring);
    clients_done(&loop.clients);
    return status;
}

static int probe(struct err *err)
{
    struct ring ring;
    int status = ring_init(&ring, 1, 4096, err);
    ring_done(&ring);
    return status;
}

int main(int argc, char **argv)
{
    const struct model model = {
        .name = "io-uring",
        .about = "raw sockets and io_uring, no libcurl",
        .family = FAMILY_SOCKETS,
        .tasks = "http",
        .has_own_http = true,
        .probe = probe,
        .threads = runner_one_thread,
        .needs = {.fds = 1, .kib = 8, .kib_bare = 1},
        .run = run_io_uring,
    };
    return runner_main(argc, argv, &model);
}
