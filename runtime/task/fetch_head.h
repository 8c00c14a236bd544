/* fetch_head: whether the head of a response is one that HTTP allows, where libcurl does
 * not say.
 *
 * libcurl 7.88 accepts a head that the server never ended as a whole one, and waits for
 * its timeout where the length of a body cannot be known. Only a function that it calls
 * for every line of a head sees that, and it costs 110 instructions a line, 1 % of a
 * request. So the function is used for new connections, which cost much more, and for the
 * first request after that. A connection that has been kept has shown that its server
 * speaks HTTP. What goes wrong later is found from what libcurl knows, when a request has
 * failed or its answer has neither length nor chunks nor body. */
#ifndef RUNTIME_FETCH_HEAD_H
#define RUNTIME_FETCH_HEAD_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

struct fetch_head {
    const char *fault; /* why the head is wrong; static; NULL: it is not */
    int64_t length;    /* of Content-Length; -1: none */
    bool is_watched;   /* libcurl calls for every line */
    bool is_open;      /* a line of a head has come, its blank line has not */
    bool has_coding;   /* it has Transfer-Encoding */
    bool is_interim;   /* its status is below 200 */
};

/* Call this before each transfer. */
static inline void fetch_head_begin(struct fetch_head *head)
{
    head->fault = NULL;
    head->is_open = false;
}

/* Makes libcurl call for every line of the next heads, or stop doing so. */
void fetch_head_watch(struct fetch_head *head, CURL *easy, bool is_watched);

/* For a transfer that is ok and has no body: why its head is not whole, or NULL; static.
 */
const char *fetch_head_cut(const struct fetch_head *head, CURL *easy);

/* For a transfer that has timed out: what in its head made that inevitable, or NULL. */
const char *fetch_head_fault(struct fetch_head *head, CURL *easy);

#endif
