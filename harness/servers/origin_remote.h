/* origin_remote: an origin that somebody started on another host. It is found, and asked
 * whether it takes orders from us, before anything is planned. */
#ifndef HARNESS_ORIGIN_REMOTE_H
#define HARNESS_ORIGIN_REMOTE_H

#include "common/err.h"

#include <stdint.h>
#include <sys/socket.h>

#define ORIGIN_REMOTE_TOKEN "CONCBENCH_ORIGIN_TOKEN"
#define ORIGIN_TOKEN_SIZE   257

struct origin_remote {
    struct sockaddr_storage address;
    socklen_t address_size;
    char url[80]; /* "http://192.0.2.1:8080": a name is looked up once, for all models */
    char token[ORIGIN_TOKEN_SIZE];
    uint64_t threads; /* of its loops */
};

/* url is http://HOST:PORT. The token comes from the first line of token_file, or from the
 * variable ORIGIN_REMOTE_TOKEN, which is then removed so that no child sees it. Sets the
 * origin's counts to zero. EXIT_CODE_USAGE, EXIT_CODE_UNFIT. */
int origin_remote_find(const char *url, const char *token_file,
                       struct origin_remote *out_remote, struct err *err);

#endif
