/* curl_loop: libcurl's multi interface on a libevent loop. Event-driven models start
 * transfers with it and are told when they are over.
 *
 *     curl_loop_await --> multi --"watch this socket"--> libevent --ready--> multi
 *                                                                           |
 *     on_done  <------------------- transfer is over <----------------------+
 *
 * libcurl runs only on the loop's own stack, and on_done is called there, outside
 * libcurl, so it may start the next transfer or resume a coroutine. A loop also waits for
 * times and for sockets that are not libcurl's. One thread only. */
#ifndef RUNTIME_CURL_LOOP_H
#define RUNTIME_CURL_LOOP_H

#include "common/err.h"
#include "runtime/await.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct curl_loop; /* opaque */

/* Called when what user waited for is over; code is the transfer's, else CURLE_OK. */
typedef void curl_loop_done_fn(void *user, CURLcode code);

/* *out_loop is new. At most max_connections transfers are in flight, and no more
 * connections are kept. With has_precise_timers, times are exact to some 10 us instead of
 * whole milliseconds, at the price of one more system call per turn of the loop.
 * EXIT_CODE_UNFIT. */
int curl_loop_new(size_t max_connections, bool has_precise_timers,
                  curl_loop_done_fn *on_done, struct curl_loop **out_loop,
                  struct err *err);

/* libcurl's multi handle, borrowed; set its options before the first transfer. */
CURLM *curl_loop_multi(const struct curl_loop *loop);

/* Prepares easy for transfers on this loop: once, before its first. */
void curl_loop_adopt(struct curl_loop *loop, CURL *easy, void *user);

/* Prepares transfers that are awaited together: once, before the first. One on_done
 * follows when all are over. A loop has either these or single transfers. NULL: none.
 */
void curl_loop_adopt_together(struct curl_loop *loop, struct transfers *together);

/* Starts what is awaited. True: on_done(user) follows, from the loop. False: there is
 * nothing to wait for, or no memory for it. A blocking call is made at once, and nothing
 * else runs meanwhile. user is the one that easy was adopted with. */
bool curl_loop_await(struct curl_loop *loop, struct await what, void *user);

/* Calls on_readable(user) whenever fd (borrowed) can be read. Once per loop.
 * EXIT_CODE_UNFIT. */
int curl_loop_watch(struct curl_loop *loop, int fd, void (*on_readable)(void *user),
                    void *user, struct err *err);

/* Serves events until curl_loop_stop, or until the loop cannot go on: see
 * curl_loop_error. */
void curl_loop_run(struct curl_loop *loop);

/* 0, or EXIT_CODE_UNFIT when the kernel has refused to watch a socket. From then on
 * on_done may not be called any more. */
int curl_loop_error(const struct curl_loop *loop, struct err *err);

/* Makes curl_loop_run return after the events in hand. */
void curl_loop_stop(struct curl_loop *loop);

/* The event method of libevent, "epoll". */
const char *curl_loop_method(const struct curl_loop *loop);

/* Frees the multi before the loop, as libcurl calls back while it is cleaned up.
 * NULL-safe. */
void curl_loop_free(struct curl_loop *loop);

#endif
