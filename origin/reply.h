/* reply: what becomes of one request: the answer, when its first byte is due, in what
 * pieces it goes out, and what goes wrong with it. A pure function of the request, the
 * seed and the request's number. */
#ifndef ORIGIN_REPLY_H
#define ORIGIN_REPLY_H

#include "origin/answer.h"
#include "origin/control.h"
#include "origin/query.h"
#include "origin/request.h"

#include <stdbool.h>
#include <stdint.h>

struct reply {
    uint64_t hold_ns; /* before anything is sent */
    enum query_fault fault;
    bool is_kept_alive;                 /* the connection, afterwards */
    uint64_t trickle_ms, trickle_bytes; /* 0: in one piece */
    struct answer answer;               /* of FAULT_STALL and FAULT_CLOSE: not sent */
};

/* An error status with a line of text. keep_alive and style are those of request, which
 * is NULL when no request could be read. */
void reply_refusal(struct reply *reply, const struct request *request, int status,
                   const char *text);

/* The reply to request number k of /bytes/N. */
void reply_bytes(struct reply *reply, const struct request *request,
                 const struct query *query, uint64_t seed, uint64_t k);

/* The reply to a request of any other path. */
void reply_control(struct reply *reply, const struct request *request,
                   const struct query *query, const struct control *control);

#endif
