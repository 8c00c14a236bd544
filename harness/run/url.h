/* url: checks the address given with --url before anything starts. */
#ifndef HARNESS_URL_H
#define HARNESS_URL_H

#include "common/err.h"

#include <netdb.h>
#include <stdbool.h>

#define URL_RESOLVE_SIZE 320

/* Whether text is http://host... or https://host..., with a port from 1 to 65535 if any
 * and without blanks or control characters. EXIT_CODE_USAGE. */
int url_check(const char *text, struct err *err);

/* Looks its host up, or takes the address of resolve (HOST:PORT:ADDRESS; NULL: none).
 * *out_list is for freeaddrinfo. url must have passed url_check. EXIT_CODE_UNFIT. */
int url_look_up(const char *url, const char *resolve, struct addrinfo **out_list,
                struct err *err);

/* Whether one of these addresses can be reached: one TCP connection, made and closed, at
 * most 5 s for each. out_resolve (URL_RESOLVE_SIZE bytes) gets the first that answered as
 * HOST:PORT:ADDRESS, "" where url has an address or localhost. EXIT_CODE_UNFIT. */
int url_reach(const char *url, const struct addrinfo *list, char *out_resolve,
              struct err *err);

/* Checks that resolve is HOST:PORT:ADDRESS of this url. EXIT_CODE_USAGE. */
int url_check_resolve(const char *url, const char *resolve, struct err *err);

/* Whether one of these addresses is this machine's: a socket can be bound there. */
bool url_is_here(const struct addrinfo *list);

#endif
