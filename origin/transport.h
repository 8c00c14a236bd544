/* transport: the bytes of one connection, in the clear or through TLS. The socket is
 * non-blocking: what cannot be done now returns -EAGAIN, and `needs` says what to wait
 * for where TLS needs something else than what was asked (a handshake writes to read). */
#ifndef ORIGIN_TRANSPORT_H
#define ORIGIN_TRANSPORT_H

#include "origin/stats.h"

#include <errno.h>
#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

struct transport {
    int fd;
    short needs; /* EV_READ or EV_WRITE before the same call again; 0: what was asked */
    bool is_counted;     /* its handshake is */
    SSL *ssl;            /* NULL: in the clear */
    struct stats *stats; /* borrowed */
    char *ahead;         /* owned: what transport_read_ahead has read; NULL: nothing */
    size_t ahead_start, ahead_end, ahead_room;
};

#define TRANSPORT_AHEAD_MAX ((size_t)16 << 20)

/* Serves fd (taken by transport_close) with TLS when tls (borrowed) is not NULL. Returns
 * 0 or -ENOMEM. */
int transport_open(struct transport *transport, int fd, SSL_CTX *tls,
                   struct stats *stats);

/* For the functions below alone. */
ssize_t transport_read_tls(struct transport *transport, void *buffer, size_t size);
ssize_t transport_write_tls(struct transport *transport, const struct iovec *pieces,
                            int count);
bool transport_has_more_tls(const struct transport *transport);
ssize_t transport_take_ahead(struct transport *transport, void *buffer, size_t size);

/* Bytes read, 0 at the end, or -errno. */
static inline ssize_t transport_read(struct transport *transport, void *buffer,
                                     size_t size)
{
    if (transport->ahead)
        return transport_take_ahead(transport, buffer, size);
    if (transport->ssl)
        return transport_read_tls(transport, buffer, size);
    ssize_t got = read(transport->fd, buffer, size);
    return got < 0 ? -errno : got;
}

/* Bytes written, which may be fewer than given, or -errno. After -EAGAIN the next call
 * must offer the same bytes first. */
static inline ssize_t transport_write(struct transport *transport,
                                      const struct iovec *pieces, int count)
{
    if (transport->ssl)
        return transport_write_tls(transport, pieces, count);
    ssize_t put = writev(transport->fd, pieces, count);
    return put < 0 ? -errno : put;
}

/* Whether bytes wait here that the socket does not show. Bytes that are kept count only
 * with has_room. */
static inline bool transport_has_more(const struct transport *transport, bool has_room)
{
    return (has_room && transport->ahead) ||
           (transport->ssl && transport_has_more_tls(transport));
}

/* Reads ahead and keeps the bytes for transport_read, to see whether the client is still
 * there. 1, or 0 at the end, or -1: it is gone, or more than TRANSPORT_AHEAD_MAX would
 * have to be kept. */
int transport_read_ahead(struct transport *transport);

/* Tells the client that nothing more is written. False when it is gone. */
bool transport_end(struct transport *transport);

/* The client will see a reset, not an end, once the transport is closed. */
void transport_spoil(struct transport *transport);

void transport_close(struct transport *transport);

#endif
