/* resolve: HOST:PORT:ADDRESS, an address given instead of looking a name up, as curl's
 * option --resolve has it. */
#ifndef COMMON_RESOLVE_H
#define COMMON_RESOLVE_H

#include "common/err.h"

#include <stdbool.h>

struct resolve {
    char host[256], port[6];
    char address[48]; /* IPv4 or IPv6, numeric, without brackets */
};

/* Reads text into *out. EXIT_CODE_USAGE for anything else. */
int resolve_read(const char *text, struct resolve *out, struct err *err);

/* Whether it is about that host, in any case, and that port. */
bool resolve_is_for(const struct resolve *resolve, const char *host, const char *port);

#endif
