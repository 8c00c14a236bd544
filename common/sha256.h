/* sha256: SHA-256 (FIPS 180-4). It lets a page's content security policy admit the page's
 * own style sheet, and a resumed run recognise its programs. */
#ifndef COMMON_SHA256_H
#define COMMON_SHA256_H

#include <stddef.h>

#define SHA256_BYTES 32

void sha256(const void *bytes, size_t size, unsigned char out_digest[SHA256_BYTES]);

#endif
