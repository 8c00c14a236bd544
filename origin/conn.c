/* conn.c: the life of a connection (conn.h): reads requests, starts their answers, holds
 * them back, writes them out. What a request means is in request.c and query.c, what
 * becomes of it in reply.c, how bytes travel in transport.c; accepting is server.c's.
 *
 * Within a turn no function frees the connection: it sets the state CONN_CLOSED, and
 * conn_settle, the last call of each event, frees it. */
#include "origin/conn.h"

#include "common/clock.h"
#include "common/memory.h"
#include "origin/reply.h"
#include "origin/request.h"
#include "origin/transport.h"

#include <errno.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The bytes that a refused client may still send before the connection is dropped. */
#define DRAIN_BYTES_MAX (1U << 20)

#define BODY_PART_BYTES 65536 /* of a request's body, at a time */

enum conn_state {
    CONN_READING,
    CONN_RECEIVING, /* the body of the request whose head is in the input */
    CONN_WAITING,
    CONN_WRITING,
    CONN_DRAINING,
    CONN_CLOSED
};

struct conn {
    struct timer_entry timer; /* first: on_timer casts back */
    struct conn_group *group;
    struct conn *next, *previous;
    struct event event;
    struct transport transport;
    enum conn_state state;
    short armed;       /* what event waits for: EV_READ, EV_WRITE or 0 */
    bool is_counted;   /* in stats.connections */
    bool is_in_flight; /* its current request is, in stats.in_flight */
    bool has_body;     /* of the request in the input: it was read */
    bool is_ended;     /* the client's end was read ahead, behind requests of its own */
    size_t drained;
    uint64_t body_left;            /* of the request in the input, to be read */
    size_t input_start, input_end; /* of what is read and not yet consumed */
    struct reply reply;            /* the current one */
    char input[REQUEST_HEAD_MAX];
};

static void leave_flight(struct conn *conn)
{
    if (conn->is_in_flight)
        stats_end(conn->group->stats);
    conn->is_in_flight = false;
}

static void conn_free(struct conn *conn)
{
    struct conn_group *group = conn->group;
    leave_flight(conn);
    timer_queue_remove(&group->timers, &conn->timer);
    if (conn->armed)
        (void)event_del(&conn->event);
    transport_close(&conn->transport);
    if (conn->next)
        conn->next->previous = conn->previous;
    *(conn->previous ? &conn->previous->next : &group->first) = conn->next;
    group->count--;
    free(conn);
}

/* The last answer is out. A close with unread input would send a reset, which can take
 * the answer away from the client before it was read: then wait for the client's end. */
static void finish(struct conn *conn)
{
    bool has_input = conn->input_start < conn->input_end;
    conn->state = CONN_CLOSED;
    if (conn->reply.fault == FAULT_RESET)
        transport_spoil(&conn->transport);
    else if ((has_input || conn->transport.ssl) && transport_end(&conn->transport))
        conn->state = has_input ? CONN_DRAINING : CONN_CLOSED;
    conn->input_start = conn->input_end = 0;
}

/* All that may be sent so far is sent: the next piece is due later. */
static void wait_for_next_piece(struct conn *conn)
{
    conn->reply.answer.allowed += conn->reply.trickle_bytes;
    conn->state = CONN_WAITING;
    timer_queue_add(&conn->group->timers, &conn->timer,
                    clock_ns() + conn->reply.trickle_ms * NS_PER_MS);
}

/* Writes what the kernel takes, at most about 1 MiB, so that large bodies take turns. */
static void send_answer(struct conn *conn)
{
    struct answer *answer = &conn->reply.answer;
    struct iovec pieces[ANSWER_PIECES_MAX];
    uint64_t bytes = 0;
    int count = answer_pieces(answer, pieces, &bytes);
    bool was_in_flight = conn->is_in_flight;
    if (bytes == answer_left(answer))
        leave_flight(conn); /* before the client can know: stats.h */
    ssize_t put = transport_write(&conn->transport, pieces, count);
    if (put < 0 && put != -EAGAIN && put != -EINTR) {
        conn->state = CONN_CLOSED;
        return;
    }
    answer->sent += put > 0 ? (uint64_t)put : 0;
    if (answer_left(answer) > 0) {
        conn->state = CONN_WRITING;
        if (was_in_flight && !conn->is_in_flight)
            stats_resume(conn->group->stats);
        conn->is_in_flight = was_in_flight;
        if (answer->sent == answer->allowed)
            wait_for_next_piece(conn);
    } else if (conn->reply.is_kept_alive) {
        conn->state = CONN_READING;
    } else {
        finish(conn);
    }
}

/* Counts the request. Returns its number since the reset. */
static uint64_t enter_flight(struct conn *conn)
{
    const bool is_first = !conn->is_counted;
    conn->is_counted = true;
    conn->is_in_flight = true;
    freeze_note_request(conn->group->freeze);
    return stats_begin(conn->group->stats, is_first);
}

/* The answer's time has come, for the first time or for the next piece. */
static void send_when_due(struct conn *conn)
{
    if (conn->reply.fault == FAULT_STALL) { /* until the client is gone */
        conn->state = conn->is_ended ? CONN_CLOSED : CONN_WAITING;
    } else if (conn->reply.fault == FAULT_CLOSE) {
        leave_flight(conn);
        finish(conn);
    } else {
        send_answer(conn);
    }
}

/* The reply is there; it starts now or when it is due. */
static void start_reply(struct conn *conn)
{
    if (conn->reply.hold_ns == 0) {
        send_when_due(conn);
        return;
    }
    if (conn->is_ended)
        leave_flight(conn);
    conn->state = CONN_WAITING;
    timer_queue_add(&conn->group->timers, &conn->timer, clock_ns() + conn->reply.hold_ns);
}

/* A whole request was read; its answer starts here. */
static void start_answer(struct conn *conn, const struct request *request)
{
    const struct conn_group *group = conn->group;
    struct reply *reply = &conn->reply;
    struct query query;
    struct err err = {.code = EXIT_CODE_OK};
    int status = query_parse(request->target, request->target_size, &query, &err);
    if (!status && query.route != QUERY_BYTES) {
        const struct control control = {group->stats, group->freeze, group->guard,
                                        group->threads};
        reply_control(reply, request, &query, &control);
    } else {
        uint64_t k = enter_flight(conn);
        if (status)
            reply_refusal(reply, request, status, err.text);
        else
            reply_bytes(reply, request, &query, group->seed, k);
    }
    start_reply(conn);
}

/* Takes out of the input what it has of the request's body; the head stays. True when
 * that was all of it. */
static bool take_body(struct conn *conn, const struct request *request)
{
    char *body = conn->input + conn->input_start + request->size;
    size_t size = (size_t)(conn->input + conn->input_end - body);
    size_t part = size < request->body_bytes ? size : (size_t)request->body_bytes;
    memmove(body, body + part, size - part);
    conn->input_end -= part;
    conn->body_left = request->body_bytes - part;
    stats_receive(conn->group->stats, part);
    if (conn->body_left > 0)
        conn->state = CONN_RECEIVING;
    return conn->body_left == 0;
}

/* Takes the next request out of the input. False when there is none yet. */
static bool take_request(struct conn *conn)
{
    size_t size = conn->input_end - conn->input_start;
    if (size == 0)
        return false;
    struct request request;
    struct err err = {.code = EXIT_CODE_OK};
    int status = request_parse(conn->input + conn->input_start, size, &request, &err);
    if (status == REQUEST_INCOMPLETE)
        return false;
    if (status) { /* counted nowhere, and the connection ends */
        reply_refusal(&conn->reply, NULL, status, err.text);
        start_reply(conn);
        return true;
    }
    if (request.body_bytes > 0 && !conn->has_body && !take_body(conn, &request))
        return false;
    conn->has_body = false;
    /* the target still lies in the input: consumed, but not yet overwritten */
    conn->input_start += request.size;
    start_answer(conn, &request);
    return true;
}

static void compact_input(struct conn *conn)
{
    size_t size = conn->input_end - conn->input_start;
    if (conn->input_start > 0 && size > 0)
        memmove(conn->input, conn->input + conn->input_start, size);
    conn->input_start = 0;
    conn->input_end = size;
}

static void read_body(struct conn *conn)
{
    char part[BODY_PART_BYTES];
    size_t size = conn->body_left < sizeof part ? (size_t)conn->body_left : sizeof part;
    ssize_t got = transport_read(&conn->transport, part, size);
    if (got > 0) {
        stats_receive(conn->group->stats, (uint64_t)got);
        conn->body_left -= (uint64_t)got;
        conn->has_body = conn->body_left == 0;
        if (conn->has_body)
            conn->state = CONN_READING;
    } else if (got != -EAGAIN && got != -EINTR) {
        conn->state = CONN_CLOSED;
    }
}

static void read_input(struct conn *conn)
{
    ssize_t got = transport_read(&conn->transport, conn->input + conn->input_end,
                                 sizeof conn->input - conn->input_end);
    if (got > 0 && conn->state == CONN_DRAINING) {
        conn->drained += (size_t)got;
        if (conn->drained > DRAIN_BYTES_MAX)
            conn->state = CONN_CLOSED;
    } else if (got > 0) {
        conn->input_end += (size_t)got;
    } else if (got != -EAGAIN && got != -EINTR) {
        conn->state = CONN_CLOSED;
    }
}

/* The input is full. A client that has ended its side behind what it sent is taken for
 * gone, and its request is not in flight. As it may still read, the answers are tried. */
static void read_ahead(struct conn *conn)
{
    int status = transport_read_ahead(&conn->transport);
    conn->is_ended = status == 0;
    if (conn->is_ended)
        leave_flight(conn);
    else if (status < 0)
        conn->state = CONN_CLOSED;
}

static bool is_full(const struct conn *conn)
{
    return conn->input_end == sizeof conn->input;
}

static void on_event(evutil_socket_t fd, short what, void *arg);

/* What to wait for in the present state. A held-back connection is read too, to learn
 * that the client is gone. */
static short wanted(const struct conn *conn)
{
    if (conn->transport.needs)
        return conn->transport.needs;
    if (conn->state == CONN_WRITING)
        return EV_WRITE;
    bool is_read = conn->state == CONN_WAITING ? !conn->is_ended : !is_full(conn);
    return conn->state == CONN_RECEIVING || is_read ? EV_READ : 0;
}

static void arm(struct conn *conn)
{
    short want = wanted(conn);
    if (want == conn->armed)
        return;
    if (conn->armed)
        (void)event_del(&conn->event);
    conn->armed = want;
    if (want == 0 || (!event_assign(&conn->event, conn->group->base, conn->transport.fd,
                                    (short)(want | EV_PERSIST), on_event, conn) &&
                      !event_add(&conn->event, NULL)))
        return;
    conn->armed = 0;
    conn->state = CONN_CLOSED;
}

static void receive(struct conn *conn)
{
    if (conn->state == CONN_RECEIVING)
        read_body(conn);
    else if (conn->state == CONN_WAITING && is_full(conn))
        read_ahead(conn);
    else
        read_input(conn);
}

/* Ends every event: answers what is in the input, then waits or frees. */
static void conn_settle(struct conn *conn)
{
    for (;;) {
        while (conn->state == CONN_READING && take_request(conn))
            ; /* each pipelined request in turn */
        compact_input(conn);
        bool has_room = conn->state != CONN_WAITING || !is_full(conn);
        if (conn->state == CONN_CLOSED || wanted(conn) != EV_READ ||
            !transport_has_more(&conn->transport, has_room))
            break;
        receive(conn); /* no event will come for what is here already */
    }
    if (conn->state != CONN_CLOSED)
        arm(conn);
    if (conn->state == CONN_CLOSED)
        conn_free(conn);
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct conn *conn = arg;
    freeze_hold(conn->group->freeze);
    if (conn->state == CONN_WRITING)
        send_answer(conn);
    else
        receive(conn);
    conn_settle(conn);
}

static void on_timer(struct timer_entry *entry)
{
    struct conn *conn = (struct conn *)(void *)entry;
    freeze_hold(conn->group->freeze);
    send_when_due(conn);
    conn_settle(conn);
}

int conn_group_init(struct conn_group *group, struct event_base *base,
                    struct stats *stats, struct freeze *freeze, uint64_t seed,
                    uint64_t threads, struct err *err)
{
    *group = (struct conn_group){
        .base = base, .stats = stats, .freeze = freeze, .seed = seed, .threads = threads};
    return timer_queue_init(&group->timers, base, on_timer, err);
}

void conn_group_done(struct conn_group *group)
{
    while (group->first)
        conn_free(group->first);
    timer_queue_done(&group->timers);
}

int conn_open(struct conn_group *group, int fd)
{
    struct transport transport = {.fd = fd};
    if (timer_queue_reserve(&group->timers, group->count + 1) ||
        transport_open(&transport, fd, group->tls, group->stats)) {
        (void)close(fd);
        return -ENOMEM;
    }
    struct conn *conn = memory_malloc(sizeof *conn);
    /* all but the two large buffers, whose pages stay untouched until needed */
    memset(conn, 0, offsetof(struct conn, reply));
    conn->group = group;
    conn->transport = transport;
    conn->next = group->first;
    if (conn->next)
        conn->next->previous = conn;
    group->first = conn;
    group->count++;
    conn_settle(conn);
    return 0;
}
