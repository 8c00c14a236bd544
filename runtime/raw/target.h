/* target: what a URL means to a client that speaks HTTP by hand: addresses to connect to
 * and the bytes of the request. Found once, before the first request. */
#ifndef RUNTIME_TARGET_H
#define RUNTIME_TARGET_H

#include "common/err.h"
#include "runtime/settings.h"

#include <netdb.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define TARGET_ADDRESSES_MAX 8

struct address {
    struct sockaddr_storage bytes;
    socklen_t size;
};

struct request_text {
    char *bytes; /* owned by the target */
    size_t size;
};

struct target {
    struct address addresses[TARGET_ADDRESSES_MAX]; /* in the resolver's order */
    size_t count;          /* 0: the host is not known, and each request says so */
    size_t first;          /* the one to try first: the last that accepted */
    uint64_t spread_count; /* settings->addresses */
    int lookup_error;      /* of getaddrinfo, when count is 0 */
    uint64_t lookup_ns;    /* time that the resolver took */
    struct request_text *requests; /* owned: one for each address of spread_count, as
                                      the Host field names it */
};

/* Lets libcurl split settings->url, asks the resolver, and writes the request in the same
 * bytes as libcurl. EXIT_CODE_USAGE for what such a client cannot do: https, user names.
 * target_done is needed whatever it returns. */
int target_init(struct target *target, const struct settings *settings, struct err *err);

/* Address number index, modulo target->count, as a worker sees it. */
struct address target_address(const struct target *target, uint64_t worker_index,
                              size_t index);

/* What the worker sends. Borrowed, the same for all its requests. */
const struct request_text *target_request(const struct target *target,
                                          uint64_t worker_index);

void target_done(struct target *target); /* of a zeroed struct too */

#endif
