/* origin_ask: one request to the origin's control port and its answer, in just enough
 * HTTP/1.1. */
#ifndef HARNESS_ORIGIN_ASK_H
#define HARNESS_ORIGIN_ASK_H

#include <stddef.h>

#define ORIGIN_ASK_LIMIT_S  10 /* a busy origin answers late, not never */
#define ORIGIN_ASK_SIZE_MAX 8192

/* Sends request over the connected socket fd and reads the answer into text, which has
 * room for ORIGIN_ASK_SIZE_MAX + 1 bytes; *out_body points into it. 0 or -errno: -EINTR
 * when interrupt_requested was set and a second passed, -EAGAIN after the limit, -EPIPE
 * when the connection is gone, -EPROTO when this is no answer. */
int origin_ask(int fd, const char *request, char *text, const char **out_body,
               size_t *out_length);

#endif
