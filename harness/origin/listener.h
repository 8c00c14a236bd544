/* listener: the listening sockets of the origin, one for each event loop, all on the same
 * address and port (SO_REUSEPORT: the kernel spreads new connections over them). */
#ifndef HARNESS_ORIGIN_LISTENER_H
#define HARNESS_ORIGIN_LISTENER_H

#include "common/err.h"

#include <stddef.h>
#include <stdint.h>

#define LISTENER_URL_MAX 80

/* Opens count non-blocking sockets that listen on the numeric address (IPv4 or IPv6) and
 * port; port 0 takes a free one. TCP_NODELAY is set and inherited by what they accept.
 * The fds in out_fds[0..count) are new; none is left open on error.
 * Errors: EXIT_CODE_USAGE when address is not numeric; EXIT_CODE_UNFIT, naming address
 * and port, when they cannot be had, also when another origin of the same user has them.
 */
int listener_open(const char *address, uint64_t port, size_t count, int *out_fds,
                  struct err *err);

/* Writes "http://ADDRESS:PORT" of a listening socket, size >= LISTENER_URL_MAX. */
int listener_url(int fd, char *out_url, size_t size, struct err *err);

#endif
