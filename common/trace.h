/* trace: the requests of a traced trial, read from cell.trace of docs/results.md, which
 * is never trusted, and the states that each was in. */
#ifndef COMMON_TRACE_H
#define COMMON_TRACE_H

#include <jansson.h>
#include <stddef.h>

#define TRACE_ROWS_MAX  10000 /* requests, of which a runner writes */
#define TRACE_TIME_MAX  1e15
#define TRACE_SPANS_MAX 4

/* In the order in which they are drawn. */
enum trace_state {
    TRACE_SETUP, /* before the first request */
    TRACE_WAIT,
    TRACE_WORK,
    TRACE_BLOCKED, /* a call holds a thread that others need */
    TRACE_STATES
};

/* One request; times from the start of the first. */
struct trace_row {
    json_int_t request;
    double start_ns, work_ns, end_ns,
        weight;                  /* weight: for how many requests it stands */
    double call_ns, returned_ns; /* of a call that holds a loop; equal: none */
    json_int_t lane, cpu;        /* worker, and where it computed; -1: not known */
    double put_ns;               /* the producer waited until then, in its own lane */
    json_int_t producer;         /* -1: none */
};

struct trace {
    struct trace_row *list; /* owned */
    size_t count;
    double end_ns;   /* when the last of them was over; 0: there is none */
    double setup_ns; /* 0: not known */
    double requests; /* of the trial */
};

/* Reads a cell's trace, or NULL. Rows that make no sense are left out. trace_done is due.
 */
void trace_read(const json_t *json, struct trace *out);

/* A part of a request in one state. */
struct trace_span {
    double start_ns, end_ns;
    enum trace_state state;
    json_int_t lane;
};

/* The parts of row that last, in the order of time; those of a lane do not overlap.
 * Returns their number. */
size_t trace_spans(const struct trace_row *row,
                   struct trace_span out_spans[TRACE_SPANS_MAX]);

void trace_done(struct trace *trace); /* zeroed is fine */

#endif
