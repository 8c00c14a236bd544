/* epoll: sockets and epoll by hand, one thread, no libcurl, no event library.
 *
 *     loop        -+-send A-+-send B-+ epoll_wait ... +-recv A, send A-+-recv B, send B-+
 *     client A     [request ....wait..................][request ....wait...
 *     client B              [request ....wait..........................][request ....
 *                  a request is two system calls and its share of a third      time ->
 *
 * The least that a client can do. The request is the same bytes every time, written at
 * once when the last response is complete. One buffer takes the answers of all
 * connections, parsed where they lie. epoll is told of a connection once, and reports
 * only changes. The loop reads until a response is complete or the socket is empty.
 *
 * What it costs: what libcurl can do and this cannot: TLS, proxies, redirects,
 * authentication, compression, HTTP/2. raw/ has a connection's states and a parser.
 *
 * What to look for in the results: a lower bound for all models, but not of start-up, as
 * libcurl is loaded too. What `callbacks` needs beyond it is libcurl's and libevent's. */
#include "common/clock.h"
#include "common/memory.h"
#include "runtime/raw/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS_MAX 256

struct loop {
    struct clients clients;
    int epoll_fd;
    char *buffer; /* shared by all clients: its content is parsed at once */
    size_t buffer_bytes;
};

static ssize_t or_errno(ssize_t result)
{
    return result < 0 ? -errno : result;
}

/* Each of these functions does what the client needs; false: it has to wait. */
static bool try_connect(struct loop *loop, struct client *client)
{
    if (!client_open(client))
        return true;
    const struct sockaddr *address = (const struct sockaddr *)&client->address.bytes;
    int error = connect(client->fd, address, client->address.size) ? errno : 0;
    struct epoll_event events = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                 .data.ptr = client};
    if (!error || error == EINPROGRESS) {
        if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, client->fd, &events))
            error = errno;
    }
    client->is_connecting = error == EINPROGRESS;
    if (!client->is_connecting)
        client_connected(client, error);
    return !client->is_connecting;
}

static bool try_send(struct client *client)
{
    size_t size = 0;
    const char *bytes = client_unsent(client, &size);
    ssize_t result = or_errno(send(client->fd, bytes, size, MSG_NOSIGNAL));
    if (result == -EAGAIN) {
        client->has_waited = true;
        return false;
    }
    client_sent(client, result);
    /* too soon for an answer, unless sending waited: its edge may be used up by then */
    return client->need != CLIENT_RECEIVE || client->has_waited || client->is_broken;
}

static bool try_receive(struct loop *loop, struct client *client)
{
    ssize_t result = or_errno(recv(client->fd, loop->buffer, loop->buffer_bytes, 0));
    if (result == -EAGAIN && !client->is_broken)
        return false;
    client_received(client, loop->buffer, result);
    return true;
}

static void advance(struct loop *loop, struct client *client)
{
    for (bool goes_on = true; goes_on;) {
        switch (client->need) {
        case CLIENT_CONNECT:
            goes_on = try_connect(loop, client);
            break;
        case CLIENT_SEND:
            goes_on = try_send(client);
            if (!goes_on && client->need == CLIENT_SEND && !client_has_answer(client))
                goes_on = try_receive(loop, client); /* it may come already */
            break;
        case CLIENT_RECEIVE:
            goes_on = try_receive(loop, client);
            break;
        case CLIENT_WAIT:
        case CLIENT_REST:
            return;
        }
    }
}

static void on_event(struct loop *loop, struct client *client, uint32_t events)
{
    bool is_over = events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
    if (client->is_connecting) {
        int error = 0;
        socklen_t size = sizeof error;
        if (!(events & EPOLLOUT) && !is_over)
            return;
        (void)getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        client->is_connecting = false;
        client_connected(client, error);
    } else if (is_over) {
        client->is_peer_done = true; /* the edge that says so comes once */
        if (client->need == CLIENT_WAIT)
            client_close(client);
    }
    advance(loop, client);
}

/* Sleeps until something happens or the next time is due. */
static int wait_for_events(struct loop *loop, struct epoll_event *events)
{
    uint64_t next_ns = clients_next_ns(&loop->clients);
    uint64_t now_ns = next_ns == UINT64_MAX ? 0 : clock_ns();
    uint64_t left_ns = next_ns > now_ns ? next_ns - now_ns : 0;
    const struct timespec left = {(time_t)(left_ns / NS_PER_S),
                                  (long)(left_ns % NS_PER_S)};
    bool has_time = next_ns != UINT64_MAX;
    int count =
        epoll_pwait2(loop->epoll_fd, events, EVENTS_MAX, has_time ? &left : NULL, NULL);
    if (count >= 0 || errno != ENOSYS)
        return count;
    int left_ms = has_time ? (int)((left_ns + NS_PER_MS - 1) / NS_PER_MS) : -1;
    return epoll_wait(loop->epoll_fd, events, EVENTS_MAX, left_ms); /* before 5.11 */
}

/* An event is about the connection that its client had when the kernel was asked. A due
 * time may close that connection, so times are served after all events in hand. */
static int serve(struct loop *loop, struct err *err)
{
    struct epoll_event events[EVENTS_MAX];
    struct clients *clients = &loop->clients;
    while (clients->alive > 0) {
        int count = wait_for_events(loop, events);
        if (count < 0 && errno != EINTR)
            return err_set(err, EXIT_CODE_UNFIT, "epoll: %s", strerror(errno));
        for (int i = 0; i < count; i++)
            on_event(loop, events[i].data.ptr, events[i].events);
        uint64_t now_ns = clients_next_ns(clients) == UINT64_MAX ? 0 : clock_ns();
        for (struct client *c = NULL; (c = clients_take_late(clients, now_ns));) {
            c->is_connecting = false;
            client_end(c, OUTCOME_TIMEOUT);
            advance(loop, c);
        }
        for (struct client *c = NULL; (c = clients_take_due(clients, now_ns));)
            advance(loop, c);
    }
    return 0;
}

static int run_epoll(struct run *run, struct err *err)
{
    struct loop loop = {.epoll_fd = epoll_create1(EPOLL_CLOEXEC),
                        .buffer_bytes = (size_t)run->settings.buffer_bytes};
    loop.buffer = memory_malloc(loop.buffer_bytes);
    int status = clients_init(&loop.clients, run, SOCK_NONBLOCK, err);
    if (loop.epoll_fd < 0)
        status = err_set(err, EXIT_CODE_UNFIT, "epoll: %s", strerror(errno));
    for (size_t i = 0; !status && i < loop.clients.count; i++) {
        client_start(&loop.clients.list[i]);
        advance(&loop, &loop.clients.list[i]);
    }
    status = status ? status : serve(&loop, err);
    clients_done(&loop.clients);
    free(loop.buffer);
    (void)close(loop.epoll_fd);
    return status;
}

int main(int argc, char **argv)
{
    const struct model model = {
        .name = "epoll",
        .about = "raw sockets and epoll, no libcurl: the floor under a loop",
        .family = FAMILY_SOCKETS,
        .tasks = "http",
        .has_own_http = true,
        .threads = runner_one_thread,
        .needs = {.fds = 1, .kib = 8, .kib_bare = 1},
        .run = run_epoll,
    };
    return runner_main(argc, argv, &model);
}
