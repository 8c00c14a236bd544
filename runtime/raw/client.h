/* client: a worker that makes HTTP requests by hand, as a state machine that does no
 * waiting and next to no I/O itself. It says what it needs; the model does that in its
 * own way and reports the result:
 *
 *     client_start --> need: CONNECT --client_connected--> SEND --client_sent--> RECEIVE
 *                               ^                            ^                      |
 *                               | a new connection           | a kept one           |
 *                               +----------------------------+---client_received----+
 *
 * An answer may come before its request is sent (RFC 9112, 9.5), so a model that has to
 * wait in SEND also receives there. The rest of the request is still sent, but, as in
 * libcurl, not to a server that has redirected or refused it, or that closes. When
 * sending fails, RECEIVE follows, because what the server said before it closed counts.
 *
 * All models that share this file agree on what a request is, when it has failed, and in
 * which class. One thread only.
 *
 * A kept connection that ends before the status line of an answer is whole is no failure:
 * the request is sent again on a new one, as libcurl does. */
#ifndef RUNTIME_CLIENT_H
#define RUNTIME_CLIENT_H

#include "common/err.h"
#include "runtime/raw/http_parse.h"
#include "runtime/raw/target.h"
#include "runtime/runner.h"
#include "runtime/timers.h"
#include "runtime/worker.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum client_need {
    CLIENT_CONNECT, /* client_open, then connect to client->address */
    CLIENT_SEND,    /* send what client_unsent says */
    CLIENT_RECEIVE,
    CLIENT_WAIT, /* until its request is due: clients_take_due */
    CLIENT_REST  /* no request is left */
};

struct link {
    struct link *older, *newer;
};

struct client {
    struct link link; /* first: among the requests in flight, by their start */
    struct worker worker;
    struct clients *clients;
    const struct request_text *request; /* the target's */
    enum client_need need;
    int fd; /* -1: no connection */
    bool is_reused, is_late;
    bool is_peer_done;   /* set by a model that sees it: do not keep the connection */
    bool is_broken;      /* nothing can be sent, and nothing more will come */
    int error;           /* errno of is_broken */
    bool is_connecting;  /* the model's own */
    bool has_waited;     /* the model's own; false when a request begins */
    uint8_t under_way;   /* the model's own: kernel operations; 0 after client_close */
    uint32_t closed;     /* connections so far: tells them apart */
    uint64_t requests;   /* begun */
    uint64_t connect_ns; /* when connecting began, then when it was done */
    uint64_t index;
    size_t first_address, attempt, sent;
    struct http_parse parse;
    struct address address;
};

/* The clients of one loop. */
struct clients {
    struct run *run;
    struct target target;
    struct client *list; /* owned */
    size_t count, alive; /* alive: those not at rest */
    int socket_flags;    /* besides SOCK_STREAM */
    struct timers due;
    struct link in_flight; /* its newer is the oldest request */
};

/* Makes the clients of the run, at rest; they use recorder 0. socket_flags: SOCK_NONBLOCK
 * or 0. clients_done is needed whatever it returns. */
int clients_init(struct clients *clients, struct run *run, int socket_flags,
                 struct err *err);

/* When the loop has to wake up at the latest, for clients_take_due or clients_take_late;
 * UINT64_MAX: it need not. */
uint64_t clients_next_ns(const struct clients *clients);

/* Begins a request that is due and returns its client: serve its need. NULL when there is
 * none. */
struct client *clients_take_due(struct clients *clients, uint64_t now_ns);

/* Marks a request that has taken too long as late and returns its client: end it with
 * client_end as a timeout once nothing is under way for it. NULL when there is none. */
struct client *clients_take_late(struct clients *clients, uint64_t now_ns);

void clients_done(struct clients *clients); /* of a zeroed struct too */

/* Begins to take requests: once, for every client. */
void client_start(struct client *client);

/* Opens a socket for client->address in client->fd. False when the system has none: the
 * request has then ended, and client->need is that of the next one. */
bool client_open(struct client *client);

/* Reports that connecting has ended, with 0 or an errno. */
void client_connected(struct client *client, int error);

/* What is still to be sent; *out_size bytes, borrowed while the clients are there. */
const char *client_unsent(const struct client *client, size_t *out_size);

/* Reports the bytes sent, or -errno. */
void client_sent(struct client *client, ssize_t result);

/* Reports the bytes received, 0 at the end of the connection, or -errno. Allowed in
 * CLIENT_SEND too, unless client_has_answer. */
void client_received(struct client *client, const char *bytes, ssize_t result);

/* In CLIENT_SEND: whether the answer is whole, so that only sending is left. */
static inline bool client_has_answer(const struct client *client)
{
    return client->parse.result == HTTP_DONE;
}

/* Records the request in hand and takes the next one. The connection stays if it can. */
void client_end(struct client *client, enum outcome outcome);

/* Closes the connection, if any, and ends what is under way on it. Its completions may
 * still come; they belong to no client any more. */
void client_close(struct client *client);

#endif
