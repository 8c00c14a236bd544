/* certificates: checks that a file holds certificates to trust, before any request uses
 * them. */
#ifndef COMMON_CERTIFICATES_H
#define COMMON_CERTIFICATES_H

#include "common/err.h"

/* Checks that path (NULL is fine) is a file with at least one certificate in PEM, each of
 * them complete: base64 of one ASN.1 sequence. TLS checks later that it is valid. flag
 * ("--cacert") is named in errors. EXIT_CODE_USAGE. */
int certificates_check(const char *flag, const char *path, struct err *err);

#endif
