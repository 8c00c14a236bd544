/* server.c: a loop, its thread and its listening sockets (server.h). What happens on the
 * accepted connections is conn.c's.
 *
 * The base is used by one thread only and needs no lock; the way in from outside is
 * the shared stop_fd, an eventfd that every loop watches and none reads. */
#include "origin/server.h"

#include "common/memory.h"
#include "origin/conn.h"
#include "origin/listener.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct server {
    int listen_fds[LISTENER_ADDRESSES_MAX];
    size_t listen_count;
    struct event_base *base;
    struct event *on_listen[LISTENER_ADDRESSES_MAX], *on_stop, *on_retry;
    struct conn_group group;
    bool has_group, is_started;
    pthread_t thread;
};

/* Out of fds or memory: the connection stays in the backlog, readable for ever, so
 * listening pauses for a moment instead of spinning. */
static void pause_accepting(struct server *server)
{
    const struct timeval moment = {0, 20000};
    for (size_t i = 0; i < server->listen_count; i++)
        (void)event_del(server->on_listen[i]);
    (void)event_add(server->on_retry, &moment);
}

static void retry_accepting(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct server *server = arg;
    bool has_all = true;
    for (size_t i = 0; i < server->listen_count; i++)
        has_all = !event_add(server->on_listen[i], NULL) && has_all;
    if (!has_all)
        pause_accepting(server);
}

static bool is_shortage(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void accept_all(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct server *server = arg;
    freeze_hold(server->group.freeze);
    for (;;) {
        int client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (client >= 0) {
            if (conn_open(&server->group, client))
                return;
        } else if (is_shortage(errno)) {
            pause_accepting(server);
            return;
        } else if (errno == EAGAIN) {
            return;
        }
        /* else the client went away while it queued; take the next one */
    }
}

static void stop(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct server *server = arg;
    (void)event_base_loopbreak(server->base);
}

static struct event_base *make_base(void)
{
    struct event_config *config = event_config_new();
    if (!config)
        return NULL;
    /* without IGNORE_ENV, EVENT_* variables could choose another kernel interface */
    int flags = EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV;
    struct event_base *base = NULL;
    if (!event_config_set_flag(config, flags))
        base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

static int build(struct server *server, const struct server_context *context,
                 struct err *err)
{
    server->base = make_base();
    if (!server->base)
        return err_set(err, EXIT_CODE_UNFIT, "libevent gives no event base");
    server->has_group = true;
    int status = conn_group_init(&server->group, server->base, context->stats,
                                 context->freeze, context->seed, context->threads, err);
    if (status)
        return status;
    server->group.tls = context->tls;
    server->group.guard = context->guard;
    const short persist = EV_READ | EV_PERSIST;
    bool is_made = true;
    for (size_t i = 0; i < server->listen_count; i++) {
        server->on_listen[i] =
            event_new(server->base, server->listen_fds[i], persist, accept_all, server);
        is_made =
            is_made && server->on_listen[i] && !event_add(server->on_listen[i], NULL);
    }
    server->on_stop = event_new(server->base, context->stop_fd, persist, stop, server);
    server->on_retry = event_new(server->base, -1, 0, retry_accepting, server);
    if (!is_made || !server->on_stop || !server->on_retry ||
        event_add(server->on_stop, NULL))
        return err_set(err, EXIT_CODE_UNFIT, "libevent takes no event");
    return 0;
}

static void close_all(const int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        (void)close(fds[i]);
}

int server_new(const struct server_context *context, const int *listen_fds, size_t count,
               struct server **out_server, struct err *err)
{
    struct server *server = memory_calloc(1, sizeof *server);
    memcpy(server->listen_fds, listen_fds, count * sizeof *listen_fds);
    server->listen_count = count;
    int status = build(server, context, err);
    if (status) {
        server_free(server);
        return status;
    }
    *out_server = server;
    return 0;
}

static void *run(void *arg)
{
    struct server *server = arg;
    /* It ends only by stop(); if epoll itself fails, its clients see their connections
     * die, which is the clearest sign that a thread can give here. */
    if (event_base_dispatch(server->base))
        memory_end("the event loop cannot go on");
    return NULL;
}

int server_start(struct server *server, struct err *err)
{
    int status = pthread_create(&server->thread, NULL, run, server);
    if (status)
        return err_set(err, EXIT_CODE_UNFIT, "cannot start a thread: %s",
                       strerror(status));
    server->is_started = true;
    return 0;
}

static void free_event(struct event *event)
{
    if (event)
        event_free(event);
}

void server_free(struct server *server)
{
    if (!server)
        return;
    if (server->is_started)
        (void)pthread_join(server->thread, NULL);
    if (server->has_group)
        conn_group_done(&server->group);
    for (size_t i = 0; i < server->listen_count; i++)
        free_event(server->on_listen[i]);
    free_event(server->on_stop);
    free_event(server->on_retry);
    if (server->base)
        event_base_free(server->base);
    close_all(server->listen_fds, server->listen_count);
    free(server);
}
