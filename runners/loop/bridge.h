/* bridge: libcurl's multi interface on a libevent loop. Event-driven models start
 * transfers with it and are told when they are over.
 *
 *     bridge_start --> multi --"watch this socket"--> libevent --ready--> multi
 *                                                                           |
 *     on_done  <------------------- transfer is over <----------------------+
 *
 * libcurl runs only on the loop's own stack, and on_done is called there, outside
 * libcurl, so it may start the next transfer or resume a coroutine. A loop also waits for
 * times: bridge_call_at. One thread only. */
#ifndef LOOP_BRIDGE_H
#define LOOP_BRIDGE_H

#include "common/err.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bridge; /* opaque */

struct bridge_events {
    /* A transfer is over. user is what bridge_adopt was given. */
    void (*on_done)(void *user, CURLcode code);
    /* A time has come. user is what bridge_call_at was given. */
    void (*on_due)(void *user);
};

/* *out_bridge is new; events (borrowed) live as long. max_connections is the number of
 * transfers in flight at most; more connections are not kept. With has_precise_timers,
 * bridge_call_at is exact to some 10 us instead of whole milliseconds, for one system
 * call more a turn of the loop. EXIT_CODE_UNFIT. */
int bridge_new(size_t max_connections, bool has_precise_timers,
               const struct bridge_events *events, struct bridge **out_bridge,
               struct err *err);

/* Prepares easy for transfers on this bridge: once, before its first. */
void bridge_adopt(struct bridge *bridge, CURL *easy, void *user);

/* Starts the transfer of easy; on_done follows. */
void bridge_start(struct bridge *bridge, CURL *easy);

/* on_due(user) follows when clock_ns() is due_ns or later. -1 when there is no memory. */
int bridge_call_at(struct bridge *bridge, uint64_t due_ns, void *user);

/* on_readable(user) follows whenever fd (borrowed) can be read. Once per bridge.
 * EXIT_CODE_UNFIT. */
int bridge_watch(struct bridge *bridge, int fd, void (*on_readable)(void *user),
                 void *user, struct err *err);

/* Serves events until bridge_stop. */
void bridge_loop(struct bridge *bridge);

/* Makes bridge_loop return after the events in hand. */
void bridge_stop(struct bridge *bridge);

/* The event method of libevent, "epoll". */
const char *bridge_method(const struct bridge *bridge);

/* The multi goes before the loop, as libcurl calls back while it is cleaned up.
 * NULL-safe. */
void bridge_free(struct bridge *bridge);

#endif
