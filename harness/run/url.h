/* url: checks the address given with --url before anything starts. */
#ifndef HARNESS_URL_H
#define HARNESS_URL_H

#include "common/err.h"

#include <stdbool.h>

#define URL_RESOLVE_SIZE 320

/* Whether text is http://host... or https://host..., with a port from 1 to 65535 if any
 * and without blanks or control characters. EXIT_CODE_USAGE. */
int url_check(const char *text, struct err *err);

/* Whether its host can be reached: one TCP connection, made and closed, at most 5 s for
 * each of its addresses. resolve (NULL: none) is HOST:PORT:ADDRESS, used instead of a
 * lookup. out_resolve (NULL, or URL_RESOLVE_SIZE bytes) gets the address that answered in
 * this form, "" where the host is an address or localhost. url must have passed
 * url_check. EXIT_CODE_UNFIT. */
int url_reach(const char *url, const char *resolve, char *out_resolve, struct err *err);

/* Checks that resolve is HOST:PORT:ADDRESS of this url. EXIT_CODE_USAGE. */
int url_check_resolve(const char *url, const char *resolve, struct err *err);

/* Whether its host is this machine, by any of its addresses: a socket can be bound there.
 * True also for a name that is not known yet. url must have passed url_check. */
bool url_is_here(const char *url, const char *resolve);

#endif
