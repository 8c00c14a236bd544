/* request: reads the head of one HTTP/1.x request out of a receive buffer.
 *
 * A body is not looked at. Its size is returned, and the caller reads past it.
 *
 * Only what the origin needs is kept. What would make the end of the request uncertain
 * (two lengths, chunked bodies, names with blanks) is refused. Lines end with CR LF or,
 * for requests typed by hand, LF. */
#ifndef ORIGIN_REQUEST_H
#define ORIGIN_REQUEST_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REQUEST_HEAD_MAX   8192
#define REQUEST_BODY_MAX   (UINT64_C(64) << 20)
#define REQUEST_INCOMPLETE 1

enum request_method { REQUEST_GET, REQUEST_HEAD, REQUEST_POST, REQUEST_OTHER };

struct request_text { /* borrowed from the buffer, not terminated */
    const char *at;   /* NULL: not given */
    size_t size;
};

struct request {
    enum request_method method;
    const char *target; /* borrowed from the buffer, not terminated, no blanks in it */
    size_t target_size;
    size_t size;         /* of the head: where the body starts, or the next request */
    uint64_t body_bytes; /* that follow the head, at most REQUEST_BODY_MAX */
    struct request_text host, origin, authorization; /* values of these fields */
    bool has_length;                                 /* the request gave their number */
    bool is_1_0;                                     /* HTTP/1.0 */
    bool is_kept_alive; /* the connection stays open after the answer */
};

/* Parses the size bytes at buffer, size <= REQUEST_HEAD_MAX. Returns 0, or
 * REQUEST_INCOMPLETE when more must be read, or the HTTP status of the refusal (400, 413,
 * 417, 431, 501, 505; the connection cannot go on after it) and one line in err.
 * *out_request is written only with 0. Thread-safe. */
int request_parse(const char *buffer, size_t size, struct request *out_request,
                  struct err *err);

#endif
