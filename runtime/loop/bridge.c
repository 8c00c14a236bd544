/* bridge.c: libcurl multi_socket on libevent; see bridge.h.
 *
 * What makes it fast: a connection stays in the epoll set while it is idle between two
 * requests, though libcurl asks for its removal after each one. It leaves when it is
 * closed, or speaks unasked. And "time out at once" is served in the same pass over the
 * ready events. libevent's epoll changelist would bring nothing more, and lets go of a
 * closed socket when another may have its number. */
#include "runtime/loop/bridge.h"

#include "common/memory.h"
#include "runtime/loop/alarm.h"
#include "runtime/loop/base.h"
#include "runtime/loop/desk.h"
#include "runtime/loop/turns.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A socket. Only connections stay while idle, as libcurl announces their closing. */
struct watch {
    struct event *event; /* NULL until the socket is first watched */
    short added;         /* EV_READ | EV_WRITE | EV_PERSIST as added; 0 while not added */
    bool is_connection;  /* opened by libcurl with our callbacks */
    bool is_idle;        /* libcurl has no transfer on it */
    void *user;          /* for a socket that is not libcurl's: what waits for it */
};

struct bridge {
    struct event_base *base;
    CURLM *multi;
    struct event *timer; /* libcurl's */
    struct alarm alarm;
    struct desk desk;
    struct turns turns;
    bridge_done_fn *on_done;
    struct event *outside; /* of bridge_watch, or NULL */
    void (*on_readable)(void *user);
    void *outside_user;
    struct watch *watches; /* by file descriptor */
    size_t watch_count;
    bool is_together; /* several transfers are awaited together */
    int error;        /* errno that stops the loop; 0: none */
};

static void tell(struct bridge *bridge, void *of_easy, CURLcode code)
{
    struct transfer *transfer = of_easy;
    if (!bridge->is_together) {
        bridge->on_done(of_easy, code);
        return;
    }
    transfer->code = code;
    if (--transfer->together->left == 0)
        bridge->on_done(transfer->together->user, CURLE_OK);
}

/* Drains the messages. The running count does not say which transfers have finished. */
static void tell_finished(struct bridge *bridge)
{
    int left = 0;
    const CURLMsg *message = NULL;
    while ((message = curl_multi_info_read(bridge->multi, &left))) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result;
        void *of_easy = NULL;
        (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &of_easy);
        (void)curl_multi_remove_handle(bridge->multi, easy); /* message is gone */
        tell(bridge, of_easy, code);
    }
}

static void act(struct bridge *bridge, curl_socket_t fd, int what)
{
    int running = 0;
    (void)curl_multi_socket_action(bridge->multi, fd, what, &running);
    tell_finished(bridge);
}

/* Ends the loop, as no wait can be relied on. libcurl is not told, because 7.88 crashes
 * when a callback fails. */
static void fail(struct bridge *bridge)
{
    if (!bridge->error)
        bridge->error = errno ? errno : EIO;
    bridge_stop(bridge);
}

static void unwatch(struct bridge *bridge, struct watch *watch)
{
    if (watch->added && event_del(watch->event))
        fail(bridge);
    watch->added = 0;
}

static void on_socket(evutil_socket_t fd, short what, void *arg)
{
    struct bridge *bridge = arg;
    struct watch *watch = &bridge->watches[fd];
    if (watch->user) {
        void *user = watch->user;
        watch->user = NULL;
        watch->is_idle = true;
        if (!(watch->added & EV_PERSIST))
            watch->added = 0;
        bridge->on_done(user, CURLE_OK);
        return;
    }
    if (watch->is_idle) { /* the server closes it, which is seen when it is used again */
        unwatch(bridge, watch);
        return;
    }
    int flags =
        (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0);
    act(bridge, fd, flags);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    act(arg, CURL_SOCKET_TIMEOUT, 0);
}

/* libcurl wants to be called after timeout_ms: -1 never, 0 at once. It must not be called
 * from in here, so "at once" makes the timer ready, behind the events being served. */
static int set_timer(CURLM *multi, long timeout_ms, void *user)
{
    (void)multi;
    struct bridge *bridge = user;
    if (timeout_ms == 0) {
        event_active(bridge->timer, EV_TIMEOUT, 0);
    } else if (timeout_ms < 0) {
        (void)evtimer_del(bridge->timer);
    } else {
        struct timeval delay = {timeout_ms / 1000, (timeout_ms % 1000) * 1000};
        (void)evtimer_add(bridge->timer, &delay);
    }
    return 0;
}

static void on_over(void *owner, void *user)
{
    const struct bridge *bridge = owner;
    bridge->on_done(user, CURLE_OK);
}

static struct watch *watch_of(struct bridge *bridge, curl_socket_t fd)
{
    size_t index = (size_t)fd;
    if (index >= bridge->watch_count) {
        size_t count = (index + 64) * 2;
        struct watch *watches = memory_realloc(bridge->watches, count * sizeof *watches);
        memset(watches + bridge->watch_count, 0,
               (count - bridge->watch_count) * sizeof *watches);
        bridge->watches = watches;
        bridge->watch_count = count;
    }
    return &bridge->watches[index];
}

static void add_watch(struct bridge *bridge, struct watch *watch, curl_socket_t fd,
                      short wanted)
{
    if (wanted == watch->added)
        return;
    unwatch(bridge, watch);
    if (!watch->event)
        watch->event = event_new(bridge->base, fd, wanted, on_socket, bridge);
    else if (event_get_events(watch->event) != wanted)
        (void)event_assign(watch->event, bridge->base, fd, wanted, on_socket, bridge);
    if (event_add(watch->event, NULL))
        fail(bridge);
    else
        watch->added = wanted;
}

/* libcurl wants to know when fd is readable or writable, or no longer wants to. */
static int set_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *of_socket)
{
    (void)easy;
    (void)of_socket;
    struct bridge *bridge = user;
    struct watch *watch = watch_of(bridge, fd);
    watch->is_idle = what == CURL_POLL_REMOVE;
    if (watch->is_idle) {
        if (!watch->is_connection || watch->added & EV_WRITE)
            unwatch(bridge, watch);
        return 0;
    }
    int wanted = EV_PERSIST | (what & CURL_POLL_IN ? EV_READ : 0);
    wanted |= what & CURL_POLL_OUT ? EV_WRITE : 0;
    add_watch(bridge, watch, fd, (short)wanted);
    return 0;
}

/* libcurl has opened a socket for a connection. */
static int on_open(void *user, curl_socket_t fd, curlsocktype purpose)
{
    (void)purpose;
    watch_of(user, fd)->is_connection = true;
    return CURL_SOCKOPT_OK;
}

/* libcurl is about to close a socket: the last moment for libevent to let go of it. */
static int on_close(void *user, curl_socket_t fd)
{
    unwatch(user, watch_of(user, fd));
    watch_of(user, fd)->is_connection = false;
    return close(fd);
}

static void configure(struct bridge *bridge, size_t max_connections)
{
    CURLM *multi = bridge->multi;
    (void)curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    (void)curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, bridge);
    (void)curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
    (void)curl_multi_setopt(multi, CURLMOPT_TIMERDATA, bridge);
    /* the default, 4 x the handles now added, drops connections as they finish */
    (void)curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)max_connections);
    (void)curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
}

int bridge_new(size_t max_connections, bool has_precise_timers, bridge_done_fn *on_done,
               struct bridge **out_bridge, struct err *err)
{
    struct bridge *bridge = memory_calloc(1, sizeof *bridge);
    bridge->on_done = on_done;
    bridge->base = base_new(has_precise_timers);
    bridge->multi = memory_must(curl_multi_init()); /* libcurl may not have ours yet */
    if (bridge->base)
        bridge->timer = evtimer_new(bridge->base, on_timer, bridge);
    if (!bridge->timer ||
        alarm_init(&bridge->alarm, bridge->base, max_connections, on_over, bridge) ||
        desk_init(&bridge->desk, bridge->base, on_over, bridge)) {
        bridge_free(bridge);
        return err_set(err, EXIT_CODE_UNFIT, "cannot start the event loop");
    }
    turns_init(&bridge->turns, bridge->base, on_over, bridge);
    configure(bridge, max_connections);
    *out_bridge = bridge;
    return 0;
}

CURLM *bridge_multi(const struct bridge *bridge)
{
    return bridge->multi;
}

void bridge_adopt(struct bridge *bridge, CURL *easy, void *user)
{
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, user);
    (void)curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_open);
    (void)curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, bridge);
    (void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    (void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, bridge);
}

void bridge_adopt_together(struct bridge *bridge, struct transfers *together)
{
    bridge->is_together = together != NULL;
    for (size_t i = 0; together && i < together->count; i++)
        bridge_adopt(bridge, together->list[i].easy, &together->list[i]);
}

static bool start_together(struct bridge *bridge, struct transfers *together, void *user)
{
    together->user = user;
    together->left = together->count;
    for (size_t i = 0; i < together->count; i++) {
        struct transfer *transfer = &together->list[i];
        if (curl_multi_add_handle(bridge->multi, transfer->easy) != CURLM_OK) {
            transfer->code = CURLE_FAILED_INIT;
            together->left--;
        }
    }
    return together->left > 0;
}

static void start(struct bridge *bridge, CURL *easy, void *user)
{
    if (curl_multi_add_handle(bridge->multi, easy) != CURLM_OK)
        bridge->on_done(user, CURLE_FAILED_INIT);
}

/* A socket that is kept stays in the epoll set between two waits, as libcurl's do. Any
 * other may have the number of an old one, whose closing libevent has not seen. */
static void call_when_ready(struct bridge *bridge, struct await what, void *user)
{
    int fd = what.fd;
    struct watch *watch = watch_of(bridge, fd);
    short wanted =
        (short)((what.events & POLLIN ? EV_READ : 0) |
                (what.events & POLLOUT ? EV_WRITE : 0) | (what.is_kept ? EV_PERSIST : 0));
    if (!what.is_kept)
        unwatch(bridge, watch);
    watch->user = user;
    watch->is_idle = false;
    add_watch(bridge, watch, fd, wanted);
}

bool bridge_await(struct bridge *bridge, struct await what, void *user)
{
    switch (what.kind) {
    case AWAIT_NOTHING:
        return false;
    case AWAIT_TRANSFER:
        start(bridge, what.easy, user);
        return true;
    case AWAIT_TRANSFERS:
        return start_together(bridge, what.together, user);
    case AWAIT_TIME:
        return alarm_add(&bridge->alarm, what.due_ns, user);
    case AWAIT_SOCKET:
        call_when_ready(bridge, what, user);
        return true;
    case AWAIT_TURN:
        return turns_add(&bridge->turns, user);
    case AWAIT_CALL:
        what.call(what.arg);
        return false;
    case AWAIT_CHANNEL:
        return desk_serve(&bridge->desk, what.channel, what.errand, user);
    }
    return false;
}

static void on_outside(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct bridge *bridge = arg;
    bridge->on_readable(bridge->outside_user);
}

int bridge_watch(struct bridge *bridge, int fd, void (*on_readable)(void *user),
                 void *user, struct err *err)
{
    bridge->on_readable = on_readable;
    bridge->outside_user = user;
    bridge->outside =
        event_new(bridge->base, fd, EV_READ | EV_PERSIST, on_outside, bridge);
    if (!bridge->outside || event_add(bridge->outside, NULL))
        return err_set(err, EXIT_CODE_UNFIT, "the event loop cannot watch an eventfd");
    return 0;
}

void bridge_loop(struct bridge *bridge)
{
    if (!bridge->error && event_base_loop(bridge->base, EVLOOP_NO_EXIT_ON_EMPTY))
        fail(bridge);
}

int bridge_error(const struct bridge *bridge, struct err *err)
{
    if (!bridge->error)
        return 0;
    return err_set(err, EXIT_CODE_UNFIT, "the event loop cannot watch a socket: %s%s",
                   strerror(bridge->error),
                   bridge->error == ENOSPC ? "; raise fs.epoll.max_user_watches" : "");
}

void bridge_stop(struct bridge *bridge)
{
    (void)event_base_loopbreak(bridge->base);
}

const char *bridge_method(const struct bridge *bridge)
{
    return event_base_get_method(bridge->base);
}

void bridge_free(struct bridge *bridge)
{
    if (!bridge)
        return;
    (void)curl_multi_cleanup(bridge->multi);
    for (size_t i = 0; i < bridge->watch_count; i++) {
        if (bridge->watches[i].event)
            event_free(bridge->watches[i].event);
    }
    if (bridge->timer)
        event_free(bridge->timer);
    alarm_done(&bridge->alarm);
    desk_done(&bridge->desk);
    turns_done(&bridge->turns);
    if (bridge->outside)
        event_free(bridge->outside);
    if (bridge->base)
        event_base_free(bridge->base);
    free(bridge->watches);
    free(bridge);
}
