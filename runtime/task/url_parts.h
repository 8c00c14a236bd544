/* url_parts: a URL as libcurl takes it apart: dots in the path resolved, numbers of the
 * host made plain, the default port filled in. It is for models that connect by
 * themselves, so that they ask for the same thing as those that use libcurl. */
#ifndef RUNTIME_URL_PARTS_H
#define RUNTIME_URL_PARTS_H

#include "common/err.h"

#include <stdbool.h>

struct url_parts { /* texts are owned */
    char *scheme;  /* in lower case */
    char *host;    /* an IPv6 address stands in brackets */
    char *zone;    /* of such an address, or NULL */
    char *port;    /* also where the URL has none */
    char *path;    /* begins with a slash */
    char *query;   /* without its question mark, or NULL */
    bool has_user; /* or a password */
};

/* Splits the URL. EXIT_CODE_USAGE when libcurl does not accept it; the text does not show
 * the URL. url_parts_done is needed whatever it returns. */
int url_parts_init(struct url_parts *parts, const char *url, struct err *err);

void url_parts_done(struct url_parts *parts); /* of a zeroed struct too */

#endif
