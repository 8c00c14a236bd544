/* trace.c: see trace.h. */
#include "common/trace.h"

#include "common/json.h"
#include "common/memory.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LANE_MAX 10000000

static double number_at(const json_t *row, size_t column)
{
    const json_t *value = json_array_get(row, column);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static bool is_span(double start, double end)
{
    return start >= 0 && end >= start && end <= TRACE_TIME_MAX;
}

/* The row of a request in another table, both ascending; *at is where to go on. */
static const json_t *same_request(const json_t *table, const json_t *row, size_t *at)
{
    const double request = number_at(row, 0);
    while (*at < json_array_size(table) &&
           number_at(json_array_get(table, *at), 0) < request)
        ++*at;
    const json_t *found = json_array_get(table, *at);
    return found && number_at(found, 0) == request ? found : NULL;
}

static json_int_t lane_at(const json_t *row, size_t column)
{
    const json_t *lane = json_array_get(row, column);
    const json_int_t value = json_integer_value(lane);
    return json_is_integer(lane) && value >= 0 && value < LANE_MAX ? value : -1;
}

static void add_call(struct trace_row *row, const json_t *call)
{
    const char *caller = json_string_value(json_array_get(call, 3));
    const double start = number_at(call, 1), end = number_at(call, 2);
    if (!caller || strcmp(caller, "loop") != 0 || !is_span(start, end))
        return;
    row->call_ns = fmax(start, row->start_ns);
    row->returned_ns = fmax(row->call_ns, fmin(end, row->end_ns));
}

/* In a pipeline the consumer has a number in hand from when it took it. */
static void add_queue(struct trace_row *row, const json_t *queue)
{
    const double put = number_at(queue, 1), taken = number_at(queue, 2);
    if (!is_span(put, taken) || put < row->start_ns || taken > row->end_ns)
        return;
    row->producer = lane_at(queue, 3);
    row->put_ns = put;
    row->call_ns = row->returned_ns = row->start_ns; /* there is none */
    row->work_ns = fmax(row->work_ns, taken);
}

void trace_read(const json_t *json, struct trace *out)
{
    const json_t *list = json_object_get(json, "rows");
    const json_t *calls = json_object_get(json, "calls");
    const json_t *queue = json_object_get(json, "queue");
    const size_t count = json_array_size(list);
    const double requests = json_number_of(json, "of");
    const double setup_ns = json_number_of(json, "setup_ns");
    const double of = fmin(requests, TRACE_ROWS_MAX);
    const size_t whole = (double)count < of ? count / 2 : count;
    size_t i = 0, at_call = 0, at_queue = 0;
    json_t *item = NULL;
    *out = (struct trace){.list = memory_calloc(count + 1, sizeof *out->list)};
    json_array_foreach (list, i, item) {
        struct trace_row row = {.start_ns = number_at(item, 1),
                                .end_ns = number_at(item, 2)};
        if (!is_span(row.start_ns, row.end_ns) || out->count == TRACE_ROWS_MAX)
            continue;
        const double work = number_at(item, 4);
        row.request = json_integer_value(json_array_get(item, 0));
        row.work_ns = work >= row.start_ns && work <= row.end_ns ? work : row.end_ns;
        row.lane = lane_at(item, 3);
        row.cpu = lane_at(item, 5);
        row.call_ns = row.returned_ns = row.start_ns;
        row.producer = -1;
        row.weight = i < whole ? 1 : (of - (double)whole) / (double)(count - whole);
        add_call(&row, same_request(calls, item, &at_call));
        add_queue(&row, same_request(queue, item, &at_queue));
        out->list[out->count++] = row;
        out->end_ns = fmax(out->end_ns, row.end_ns);
    }
    out->setup_ns = setup_ns > 0 && setup_ns < TRACE_TIME_MAX ? setup_ns : 0;
    out->requests =
        requests > 0 && requests < TRACE_TIME_MAX ? requests : (double)out->count;
}

static void add_span(struct trace_span *spans, size_t *count, struct trace_span span)
{
    if (span.end_ns > span.start_ns)
        spans[(*count)++] = span;
}

size_t trace_spans(const struct trace_row *r,
                   struct trace_span out_spans[TRACE_SPANS_MAX])
{
    const bool is_queued = r->producer >= 0;
    const double wait_ns = is_queued ? r->work_ns : r->start_ns;
    const double blocked_ns = fmin(r->returned_ns, r->work_ns);
    size_t count = 0;
    if (is_queued)
        add_span(out_spans, &count,
                 (struct trace_span){r->start_ns, r->put_ns, TRACE_WAIT, r->producer});
    add_span(
        out_spans, &count,
        (struct trace_span){wait_ns, fmin(r->call_ns, r->work_ns), TRACE_WAIT, r->lane});
    add_span(out_spans, &count,
             (struct trace_span){r->call_ns, blocked_ns, TRACE_BLOCKED, r->lane});
    add_span(
        out_spans, &count,
        (struct trace_span){fmax(wait_ns, blocked_ns), r->work_ns, TRACE_WAIT, r->lane});
    add_span(out_spans, &count,
             (struct trace_span){r->work_ns, r->end_ns, TRACE_WORK, r->lane});
    return count;
}

void trace_done(struct trace *trace)
{
    free(trace->list);
    *trace = (struct trace){.list = NULL};
}
