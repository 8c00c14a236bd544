/* timeline.c: see timeline.h. Time is cut into cells narrower than a pixel. A cell of a
 * lane has the state that fills most of it, so what is drawn is true where there is more
 * than fits, and thousands of requests make few bars. */
#include "report/data/timeline.h"

#include "common/memory.h"

#include <math.h>
#include <stdlib.h>

#define CELLS_MAX   2048 /* two for each pixel of a wide picture */
#define BARS_MAX    240
#define AREA_BARS   64
#define SPLIT_CELLS 24  /* of a lane for each request, on average */
#define GAP_CELLS   2.0 /* between two of them */

/* How long each state lasted in each cell of each lane. */
struct grid {
    double *time;  /* owned: [lane][cell][state] */
    bool *begins;  /* owned: [lane][cell], whether a request begins in it */
    bool is_split; /* so that one request can be told from the next */
    size_t lanes, cells;
    double cell_ns;
};

double timeline_end_ns(const json_t *json)
{
    struct trace trace;
    trace_read(json, &trace);
    const double end_ns = trace.end_ns;
    trace_done(&trace);
    return end_ns;
}

void timeline_add_cpus(const json_t *json, struct trace_cpus *cpus)
{
    struct trace trace;
    trace_read(json, &trace);
    trace_add_cpus(&trace, cpus);
    trace_done(&trace);
}

/* Gives lanes the numbers 0, 1, ... in the order of their first appearance. Returns how
 * many, or more than the maximum. */
static unsigned int number_lanes(struct trace *rows)
{
    json_int_t known[TIMELINE_LANES_MAX];
    unsigned int count = 0;
    for (size_t i = 0; i < 2 * rows->count; i++) {
        struct trace_row *row = &rows->list[i / 2];
        json_int_t *lane = i % 2 ? &row->lane : &row->producer;
        if (*lane < 0 && i % 2 == 0)
            continue; /* no producer */
        unsigned int k = 0;
        while (k < count && known[k] != *lane)
            k++;
        if (*lane < 0 || k == TIMELINE_LANES_MAX)
            return TIMELINE_LANES_MAX + 1;
        if (k == count)
            known[count++] = *lane;
        *lane = k;
    }
    return count;
}

static void add_time(struct grid *grid, size_t lane, enum trace_state state,
                     double start_ns, double end_ns, double weight)
{
    if (!(end_ns > start_ns))
        return;
    const double last = (double)grid->cells - 1;
    const size_t first = (size_t)fmin(start_ns / grid->cell_ns, last);
    for (size_t c = first; c < grid->cells && (double)c * grid->cell_ns < end_ns; c++) {
        const double from = fmax(start_ns, (double)c * grid->cell_ns);
        const double to = fmin(end_ns, (double)(c + 1) * grid->cell_ns);
        if (to > from)
            grid->time[(lane * grid->cells + c) * TRACE_STATES + state] +=
                weight * (to - from);
    }
}

static void fill_grid(struct grid *grid, const struct trace *trace)
{
    for (size_t i = 0; i < trace->count; i++) {
        const struct trace_row *r = &trace->list[i];
        struct trace_span spans[TRACE_SPANS_MAX];
        const size_t lane = grid->lanes > 1 ? (size_t)r->lane : 0;
        const double begin_ns = r->producer >= 0 ? r->work_ns : r->start_ns;
        const double cell = begin_ns / grid->cell_ns;
        if (cell < (double)grid->cells)
            grid->begins[lane * grid->cells + (size_t)cell] = true;
        const size_t count = trace_spans(r, spans);
        for (size_t k = 0; k < count; k++)
            add_time(grid, grid->lanes > 1 ? (size_t)spans[k].lane : 0, spans[k].state,
                     spans[k].start_ns, spans[k].end_ns, r->weight);
    }
}

static void add_bar(struct timeline *out, struct timeline_bar bar)
{
    out->bars = memory_realloc(out->bars, (out->count + 1) * sizeof *out->bars);
    out->bars[out->count++] = bar;
}

/* The state that fills most of a cell; TRACE_STATES: it is empty, or more than half. */
static enum trace_state state_of(const struct grid *grid, const double *time)
{
    enum trace_state most = TRACE_WAIT;
    double sum = 0;
    for (enum trace_state s = TRACE_WAIT; s < TRACE_STATES; s++) {
        sum += time[s];
        most = time[s] > time[most] ? s : most;
    }
    return sum * 2 >= grid->cell_ns ? most : TRACE_STATES;
}

/* Where requests are long enough to be told apart, there is a gap between two of them. */
static void add_lane(const struct grid *grid, size_t lane, struct timeline *out)
{
    enum trace_state last = TRACE_STATES;
    for (size_t c = 0; c < grid->cells; c++) {
        const double *time = &grid->time[(lane * grid->cells + c) * TRACE_STATES];
        const enum trace_state state = state_of(grid, time);
        const double end_ns = (double)(c + 1) * grid->cell_ns;
        const bool begins = grid->is_split && grid->begins[lane * grid->cells + c];
        if (begins && state == last && state != TRACE_STATES)
            out->bars[out->count - 1].end_ns -= GAP_CELLS * grid->cell_ns;
        if (state != TRACE_STATES && state == last && !begins)
            out->bars[out->count - 1].end_ns = fmin(end_ns, out->end_ns);
        else if (state != TRACE_STATES)
            add_bar(out, (struct timeline_bar){(double)c * grid->cell_ns,
                                               fmin(end_ns, out->end_ns), (double)lane,
                                               (double)(lane + 1), state});
        last = state;
    }
}

/* Mean numbers of requests in each state, one above the other. */
static void add_area(const struct grid *grid, struct timeline *out)
{
    static const enum trace_state from_below[] = {TRACE_BLOCKED, TRACE_WORK, TRACE_WAIT};
    size_t last[TRACE_STATES] = {SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX};
    for (size_t c = 0; c < grid->cells; c++) {
        double bottom = 0;
        for (size_t i = 0; i < 3; i++) {
            const enum trace_state s = from_below[i];
            const double start_ns = (double)c * grid->cell_ns;
            const double end_ns = fmin(start_ns + grid->cell_ns, out->end_ns);
            const double top =
                bottom + (end_ns > start_ns
                              ? grid->time[c * TRACE_STATES + s] / (end_ns - start_ns)
                              : 0);
            const double near = (double)out->lanes / 50;
            struct timeline_bar *before =
                last[s] == SIZE_MAX ? NULL : &out->bars[last[s]];
            if (top - bottom < near / 4) {
                last[s] = SIZE_MAX;
            } else if (before && fabs(before->top - top) < near &&
                       fabs(before->bottom - bottom) < near) {
                before->end_ns = end_ns;
            } else {
                last[s] = out->count;
                add_bar(out, (struct timeline_bar){start_ns, end_ns, bottom, top, s});
            }
            bottom = top;
        }
    }
}

static void make_bars(const struct trace *rows, size_t cells, double axis_ns,
                      struct timeline *out)
{
    struct grid grid = {.lanes = out->is_area ? 1 : out->lanes, .cells = cells};
    grid.cell_ns = axis_ns / (double)cells;
    grid.time = memory_calloc(grid.lanes * cells * TRACE_STATES, sizeof *grid.time);
    grid.begins = memory_calloc(grid.lanes * cells, sizeof *grid.begins);
    grid.is_split = !out->is_by_cpu && rows->count * SPLIT_CELLS < grid.lanes * cells;
    fill_grid(&grid, rows);
    out->count = 0;
    if (out->is_area)
        add_area(&grid, out);
    for (size_t lane = 0; lane < out->lanes && !out->is_area; lane++)
        add_lane(&grid, lane, out);
    free(grid.time);
    free(grid.begins);
}

static void add_sums(const struct trace *rows, struct timeline *out)
{
    double most = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const struct trace_row *r = &rows->list[i];
        const double blocked = r->returned_ns - r->call_ns;
        out->sum_ns[TRACE_WORK] += r->weight * (r->end_ns - r->work_ns);
        out->sum_ns[TRACE_WAIT] +=
            r->weight * fmax(0, r->work_ns - r->start_ns - blocked);
        out->sum_ns[TRACE_BLOCKED] += r->weight * blocked;
        most += r->weight;
    }
    out->shown = (uint64_t)(most + 0.5);
}

/* Makes lanes of CPUs out of the requests, if it is known where each computed. */
static void turn_to_cpus(struct trace *rows, unsigned int cpus, struct timeline *out)
{
    struct trace used;
    out->is_by_cpu = trace_by_cpu(rows, &used);
    for (size_t i = 0; i < used.count; i++) {
        const unsigned int lane = (unsigned int)used.list[i].lane;
        out->busy_ns += used.list[i].end_ns - used.list[i].work_ns;
        out->used_cpus = lane >= out->used_cpus ? lane + 1 : out->used_cpus;
    }
    out->lanes = out->is_by_cpu ? cpus : TIMELINE_LANES_MAX + 1;
    if (out->is_by_cpu) {
        trace_done(rows);
        *rows = used;
    } else {
        trace_done(&used);
    }
}

void timeline_read(const json_t *json, unsigned int cpus, double axis_ns,
                   uint64_t concurrency, struct timeline *out)
{
    struct trace trace;
    trace_read(json, &trace);
    *out = (struct timeline){.end_ns = trace.end_ns};
    out->setup_ns = trace.setup_ns;
    out->requests = (uint64_t)trace.requests;
    add_sums(&trace, out);
    const bool is_thinned = (double)trace.count < fmin(trace.requests, TRACE_ROWS_MAX);
    if (cpus > 0 && !is_thinned)
        turn_to_cpus(&trace, cpus, out);
    else
        out->lanes = number_lanes(&trace);
    out->is_area = out->lanes > TIMELINE_LANES_MAX || is_thinned;
    if (out->is_area)
        out->lanes = (unsigned int)fmin((double)concurrency, 1e6);
    size_t cells = out->is_area ? AREA_BARS : CELLS_MAX;
    do {
        make_bars(&trace, cells, axis_ns, out);
        cells /= 2;
    } while (!out->is_area && out->count > BARS_MAX && cells > 64);
    trace_done(&trace);
}

void timeline_done(struct timeline *timeline)
{
    free(timeline->bars);
    *timeline = (struct timeline){.bars = NULL};
}
