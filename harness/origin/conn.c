/* conn.c: the life of a connection (conn.h): reads requests, starts their answers, holds
 * them back, writes them out. What a request means is in request.c and query.c, how an
 * answer looks in answer.c; accepting is server.c's.
 *
 * Within a turn no function frees the connection: it sets the state CONN_CLOSED, and
 * conn_settle, the last call of each event, frees it. */
#include "harness/origin/conn.h"

#include "common/clock.h"
#include "harness/origin/answer.h"
#include "harness/origin/query.h"
#include "harness/origin/request.h"

#include <errno.h>
#include <event2/event_struct.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What a refused client may still send before the connection is dropped. */
#define DRAIN_BYTES_MAX (1U << 20)

enum conn_state { CONN_READING, CONN_WAITING, CONN_WRITING, CONN_DRAINING, CONN_CLOSED };

struct conn {
    struct due_entry due; /* first: on_due casts back */
    struct conn_group *group;
    struct conn *next, *previous;
    struct event event;
    int fd;
    enum conn_state state;
    short armed;       /* what event waits for: EV_READ, EV_WRITE or 0 */
    bool is_counted;   /* in stats.connections */
    bool is_in_flight; /* its current request is, in stats.in_flight */
    bool keep_alive;   /* after the current answer */
    size_t drained;
    size_t input_start, input_end; /* of what is read and not yet consumed */
    struct answer answer;
    char input[REQUEST_BYTES_MAX];
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
    due_remove(&group->due, &conn->due);
    if (conn->armed)
        (void)event_del(&conn->event);
    (void)close(conn->fd);
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
    conn->state = CONN_CLOSED;
    if (conn->input_start < conn->input_end && shutdown(conn->fd, SHUT_WR) == 0)
        conn->state = CONN_DRAINING;
    conn->input_start = conn->input_end = 0;
}

/* Writes what the kernel takes, at most about 1 MiB, so that large bodies take turns. */
static void send_answer(struct conn *conn)
{
    struct answer *answer = &conn->answer;
    struct iovec pieces[ANSWER_PIECES_MAX];
    uint64_t bytes = 0;
    int count = answer_pieces(answer, pieces, &bytes);
    bool was_in_flight = conn->is_in_flight;
    if (bytes == answer_left(answer))
        leave_flight(conn); /* before the client can know: stats.h */
    ssize_t put = writev(conn->fd, pieces, count);
    if (put < 0 && errno != EAGAIN && errno != EINTR) {
        conn->state = CONN_CLOSED;
        return;
    }
    answer->sent += put > 0 ? (uint64_t)put : 0;
    if (answer_left(answer) > 0) {
        conn->state = CONN_WRITING;
        if (was_in_flight && !conn->is_in_flight)
            stats_resume(conn->group->stats);
        conn->is_in_flight = was_in_flight;
    } else if (conn->keep_alive) {
        conn->state = CONN_READING;
    } else {
        finish(conn);
    }
}

/* Counts the request. Returns its number since the reset. */
static uint64_t enter_flight(struct conn *conn)
{
    if (!conn->is_counted)
        stats_connection(conn->group->stats);
    conn->is_counted = true;
    conn->is_in_flight = true;
    freeze_note_request(conn->group->freeze);
    return stats_begin(conn->group->stats);
}

static void start_bytes(struct conn *conn, struct answer_style style,
                        const struct query *query)
{
    uint64_t k = enter_flight(conn);
    answer_pattern(&conn->answer, style, query->bytes);
    uint64_t hold_ns = 0;
    if (delay_is_any(&query->delay))
        hold_ns = delay_ns(&query->delay, conn->group->seed, k);
    if (hold_ns > 0) {
        conn->state = CONN_WAITING;
        due_add(&conn->group->due, &conn->due, clock_ns() + hold_ns);
    } else {
        send_answer(conn);
    }
}

static void start_stats(struct conn *conn, struct answer_style style, bool reset)
{
    struct stats_counts counts;
    stats_read(conn->group->stats, reset, &counts);
    if (reset)
        freeze_arm(conn->group->freeze, 0, 0);
    char text[320];
    (void)snprintf(text, sizeof text,
                   "{\"requests\": %" PRIu64 ", \"in_flight\": %" PRIu64
                   ", \"peak_in_flight\": %" PRIu64 ", \"connections\": %" PRIu64
                   ", \"cpu_ns\": %" PRIu64 ", \"threads\": %" PRIu64 "}\n",
                   counts.requests, counts.in_flight, counts.peak_in_flight,
                   counts.connections, clock_process_cpu_ns(), conn->group->threads);
    answer_json(&conn->answer, style, text);
    send_answer(conn);
}

static void start_freeze(struct conn *conn, struct answer_style style,
                         const struct query *query)
{
    char text[96];
    freeze_arm(conn->group->freeze, query->after_ms, query->for_ms);
    (void)snprintf(text, sizeof text,
                   "{\"after_ms\": %" PRIu64 ", \"for_ms\": %" PRIu64 "}\n",
                   query->after_ms, query->for_ms);
    answer_json(&conn->answer, style, text);
    send_answer(conn);
}

static void refuse(struct conn *conn, struct answer_style style, int status,
                   const char *text)
{
    (void)enter_flight(conn);
    answer_refusal(&conn->answer, style, status, text, NULL);
    send_answer(conn);
}

static bool is_posted(enum query_route route)
{
    return route == QUERY_STATS_RESET || route == QUERY_FREEZE;
}

static void refuse_method(struct conn *conn, struct answer_style style,
                          enum query_route route)
{
    if (route == QUERY_BYTES)
        (void)enter_flight(conn);
    answer_refusal(&conn->answer, style, 405, "method not allowed here",
                   is_posted(route) ? "POST" : "GET, HEAD");
    send_answer(conn);
}

/* A whole request was read; its answer starts here. */
static void start_answer(struct conn *conn, const struct request *request)
{
    struct answer_style style = {request->is_1_0, request->keep_alive,
                                 request->method == REQUEST_HEAD};
    conn->keep_alive = request->keep_alive;
    struct query query;
    struct err err = {.code = EXIT_CODE_OK};
    int status = query_parse(request->target, request->target_size, &query, &err);
    if (status) {
        refuse(conn, style, status, err.text);
        return;
    }
    bool is_read = request->method == REQUEST_GET || request->method == REQUEST_HEAD;
    if (is_posted(query.route) ? request->method != REQUEST_POST : !is_read)
        refuse_method(conn, style, query.route);
    else if (query.route == QUERY_BYTES)
        start_bytes(conn, style, &query);
    else if (query.route == QUERY_FREEZE)
        start_freeze(conn, style, &query);
    else
        start_stats(conn, style, query.route == QUERY_STATS_RESET);
}

/* Bytes that are no request: answered, counted nowhere, and the connection ends. */
static void refuse_malformed(struct conn *conn, int status, const char *text)
{
    struct answer_style style = {.keep_alive = false};
    conn->keep_alive = false;
    answer_refusal(&conn->answer, style, status, text, NULL);
    send_answer(conn);
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
    if (status) {
        refuse_malformed(conn, status, err.text);
        return true;
    }
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

static void read_input(struct conn *conn)
{
    ssize_t got = read(conn->fd, conn->input + conn->input_end,
                       sizeof conn->input - conn->input_end);
    if (got > 0 && conn->state == CONN_DRAINING) {
        conn->drained += (size_t)got;
        if (conn->drained > DRAIN_BYTES_MAX)
            conn->state = CONN_CLOSED;
    } else if (got > 0) {
        conn->input_end += (size_t)got;
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        conn->state = CONN_CLOSED;
    }
}

static void on_event(evutil_socket_t fd, short what, void *arg);

/* What to wait for in the present state. A held-back connection is read too, to learn
 * that the client is gone, until its input is full. */
static short wanted(const struct conn *conn)
{
    if (conn->state == CONN_WRITING)
        return EV_WRITE;
    return conn->input_end < sizeof conn->input ? EV_READ : 0;
}

static void arm(struct conn *conn)
{
    short want = wanted(conn);
    if (want == conn->armed)
        return;
    if (conn->armed)
        (void)event_del(&conn->event);
    conn->armed = 0;
    if (want == 0)
        return;
    if (event_assign(&conn->event, conn->group->base, conn->fd,
                     (short)(want | EV_PERSIST), on_event, conn) ||
        event_add(&conn->event, NULL))
        conn->state = CONN_CLOSED;
    else
        conn->armed = want;
}

/* Ends every event: answers what is in the input, then waits or frees. */
static void conn_settle(struct conn *conn)
{
    while (conn->state == CONN_READING && take_request(conn)) {
        /* each pipelined request in turn */
    }
    compact_input(conn);
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
        read_input(conn);
    conn_settle(conn);
}

static void on_due(struct due_entry *entry)
{
    struct conn *conn = (struct conn *)(void *)entry;
    freeze_hold(conn->group->freeze);
    send_answer(conn);
    conn_settle(conn);
}

int conn_group_init(struct conn_group *group, struct event_base *base,
                    struct stats *stats, struct freeze *freeze, uint64_t seed,
                    uint64_t threads, struct err *err)
{
    *group = (struct conn_group){
        .base = base, .stats = stats, .freeze = freeze, .seed = seed, .threads = threads};
    return due_init(&group->due, base, on_due, err);
}

void conn_group_done(struct conn_group *group)
{
    while (group->first)
        conn_free(group->first);
    due_done(&group->due);
}

int conn_open(struct conn_group *group, int fd)
{
    struct conn *conn = malloc(sizeof *conn);
    if (!conn || due_reserve(&group->due, group->count + 1)) {
        free(conn);
        (void)close(fd);
        return -ENOMEM;
    }
    /* all but the two large buffers, whose pages stay untouched until needed */
    memset(conn, 0, offsetof(struct conn, answer));
    conn->group = group;
    conn->fd = fd;
    conn->next = group->first;
    if (conn->next)
        conn->next->previous = conn;
    group->first = conn;
    group->count++;
    conn_settle(conn);
    return 0;
}
