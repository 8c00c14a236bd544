/* curl_loop.c: libcurl multi_socket on libevent; see curl_loop.h.
 *
 * What makes it fast: a connection stays in the epoll set while it is idle between two
 * requests, though libcurl asks for its removal after each one. It leaves when it is
 * closed, or speaks unasked. And "time out at once" is served in the same pass over the
 * ready events. libevent's epoll changelist would bring nothing more, and lets go of a
 * closed socket when another may have its number. */
#include "runtime/loop/curl_loop.h"

#include "common/memory.h"
#include "runtime/loop/base.h"
#include "runtime/loop/channel_waiters.h"
#include "runtime/loop/loop_timers.h"
#include "runtime/loop/yield_queue.h"

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

struct curl_loop {
    struct event_base *base;
    CURLM *multi;
    struct event *timer; /* libcurl's */
    struct loop_timers timers;
    struct channel_waiters waiters;
    struct yield_queue yields;
    curl_loop_done_fn *on_done;
    struct event *outside; /* of curl_loop_watch, or NULL */
    void (*on_readable)(void *user);
    void *outside_user;
    struct watch *watches; /* by file descriptor */
    size_t watch_count;
    bool is_together; /* several transfers are awaited together */
    int error;        /* errno that stops the loop; 0: none */
};

static void tell(struct curl_loop *loop, void *of_easy, CURLcode code)
{
    struct transfer *transfer = of_easy;
    if (!loop->is_together) {
        loop->on_done(of_easy, code);
        return;
    }
    transfer->code = code;
    if (--transfer->together->left == 0)
        loop->on_done(transfer->together->user, CURLE_OK);
}

/* Drains the messages. The running count does not say which transfers have finished. */
static void tell_finished(struct curl_loop *loop)
{
    int left = 0;
    const CURLMsg *message = NULL;
    while ((message = curl_multi_info_read(loop->multi, &left))) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result;
        void *of_easy = NULL;
        (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &of_easy);
        (void)curl_multi_remove_handle(loop->multi, easy); /* message is gone */
        tell(loop, of_easy, code);
    }
}

static void act(struct curl_loop *loop, curl_socket_t fd, int what)
{
    int running = 0;
    (void)curl_multi_socket_action(loop->multi, fd, what, &running);
    tell_finished(loop);
}

/* Ends the loop, as no wait can be relied on. libcurl is not told, because 7.88 crashes
 * when a callback fails. */
static void fail(struct curl_loop *loop)
{
    if (!loop->error)
        loop->error = errno ? errno : EIO;
    curl_loop_stop(loop);
}

static void unwatch(struct curl_loop *loop, struct watch *watch)
{
    if (watch->added && event_del(watch->event))
        fail(loop);
    watch->added = 0;
}

static void on_socket(evutil_socket_t fd, short what, void *arg)
{
    struct curl_loop *loop = arg;
    struct watch *watch = &loop->watches[fd];
    if (watch->user) {
        void *user = watch->user;
        watch->user = NULL;
        watch->is_idle = true;
        if (!(watch->added & EV_PERSIST))
            watch->added = 0;
        loop->on_done(user, CURLE_OK);
        return;
    }
    if (watch->is_idle) { /* the server closes it, which is seen when it is used again */
        unwatch(loop, watch);
        return;
    }
    int flags =
        (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0);
    act(loop, fd, flags);
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
    struct curl_loop *loop = user;
    if (timeout_ms == 0) {
        event_active(loop->timer, EV_TIMEOUT, 0);
    } else if (timeout_ms < 0) {
        (void)evtimer_del(loop->timer);
    } else {
        struct timeval delay = {timeout_ms / 1000, (timeout_ms % 1000) * 1000};
        (void)evtimer_add(loop->timer, &delay);
    }
    return 0;
}

static void on_over(void *owner, void *user)
{
    const struct curl_loop *loop = owner;
    loop->on_done(user, CURLE_OK);
}

static struct watch *watch_of(struct curl_loop *loop, curl_socket_t fd)
{
    size_t index = (size_t)fd;
    if (index >= loop->watch_count) {
        size_t count = (index + 64) * 2;
        struct watch *watches = memory_realloc(loop->watches, count * sizeof *watches);
        memset(watches + loop->watch_count, 0,
               (count - loop->watch_count) * sizeof *watches);
        loop->watches = watches;
        loop->watch_count = count;
    }
    return &loop->watches[index];
}

static void add_watch(struct curl_loop *loop, struct watch *watch, curl_socket_t fd,
                      short wanted)
{
    if (wanted == watch->added)
        return;
    unwatch(loop, watch);
    if (!watch->event)
        watch->event = event_new(loop->base, fd, wanted, on_socket, loop);
    else if (event_get_events(watch->event) != wanted)
        (void)event_assign(watch->event, loop->base, fd, wanted, on_socket, loop);
    if (event_add(watch->event, NULL))
        fail(loop);
    else
        watch->added = wanted;
}

/* libcurl wants to know when fd is readable or writable, or no longer wants to. */
static int set_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *of_socket)
{
    (void)easy;
    (void)of_socket;
    struct curl_loop *loop = user;
    struct watch *watch = watch_of(loop, fd);
    watch->is_idle = what == CURL_POLL_REMOVE;
    if (watch->is_idle) {
        if (!watch->is_connection || watch->added & EV_WRITE)
            unwatch(loop, watch);
        return 0;
    }
    int wanted = EV_PERSIST | (what & CURL_POLL_IN ? EV_READ : 0);
    wanted |= what & CURL_POLL_OUT ? EV_WRITE : 0;
    add_watch(loop, watch, fd, (short)wanted);
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

static void configure(struct curl_loop *loop, size_t max_connections)
{
    CURLM *multi = loop->multi;
    (void)curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    (void)curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, loop);
    (void)curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
    (void)curl_multi_setopt(multi, CURLMOPT_TIMERDATA, loop);
    /* the default, 4 x the handles now added, drops connections as they finish */
    (void)curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)max_connections);
    (void)curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
}

int curl_loop_new(size_t max_connections, bool has_precise_timers,
                  curl_loop_done_fn *on_done, struct curl_loop **out_loop,
                  struct err *err)
{
    struct curl_loop *loop = memory_calloc(1, sizeof *loop);
    loop->on_done = on_done;
    loop->base = base_new(has_precise_timers);
    loop->multi = memory_must(curl_multi_init()); /* libcurl may not have ours yet */
    if (loop->base)
        loop->timer = evtimer_new(loop->base, on_timer, loop);
    if (!loop->timer ||
        loop_timers_init(&loop->timers, loop->base, max_connections, on_over, loop) ||
        channel_waiters_init(&loop->waiters, loop->base, on_over, loop)) {
        curl_loop_free(loop);
        return err_set(err, EXIT_CODE_UNFIT, "cannot start the event loop");
    }
    yield_queue_init(&loop->yields, loop->base, on_over, loop);
    configure(loop, max_connections);
    *out_loop = loop;
    return 0;
}

CURLM *curl_loop_multi(const struct curl_loop *loop)
{
    return loop->multi;
}

void curl_loop_adopt(struct curl_loop *loop, CURL *easy, void *user)
{
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, user);
    (void)curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_open);
    (void)curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, loop);
    (void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    (void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, loop);
}

void curl_loop_adopt_together(struct curl_loop *loop, struct transfers *together)
{
    loop->is_together = together != NULL;
    for (size_t i = 0; together && i < together->count; i++)
        curl_loop_adopt(loop, together->list[i].easy, &together->list[i]);
}

static bool start_together(struct curl_loop *loop, struct transfers *together, void *user)
{
    together->user = user;
    together->left = together->count;
    for (size_t i = 0; i < together->count; i++) {
        struct transfer *transfer = &together->list[i];
        if (curl_multi_add_handle(loop->multi, transfer->easy) != CURLM_OK) {
            transfer->code = CURLE_FAILED_INIT;
            together->left--;
        }
    }
    return together->left > 0;
}

static void start(struct curl_loop *loop, CURL *easy, void *user)
{
    if (curl_multi_add_handle(loop->multi, easy) != CURLM_OK)
        loop->on_done(user, CURLE_FAILED_INIT);
}

/* A socket that is kept stays in the epoll set between two waits, as libcurl's do. Any
 * other may have the number of an old one, whose closing libevent has not seen. */
static void call_when_ready(struct curl_loop *loop, struct await what, void *user)
{
    int fd = what.fd;
    struct watch *watch = watch_of(loop, fd);
    short wanted =
        (short)((what.events & POLLIN ? EV_READ : 0) |
                (what.events & POLLOUT ? EV_WRITE : 0) | (what.is_kept ? EV_PERSIST : 0));
    if (!what.is_kept)
        unwatch(loop, watch);
    watch->user = user;
    watch->is_idle = false;
    add_watch(loop, watch, fd, wanted);
}

bool curl_loop_await(struct curl_loop *loop, struct await what, void *user)
{
    switch (what.kind) {
    case AWAIT_NOTHING:
        return false;
    case AWAIT_TRANSFER:
        start(loop, what.easy, user);
        return true;
    case AWAIT_TRANSFERS:
        return start_together(loop, what.together, user);
    case AWAIT_TIME:
        return loop_timers_add(&loop->timers, what.due_ns, user);
    case AWAIT_SOCKET:
        call_when_ready(loop, what, user);
        return true;
    case AWAIT_TURN:
        return yield_queue_add(&loop->yields, user);
    case AWAIT_CALL:
        what.call(what.arg);
        return false;
    case AWAIT_CHANNEL:
        return channel_waiters_serve(&loop->waiters, what.channel, what.op, user);
    }
    return false;
}

static void on_outside(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct curl_loop *loop = arg;
    loop->on_readable(loop->outside_user);
}

int curl_loop_watch(struct curl_loop *loop, int fd, void (*on_readable)(void *user),
                    void *user, struct err *err)
{
    loop->on_readable = on_readable;
    loop->outside_user = user;
    loop->outside = event_new(loop->base, fd, EV_READ | EV_PERSIST, on_outside, loop);
    if (!loop->outside || event_add(loop->outside, NULL))
        return err_set(err, EXIT_CODE_UNFIT, "the event loop cannot watch an eventfd");
    return 0;
}

void curl_loop_run(struct curl_loop *loop)
{
    if (!loop->error && event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY))
        fail(loop);
}

int curl_loop_error(const struct curl_loop *loop, struct err *err)
{
    if (!loop->error)
        return 0;
    return err_set(err, EXIT_CODE_UNFIT, "the event loop cannot watch a socket: %s%s",
                   strerror(loop->error),
                   loop->error == ENOSPC ? "; raise fs.epoll.max_user_watches" : "");
}

void curl_loop_stop(struct curl_loop *loop)
{
    (void)event_base_loopbreak(loop->base);
}

const char *curl_loop_method(const struct curl_loop *loop)
{
    return event_base_get_method(loop->base);
}

void curl_loop_free(struct curl_loop *loop)
{
    if (!loop)
        return;
    (void)curl_multi_cleanup(loop->multi);
    for (size_t i = 0; i < loop->watch_count; i++) {
        if (loop->watches[i].event)
            event_free(loop->watches[i].event);
    }
    if (loop->timer)
        event_free(loop->timer);
    loop_timers_done(&loop->timers);
    channel_waiters_done(&loop->waiters);
    yield_queue_done(&loop->yields);
    if (loop->outside)
        event_free(loop->outside);
    if (loop->base)
        event_base_free(loop->base);
    free(loop->watches);
    free(loop);
}
