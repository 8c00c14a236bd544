/* listener: the listening sockets of the origin, one for each event loop and address, all
 * on the same port (SO_REUSEPORT: the kernel spreads new connections over the loops). */
#ifndef ORIGIN_LISTENER_H
#define ORIGIN_LISTENER_H

#include "common/err.h"

#include <stddef.h>
#include <stdint.h>

#define LISTENER_URL_MAX 80

#define LISTENER_ADDRESSES_MAX 64

/* Opens sockets for `loops` event loops that listen on the numeric address (IPv4 or IPv6)
 * and port; port 0 takes a free one. With addresses above 1 (to LISTENER_ADDRESSES_MAX),
 * address has to be 127.0.0.1, and they listen on the same port of 127.0.0.1 to
 * 127.0.0.<addresses>. Sockets are non-blocking; TCP_NODELAY is set and inherited by what
 * they accept. The fds in out_fds[0 .. loops * addresses) are new, those of one loop side
 * by side; none is left open on error.
 * Errors: EXIT_CODE_USAGE when address is not numeric, or not 127.0.0.1 when it has to;
 * EXIT_CODE_UNFIT, naming address and port, when they cannot be had, also when another
 * origin of the same user has them. */
int listener_open(const char *address, uint64_t port, size_t addresses, size_t loops,
                  int *out_fds, struct err *err);

/* Writes "SCHEME://ADDRESS:PORT" of a listening socket, size >= LISTENER_URL_MAX; scheme
 * is "http" or "https". */
int listener_url(int fd, const char *scheme, char *out_url, size_t size, struct err *err);

#endif
