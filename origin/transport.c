/* transport.c: TLS on non-blocking sockets, see transport.h. OpenSSL reads and writes the
 * socket itself; here its answers become those of read and write. */
#include "origin/transport.h"

#include <event2/event.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define RECORD_BYTES 16384 /* the most that one TLS record carries */

int transport_open(struct transport *transport, int fd, SSL_CTX *tls, struct stats *stats)
{
    *transport = (struct transport){.fd = fd, .stats = stats};
    if (!tls)
        return 0;
    transport->ssl = SSL_new(tls);
    if (!transport->ssl || !SSL_set_fd(transport->ssl, fd)) {
        SSL_free(transport->ssl);
        transport->ssl = NULL;
        ERR_clear_error();
        return -ENOMEM;
    }
    SSL_set_accept_state(transport->ssl);
    return 0;
}

/* The outcome of a call that returned result: -EAGAIN with needs set, 0, or -errno. */
static ssize_t status_of(struct transport *transport, int result, short asked)
{
    switch (SSL_get_error(transport->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        transport->needs = asked == EV_READ ? 0 : EV_READ;
        return -EAGAIN;
    case SSL_ERROR_WANT_WRITE:
        transport->needs = asked == EV_WRITE ? 0 : EV_WRITE;
        return -EAGAIN;
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    default: /* a broken handshake or record, or a client that is gone */
        return -EPIPE;
    }
}

ssize_t transport_read_tls(struct transport *transport, void *buffer, size_t size)
{
    SSL *ssl = transport->ssl;
    transport->needs = 0;
    ERR_clear_error(); /* SSL_get_error would look at what another connection left */
    int got = SSL_read(ssl, buffer, (int)size);
    if (!transport->is_counted && SSL_is_init_finished(ssl)) {
        transport->is_counted = true;
        stats_handshake(transport->stats, SSL_session_reused(ssl) == 1);
    }
    return got > 0 ? got : status_of(transport, got, EV_READ);
}

/* SSL_write takes one piece: fills record from *pieces, from byte number at of them. */
static size_t gather(const struct iovec *pieces, int count, size_t at, char *record)
{
    size_t size = 0;
    for (int i = 0; i < count && size < RECORD_BYTES; i++) {
        if (at >= pieces[i].iov_len) {
            at -= pieces[i].iov_len;
            continue;
        }
        size_t part = pieces[i].iov_len - at;
        if (part > RECORD_BYTES - size)
            part = RECORD_BYTES - size;
        memcpy(record + size, (const char *)pieces[i].iov_base + at, part);
        size += part;
        at = 0;
    }
    return size;
}

ssize_t transport_write_tls(struct transport *transport, const struct iovec *pieces,
                            int count)
{
    char record[RECORD_BYTES];
    size_t put = 0;
    transport->needs = 0;
    for (;;) {
        size_t size = gather(pieces, count, put, record);
        if (size == 0)
            return (ssize_t)put;
        ERR_clear_error();
        int result = SSL_write(transport->ssl, record, (int)size);
        if (result <= 0) {
            ssize_t status = status_of(transport, result, EV_WRITE);
            return put > 0 ? (ssize_t)put : status == 0 ? -EPIPE : status;
        }
        put += (size_t)result;
    }
}

bool transport_has_more_tls(const struct transport *transport)
{
    return SSL_pending(transport->ssl) > 0;
}

ssize_t transport_take_ahead(struct transport *transport, void *buffer, size_t size)
{
    size_t left = transport->ahead_end - transport->ahead_start;
    if (size > left)
        size = left;
    memcpy(buffer, transport->ahead + transport->ahead_start, size);
    transport->ahead_start += size;
    if (size == left) {
        free(transport->ahead);
        transport->ahead = NULL;
        transport->ahead_start = transport->ahead_end = transport->ahead_room = 0;
    }
    return (ssize_t)size;
}

static ssize_t read_more(struct transport *transport, char *buffer, size_t size)
{
    if (transport->ssl)
        return transport_read_tls(transport, buffer, size);
    ssize_t got = read(transport->fd, buffer, size);
    return got < 0 ? -errno : got;
}

int transport_read_ahead(struct transport *transport)
{
    char part[RECORD_BYTES];
    ssize_t got = read_more(transport, part, sizeof part);
    if (got <= 0)
        return got == -EAGAIN || got == -EINTR ? 1 : got == 0 ? 0 : -1;
    size_t end = transport->ahead_end + (size_t)got;
    if (end > TRANSPORT_AHEAD_MAX)
        return -1;
    if (end > transport->ahead_room) {
        char *larger = realloc(transport->ahead, 2 * end);
        if (!larger)
            return -1;
        transport->ahead = larger;
        transport->ahead_room = 2 * end;
    }
    memcpy(transport->ahead + transport->ahead_end, part, (size_t)got);
    transport->ahead_end = end;
    return 1;
}

bool transport_end(struct transport *transport)
{
    if (transport->ssl && SSL_is_init_finished(transport->ssl)) {
        ERR_clear_error();
        (void)SSL_shutdown(
            transport->ssl); /* close_notify; the client's is not awaited */
    }
    return shutdown(transport->fd, SHUT_WR) == 0;
}

void transport_spoil(struct transport *transport)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(transport->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void transport_close(struct transport *transport)
{
    SSL_free(transport->ssl); /* NULL-safe */
    free(transport->ahead);
    (void)close(transport->fd);
}
