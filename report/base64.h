/* base64: for pictures in the page, and for the hash of its style sheet in the content
 * security policy. */
#ifndef REPORT_BASE64_H
#define REPORT_BASE64_H

#include <stddef.h>

/* Writes the base64 of size bytes and a NUL; out needs 4 * ((size + 2) / 3) + 1 bytes and
 * is left empty when it has less. */
void base64_encode(const unsigned char *bytes, size_t size, char *out_text,
                   size_t out_size);

#endif
