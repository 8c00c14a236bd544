/* sha256: SHA-256 (FIPS 180-4), for the hash by which a page's content security policy
 * admits its own style sheet and no other. */
#ifndef REPORT_SHA256_H
#define REPORT_SHA256_H

#include <stddef.h>

#define SHA256_BYTES 32

void sha256(const void *bytes, size_t size, unsigned char out_digest[SHA256_BYTES]);

#endif
