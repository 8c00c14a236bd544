/* post: the body of --post-bytes, one copy for all handles of the process. Byte i is 'a'
 * + i % 26. */
#ifndef RUNTIME_POST_H
#define RUNTIME_POST_H

#include <curl/curl.h>
#include <stdint.h>

#define POST_BYTES_MAX 67108864 /* the most that the origin accepts */

#define POST_CONTENT_TYPE "application/octet-stream"

/* A body of this size, which is the same in every call. It lives as long as the process.
 * NULL without memory. Thread-safe. */
const char *post_body(uint64_t bytes);

/* The header fields for that body, likewise. Do not free them. */
struct curl_slist *post_fields(void);

#endif
