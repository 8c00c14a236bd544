/* tls: the TLS side of an origin: a key and a certificate made when it starts, for this
 * run and for loopback only, kept in memory. A client trusts it through the file that
 * tls_write_ca writes, which has this one certificate in it: no model pays for reading
 * the system's hundred and more.
 *
 * TLS 1.3 alone, so that a handshake is the same for every client; sessions are resumed
 * by tickets, which cost the origin no memory and hold on all its loops. */
#ifndef ORIGIN_TLS_H
#define ORIGIN_TLS_H

#include "common/err.h"

#include <openssl/types.h>

/* A new context with a P-256 key and a certificate for localhost, 127.0.0.1 to 127.0.0.64
 * and address. SSL_CTX_free it. The loops may share it. EXIT_CODE_UNFIT. */
int tls_new(const char *address, SSL_CTX **out_tls, struct err *err);

/* Writes its certificate as PEM to path. EXIT_CODE_UNFIT, naming it. */
int tls_write_ca(SSL_CTX *tls, const char *path, struct err *err);

#endif
