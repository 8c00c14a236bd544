/* bridge: libcurl's multi interface on a libevent loop. Event-driven models start
 * transfers with it and are told when they are over.
 *
 *     bridge_await --> multi --"watch this socket"--> libevent --ready--> multi
 *                                                                           |
 *     on_done  <------------------- transfer is over <----------------------+
 *
 * libcurl runs only on the loop's own stack, and on_done is called there, outside
 * libcurl, so it may start the next transfer or resume a coroutine. A loop also waits for
 * times and for sockets that are not libcurl's. One thread only. */
#ifndef RUNTIME_BRIDGE_H
#define RUNTIME_BRIDGE_H

#include "common/err.h"
#include "runtime/await.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bridge; /* opaque */

/* Called when what user waited for is over; code is the transfer's, else CURLE_OK. */
typedef void bridge_done_fn(void *user, CURLcode code);

/* *out_bridge is new. At most max_connections transfers are in flight, and no more
 * connections are kept. With has_precise_timers, times are exact to some 10 us instead of
 * whole milliseconds, at the price of one more system call per turn of the loop.
 * EXIT_CODE_UNFIT. */
int bridge_new(size_t max_connections, bool has_precise_timers, bridge_done_fn *on_done,
               struct bridge **out_bridge, struct err *err);

/* libcurl's multi handle, borrowed; set its options before the first transfer. */
CURLM *bridge_multi(const struct bridge *bridge);

/* Prepares easy for transfers on this bridge: once, before its first. */
void bridge_adopt(struct bridge *bridge, CURL *easy, void *user);

/* Prepares transfers that are awaited together: once, before the first. One on_done
 * follows when all are over. A bridge has either these or single transfers. NULL: none.
 */
void bridge_adopt_together(struct bridge *bridge, struct transfers *together);

/* Starts what is awaited. True: on_done(user) follows, from the loop. False: there is
 * nothing to wait for, or no memory for it. A blocking call is made at once, and nothing
 * else runs meanwhile. user is the one that easy was adopted with. */
bool bridge_await(struct bridge *bridge, struct await what, void *user);

/* Calls on_readable(user) whenever fd (borrowed) can be read. Once per bridge.
 * EXIT_CODE_UNFIT. */
int bridge_watch(struct bridge *bridge, int fd, void (*on_readable)(void *user),
                 void *user, struct err *err);

/* Serves events until bridge_stop, or until the loop cannot go on: see bridge_error. */
void bridge_loop(struct bridge *bridge);

/* 0, or EXIT_CODE_UNFIT when the kernel has refused to watch a socket. From then on
 * on_done may not be called any more. */
int bridge_error(const struct bridge *bridge, struct err *err);

/* Makes bridge_loop return after the events in hand. */
void bridge_stop(struct bridge *bridge);

/* The event method of libevent, "epoll". */
const char *bridge_method(const struct bridge *bridge);

/* Frees the multi before the loop, as libcurl calls back while it is cleaned up.
 * NULL-safe. */
void bridge_free(struct bridge *bridge);

#endif
