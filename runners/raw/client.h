/* client: a worker that makes HTTP requests by hand, as a machine that does no waiting
 * and next to no I/O itself. It says what it needs, the model does it its way and says
 * what came of it:
 *
 *     client_start ----> need: CONNECT --client_connected--> SEND --client_sent--+
 *                                 ^                          ^                   |
 *                     a new connection                a kept one                 v
 *                                 +------ next request ------+---client_received--
 * RECEIVE
 *
 * An answer may come before its request is sent (RFC 9112, 9.5), so a model that has to
 * wait in SEND also receives there. What is then left of the request is sent still, but
 * not to a server that has redirected or refused it, or that goes: as libcurl does. When
 * sending fails, RECEIVE follows: what the server said before it went counts.
 *
 * What a request is, when it has failed and as what, is the same for all models that
 * share this. One thread only.
 *
 * A kept connection that ends before the status line of an answer is whole is no failure:
 * the request is sent again on a new one, as libcurl does. */
#ifndef RAW_CLIENT_H
#define RAW_CLIENT_H

#include "common/err.h"
#include "core/timers.h"
#include "core/worker.h"
#include "raw/http_parse.h"
#include "raw/target.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum client_need {
    CLIENT_CONNECT, /* client_open, then connect to client->address */
    CLIENT_SEND,    /* what client_unsent says */
    CLIENT_RECEIVE,
    CLIENT_WAIT, /* until its request is due: crowd_take_due */
    CLIENT_REST  /* no request is left */
};

struct link {
    struct link *older, *newer;
};

struct client {
    struct link link; /* first: among the requests in flight, by their start */
    struct worker worker;
    struct crowd *crowd;
    enum client_need need;
    int fd; /* -1: no connection */
    bool is_reused, is_late;
    bool is_peer_done;   /* set by the model that sees it: not to be kept */
    bool is_broken;      /* nothing can be sent, nor comes what is not here already */
    int error;           /* errno of is_broken */
    bool is_connecting;  /* the model's own */
    bool has_waited;     /* likewise; false when a request begins */
    uint8_t under_way;   /* likewise: operations of the kernel; 0 after client_close */
    uint32_t closed;     /* connections so far: tells them apart */
    uint64_t requests;   /* begun */
    uint64_t connect_ns; /* connecting began; then: the connection was there */
    uint64_t index;
    size_t first_address, attempt, sent;
    struct http_parse parse;
    struct address address;
};

/* The clients of one loop. */
struct crowd {
    struct run *run;
    struct target target;
    struct client *clients; /* owned */
    size_t count, alive;    /* alive: not at rest */
    int socket_flags;       /* besides SOCK_STREAM */
    struct timers due;
    struct link in_flight; /* its newer is the oldest request */
};

/* The clients of the run, at rest; recorder 0. socket_flags: SOCK_NONBLOCK or 0.
 * crowd_done is needed whatever it returns. */
int crowd_init(struct crowd *crowd, struct run *run, int socket_flags, struct err *err);

/* When the loop has to wake up at the latest, be it for crowd_take_due or
 * crowd_take_late; UINT64_MAX: no time. */
uint64_t crowd_next_ns(const struct crowd *crowd);

/* A client whose request is due, begun: serve its need. NULL when there is none. */
struct client *crowd_take_due(struct crowd *crowd, uint64_t now_ns);

/* A client whose request has taken too long, marked late: client_end it as a timeout once
 * nothing is under way for it. NULL when there is none. */
struct client *crowd_take_late(struct crowd *crowd, uint64_t now_ns);

void crowd_done(struct crowd *crowd); /* of a zeroed struct too */

/* Begins to take requests: once, for every client. */
void client_start(struct client *client);

/* A socket for client->address in client->fd. False when there is none to be had: the
 * request has ended, and client->need is that of the next one. */
bool client_open(struct client *client);

/* Connecting has ended, with 0 or an errno. */
void client_connected(struct client *client, int error);

/* What is still to be sent; *out_size bytes, borrowed while there is a crowd. */
const char *client_unsent(const struct client *client, size_t *out_size);

/* result: bytes sent, or -errno. */
void client_sent(struct client *client, ssize_t result);

/* result: bytes received, 0 at the end of the connection, or -errno. In CLIENT_SEND too,
 * unless client_has_answer. */
void client_received(struct client *client, const char *bytes, ssize_t result);

/* Of CLIENT_SEND: the answer is whole, and the rest of the request is only sent. */
static inline bool client_has_answer(const struct client *client)
{
    return client->parse.result == HTTP_DONE;
}

/* Records the request in hand and takes the next one. The connection stays if it can. */
void client_end(struct client *client, enum outcome outcome);

/* Closes the connection, if any, and ends what is under way on it: of that, completions
 * may still come, and are of no client any more. */
void client_close(struct client *client);

#endif
