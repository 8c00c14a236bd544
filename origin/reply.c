/* reply.c: see reply.h. */
#include "origin/reply.h"

#include "origin/delay.h"

#include <stddef.h>

static struct answer_style begin(struct reply *reply, const struct request *request)
{
    reply->hold_ns = 0;
    reply->fault = FAULT_NONE;
    reply->is_kept_alive = request && request->is_kept_alive;
    return (struct answer_style){.is_1_0 = request && request->is_1_0,
                                 .is_kept_alive = reply->is_kept_alive,
                                 .is_head_only =
                                     request && request->method == REQUEST_HEAD};
}

void reply_refusal(struct reply *reply, const struct request *request, int status,
                   const char *text)
{
    struct answer_style style = begin(reply, request);
    answer_refusal(&reply->answer, style, status, text, NULL);
}

static bool is_posted(enum query_route route)
{
    return route == QUERY_STATS_RESET || route == QUERY_FREEZE;
}

static bool takes_method(enum query_route route, enum request_method method)
{
    if (method == REQUEST_POST)
        return route == QUERY_BYTES || is_posted(route);
    return (method == REQUEST_GET || method == REQUEST_HEAD) && !is_posted(route);
}

static void refuse_method(struct reply *reply, struct answer_style style,
                          enum query_route route)
{
    const char *allow = route == QUERY_BYTES ? "GET, HEAD, POST"
                        : is_posted(route)   ? "POST"
                                             : "GET, HEAD";
    answer_refusal(&reply->answer, style, 405, "method not allowed here", allow);
}

/* An answer that is not sent at once and whole: another form, or a fault. */
static void form_specially(struct reply *reply, struct answer_style style,
                           const struct query *query, bool strikes)
{
    struct answer *answer = &reply->answer;
    reply->fault = strikes ? (enum query_fault)query->fault : FAULT_NONE;
    if (reply->fault != FAULT_NONE)
        style.is_kept_alive = reply->is_kept_alive = false;
    bool has_status = query->status > 0 && (query->fault || strikes);
    answer_form(answer, style, has_status ? (int)query->status : 200, query->bytes,
                query->chunk_bytes);
    if (reply->fault == FAULT_SHORT)
        answer->body_bytes /= 2;
    if (reply->fault == FAULT_GARBAGE)
        answer_garble(answer);
    if (reply->fault == FAULT_RESET) {
        answer->head_size -= 2; /* a head without its empty line is no answer */
        answer->body_bytes = 0;
    }
    reply->trickle_ms = query->trickle_ms;
    reply->trickle_bytes = query->trickle_bytes;
    if (query->trickle_ms > 0)
        answer->allowed = answer->head_size + query->trickle_bytes;
}

void reply_bytes(struct reply *reply, const struct request *request,
                 const struct query *query, uint64_t seed, uint64_t k)
{
    struct answer_style style = begin(reply, request);
    if (!takes_method(QUERY_BYTES, request->method)) {
        refuse_method(reply, style, QUERY_BYTES);
        return;
    }
    if (request->method == REQUEST_POST && !request->has_length) {
        answer_refusal(&reply->answer, style, 411, "POST needs a Content-Length", NULL);
        return;
    }
    if (query->is_special)
        form_specially(reply, style, query, delay_strikes(query->fault_ppm, seed, k));
    else
        answer_pattern(&reply->answer, style, query->bytes);
    if (delay_is_any(&query->delay))
        reply->hold_ns = delay_ns(&query->delay, seed, k);
}

void reply_control(struct reply *reply, const struct request *request,
                   const struct query *query, const struct control *control)
{
    struct answer_style style = begin(reply, request);
    if (!takes_method(query->route, request->method)) {
        refuse_method(reply, style, query->route);
        return;
    }
    const char *refusal = guard_refusal(control->guard, request, is_posted(query->route));
    if (refusal)
        answer_refusal(&reply->answer, style, 403, refusal, NULL);
    else
        control_answer(control, query, style, &reply->answer);
}
