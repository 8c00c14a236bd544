/* certificates: whether a file is one of certificates to trust, found out before anything
 * is asked for with them. */
#ifndef COMMON_CERTIFICATES_H
#define COMMON_CERTIFICATES_H

#include "common/err.h"

/* Checks that path (NULL is fine) is a file with at least one certificate in PEM, each of
 * them whole: base64 of one ASN.1 sequence. Whether it is valid is TLS's business. flag
 * ("--cacert") is named in errors. EXIT_CODE_USAGE. */
int certificates_check(const char *flag, const char *path, struct err *err);

#endif
