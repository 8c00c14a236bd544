/* guard: decides which requests may give the origin orders. POST /freeze and /stats/reset
 * change what is measured, so they need a token that only the program that started the
 * origin knows. It comes through a file descriptor, because others can read a command
 * line or a file.
 *
 * A page in a browser on the same machine reaches loopback too, also by a host name that
 * its owner makes resolve to 127.0.0.1. So on every path except /bytes, Host must be a
 * number or localhost, and Origin, which a browser sends, must be that same host. */
#ifndef ORIGIN_GUARD_H
#define ORIGIN_GUARD_H

#include "common/err.h"
#include "origin/request.h"

#include <stdbool.h>
#include <stddef.h>

#define GUARD_TOKEN_MIN 16
#define GUARD_TOKEN_MAX 256

struct guard { /* zeroed: no order is taken */
    char token[GUARD_TOKEN_MAX];
    size_t size;
};

/* Reads a token, GUARD_TOKEN_MIN to _MAX visible ASCII characters, from fd (taken) up to
 * a line break or the end. EXIT_CODE_USAGE when something else comes. */
int guard_read(struct guard *guard, int fd, struct err *err);

/* NULL when the request may be served, or the line to refuse it with (403). is_order: it
 * would change something. Takes the same time for every wrong token of the right size. */
const char *guard_refusal(const struct guard *guard, const struct request *request,
                          bool is_order);

#endif
