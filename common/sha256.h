/* sha256: SHA-256 (FIPS 180-4): by it a page's content security policy admits the page's
 * own style sheet, and a run that is resumed knows its programs again. */
#ifndef COMMON_SHA256_H
#define COMMON_SHA256_H

#include <stddef.h>

#define SHA256_BYTES 32

void sha256(const void *bytes, size_t size, unsigned char out_digest[SHA256_BYTES]);

#endif
