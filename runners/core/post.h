/* post: the body of --post-bytes, one copy for all handles of the process. Byte i is 'a'
 * + i % 26. */
#ifndef CORE_POST_H
#define CORE_POST_H

#include <curl/curl.h>
#include <stdint.h>

#define POST_BYTES_MAX 67108864 /* what the origin takes */

#define POST_CONTENT_TYPE "application/octet-stream"

/* bytes bytes, the same number in every call; they live as long as the process. NULL
 * without memory. Thread-safe. */
const char *post_body(uint64_t bytes);

/* The header fields that go with it, likewise. Not to be freed. */
struct curl_slist *post_fields(void);

#endif
