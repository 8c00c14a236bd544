/* conn: one client connection and the handling of its requests.
 *
 *   READING --request--> (held back: WAITING) --> WRITING --> READING
 *    ^   |                     ^                    |  |
 *  RECEIVING: its body         +----- trickled -----+  |
 *        +--refused, or the last request ----> DRAINING or closed
 *
 * Small answers go out within the call that read the request; WRITING is for those that
 * the kernel does not take at once. Requests that come before an answer is out
 * (pipelining) wait in the input buffer. When the client closes while its answer is held
 * back, it is taken for gone and its request leaves the count. There are no idle
 * timeouts: this is a test server and the client under test owns the connection.
 *
 * A freeze (freeze.h) holds up every event. Other faults are set when an answer starts,
 * and each ends the connection in its own way. Whether its bytes go through TLS is the
 * transport's business. */
#ifndef ORIGIN_CONN_H
#define ORIGIN_CONN_H

#include "common/err.h"
#include "origin/freeze.h"
#include "origin/guard.h"
#include "origin/stats.h"
#include "origin/timer_queue.h"

#include <event2/event.h>
#include <openssl/types.h>
#include <stddef.h>
#include <stdint.h>

struct conn; /* opaque */

/* What the connections of one event loop share. */
struct conn_group {
    struct event_base *base;   /* borrowed */
    struct stats *stats;       /* borrowed; shared with the other loops */
    struct freeze *freeze;     /* likewise */
    const struct guard *guard; /* likewise; set after init */
    SSL_CTX *tls;              /* likewise; NULL: in the clear. May be set after init */
    uint64_t seed, threads;
    struct timer_queue timers;
    struct conn *first; /* list of the open ones, owned */
    size_t count;
};

/* Starts a group without connections. EXIT_CODE_UNFIT without an fd for its timer. */
int conn_group_init(struct conn_group *group, struct event_base *base,
                    struct stats *stats, struct freeze *freeze, uint64_t seed,
                    uint64_t threads, struct err *err);

/* Closes every connection. After conn_group_init, also a failed one. */
void conn_group_done(struct conn_group *group);

/* Serves the non-blocking socket fd (taken; closed on failure too) until it closes. On
 * the loop's thread. Returns 0 or -ENOMEM. */
int conn_open(struct conn_group *group, int fd);

#endif
