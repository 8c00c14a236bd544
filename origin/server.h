/* server: one event loop in one thread, with its own listening sockets. The loops share
 * nothing but the counts. */
#ifndef ORIGIN_SERVER_H
#define ORIGIN_SERVER_H

#include "common/err.h"
#include "origin/freeze.h"
#include "origin/guard.h"
#include "origin/stats.h"

#include <openssl/types.h>
#include <stddef.h>
#include <stdint.h>

struct server; /* opaque */

struct server_context {
    struct stats *stats;       /* borrowed; shared by all loops */
    struct freeze *freeze;     /* likewise */
    const struct guard *guard; /* likewise */
    uint64_t seed;             /* of the delays */
    uint64_t threads;          /* how many loops there are, for /stats */
    SSL_CTX *tls;              /* borrowed; NULL: in the clear */
    int stop_fd;               /* borrowed eventfd: once readable, every loop ends */
};

/* A loop that accepts from count listen_fds (1 to LISTENER_ADDRESSES_MAX; taken, also on
 * error). *out_server is new. EXIT_CODE_UNFIT when the system does not give what it
 * needs. */
int server_new(const struct server_context *context, const int *listen_fds, size_t count,
               struct server **out_server, struct err *err);

/* Starts the loop in a thread of its own, once. EXIT_CODE_UNFIT without a thread. */
int server_start(struct server *server, struct err *err);

/* Waits for the thread to end, which stop_fd asks of it, closes every connection and
 * frees. NULL-safe; also for a server that was not started. */
void server_free(struct server *server);

#endif
