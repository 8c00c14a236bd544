/* timeline.c: see timeline.h. Time is cut into cells narrower than a pixel. A cell of a
 * lane has the state that fills most of it, so what is drawn is true where there is more
 * than fits, and thousands of requests make few bars. */
#include "report/data/timeline.h"

#include "common/json.h"
#include "common/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CELLS_MAX   2048 /* two for each pixel of a wide picture */
#define BARS_MAX    240
#define AREA_BARS   64
#define SPLIT_CELLS 24    /* of a lane for each request, on average */
#define GAP_CELLS   2.0   /* between two of them */
#define TRACED      10000 /* requests, of which a runner writes */
#define TIME_MAX    1e15

struct row {
    double start_ns, work_ns, end_ns, weight;
    double call_ns, returned_ns; /* of a call that holds a loop; equal: none */
    json_int_t lane;             /* -1: not known */
    double put_ns;               /* the producer waited until then, in its own lane */
    json_int_t producer;         /* -1: none */
};

struct rows {
    struct row *list; /* owned */
    size_t count;
    double end_ns;
};

/* How long each state lasted in each cell of each lane. */
struct grid {
    double *time;  /* owned: [lane][cell][state] */
    bool *begins;  /* owned: [lane][cell], whether a request begins in it */
    bool is_split; /* so that one request can be told from the next */
    size_t lanes, cells;
    double cell_ns;
};

static double number_at(const json_t *row, size_t column)
{
    const json_t *value = json_array_get(row, column);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static bool is_span(double start, double end)
{
    return start >= 0 && end >= start && end <= TIME_MAX;
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
    return json_is_integer(lane) && value >= 0 && value < 10000000 ? value : -1;
}

static void add_call(struct row *row, const json_t *call)
{
    const char *caller = json_string_value(json_array_get(call, 3));
    const double start = number_at(call, 1), end = number_at(call, 2);
    if (!caller || strcmp(caller, "loop") != 0 || !is_span(start, end))
        return;
    row->call_ns = fmax(start, row->start_ns);
    row->returned_ns = fmax(row->call_ns, fmin(end, row->end_ns));
}

/* In a pipeline the consumer has a number in hand from when it took it. */
static void add_queue(struct row *row, const json_t *queue)
{
    const double put = number_at(queue, 1), taken = number_at(queue, 2);
    if (!is_span(put, taken) || put < row->start_ns || taken > row->end_ns)
        return;
    row->producer = lane_at(queue, 3);
    row->put_ns = put;
    row->call_ns = row->returned_ns = row->start_ns; /* there is none */
    row->work_ns = fmax(row->work_ns, taken);
}

static void read_rows(const json_t *trace, size_t lane_column, struct rows *out)
{
    const json_t *list = json_object_get(trace, "rows");
    const json_t *calls = json_object_get(trace, "calls");
    const json_t *queue = json_object_get(trace, "queue");
    const size_t count = json_array_size(list);
    const double of = fmin(json_number_of(trace, "of"), TRACED);
    const size_t whole = (double)count < of ? count / 2 : count;
    size_t i = 0, at_call = 0, at_queue = 0;
    json_t *json = NULL;
    *out = (struct rows){.list = memory_calloc(count + 1, sizeof *out->list)};
    json_array_foreach (list, i, json) {
        struct row row = {.start_ns = number_at(json, 1), .end_ns = number_at(json, 2)};
        if (!is_span(row.start_ns, row.end_ns) || out->count == TRACED)
            continue;
        const double work = number_at(json, 4);
        row.work_ns = work >= row.start_ns && work <= row.end_ns ? work : row.end_ns;
        row.lane = lane_at(json, lane_column);
        row.call_ns = row.returned_ns = row.start_ns;
        row.producer = -1;
        row.weight = i < whole ? 1 : (of - (double)whole) / (double)(count - whole);
        add_call(&row, same_request(calls, json, &at_call));
        add_queue(&row, same_request(queue, json, &at_queue));
        out->list[out->count++] = row;
        out->end_ns = fmax(out->end_ns, row.end_ns);
    }
}

double timeline_end_ns(const json_t *trace)
{
    struct rows rows;
    read_rows(trace, 3, &rows);
    free(rows.list);
    return rows.end_ns;
}

static int compare_ints(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

void timeline_add_cpus(const json_t *trace, struct timeline_cpus *cpus)
{
    size_t i = 0;
    json_t *row = NULL;
    json_array_foreach (json_object_get(trace, "rows"), i, row) {
        const json_int_t cpu = lane_at(row, 5);
        bool is_known = cpu < 0;
        for (unsigned int k = 0; k < cpus->count && !is_known; k++)
            is_known = cpus->cpus[k] == (int)cpu;
        if (!is_known && cpus->count < TIMELINE_LANES_MAX)
            cpus->cpus[cpus->count] = (int)cpu;
        cpus->count += !is_known;
        if (cpus->count > TIMELINE_LANES_MAX)
            return;
    }
    qsort(cpus->cpus, cpus->count, sizeof *cpus->cpus, compare_ints);
}

/* Gives lanes the numbers 0, 1, ... in the order of their first appearance, or in that of
 * the CPUs. Returns how many, or more than the maximum. */
static unsigned int number_lanes(struct rows *rows, const struct timeline_cpus *cpus)
{
    json_int_t known[TIMELINE_LANES_MAX];
    unsigned int count = cpus ? cpus->count : 0;
    for (unsigned int k = 0; k < count; k++)
        known[k] = cpus->cpus[k];
    for (size_t i = 0; i < 2 * rows->count; i++) {
        struct row *row = &rows->list[i / 2];
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

static void add_time(struct grid *grid, size_t lane, enum timeline_state state,
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
            grid->time[(lane * grid->cells + c) * TIMELINE_STATES + state] +=
                weight * (to - from);
    }
}

/* is_by_cpu: a request is on a CPU only while it computes. */
static void fill_grid(struct grid *grid, const struct rows *rows, bool is_by_cpu)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct row *r = &rows->list[i];
        const size_t lane = grid->lanes > 1 ? (size_t)r->lane : 0;
        const double wait_ns = r->producer >= 0 ? r->work_ns : r->start_ns;
        const double cell = (is_by_cpu ? r->work_ns : wait_ns) / grid->cell_ns;
        if (cell < (double)grid->cells)
            grid->begins[lane * grid->cells + (size_t)cell] = true;
        add_time(grid, lane, TIMELINE_WORK, r->work_ns, r->end_ns, r->weight);
        if (is_by_cpu)
            continue;
        add_time(grid, lane, TIMELINE_BLOCKED, r->call_ns, r->returned_ns, r->weight);
        add_time(grid, lane, TIMELINE_WAIT, wait_ns, fmax(wait_ns, r->call_ns),
                 r->weight);
        add_time(grid, lane, TIMELINE_WAIT, fmax(wait_ns, r->returned_ns), r->work_ns,
                 r->weight);
        if (r->producer >= 0)
            add_time(grid, grid->lanes > 1 ? (size_t)r->producer : 0, TIMELINE_WAIT,
                     r->start_ns, r->put_ns, r->weight);
    }
}

static void add_bar(struct timeline *out, struct timeline_bar bar)
{
    out->bars = memory_realloc(out->bars, (out->count + 1) * sizeof *out->bars);
    out->bars[out->count++] = bar;
}

/* The state that fills most of a cell; TIMELINE_STATES: it is empty, or more than half. */
static enum timeline_state state_of(const struct grid *grid, const double *time)
{
    enum timeline_state most = TIMELINE_WAIT;
    double sum = 0;
    for (enum timeline_state s = TIMELINE_WAIT; s < TIMELINE_STATES; s++) {
        sum += time[s];
        most = time[s] > time[most] ? s : most;
    }
    return sum * 2 >= grid->cell_ns ? most : TIMELINE_STATES;
}

/* Where requests are long enough to be told apart, there is a gap between two of them. */
static void add_lane(const struct grid *grid, size_t lane, struct timeline *out)
{
    enum timeline_state last = TIMELINE_STATES;
    for (size_t c = 0; c < grid->cells; c++) {
        const double *time = &grid->time[(lane * grid->cells + c) * TIMELINE_STATES];
        const enum timeline_state state = state_of(grid, time);
        const double end_ns = (double)(c + 1) * grid->cell_ns;
        const bool begins = grid->is_split && grid->begins[lane * grid->cells + c];
        if (begins && state == last && state != TIMELINE_STATES)
            out->bars[out->count - 1].end_ns -= GAP_CELLS * grid->cell_ns;
        if (state != TIMELINE_STATES && state == last && !begins)
            out->bars[out->count - 1].end_ns = fmin(end_ns, out->end_ns);
        else if (state != TIMELINE_STATES)
            add_bar(out, (struct timeline_bar){(double)c * grid->cell_ns,
                                               fmin(end_ns, out->end_ns), (double)lane,
                                               (double)(lane + 1), state});
        last = state;
    }
}

/* Mean numbers of requests in each state, one above the other. */
static void add_area(const struct grid *grid, struct timeline *out)
{
    static const enum timeline_state from_below[] = {TIMELINE_BLOCKED, TIMELINE_WORK,
                                                     TIMELINE_WAIT};
    size_t last[TIMELINE_STATES] = {SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX};
    for (size_t c = 0; c < grid->cells; c++) {
        double bottom = 0;
        for (size_t i = 0; i < 3; i++) {
            const enum timeline_state s = from_below[i];
            const double start_ns = (double)c * grid->cell_ns;
            const double end_ns = fmin(start_ns + grid->cell_ns, out->end_ns);
            const double top =
                bottom + (end_ns > start_ns
                              ? grid->time[c * TIMELINE_STATES + s] / (end_ns - start_ns)
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

static void make_bars(const struct rows *rows, size_t cells, double axis_ns,
                      struct timeline *out)
{
    struct grid grid = {.lanes = out->is_area ? 1 : out->lanes, .cells = cells};
    grid.cell_ns = axis_ns / (double)cells;
    grid.time = memory_calloc(grid.lanes * cells * TIMELINE_STATES, sizeof *grid.time);
    grid.begins = memory_calloc(grid.lanes * cells, sizeof *grid.begins);
    grid.is_split = !out->is_by_cpu && rows->count * SPLIT_CELLS < grid.lanes * cells;
    fill_grid(&grid, rows, out->is_by_cpu);
    out->count = 0;
    if (out->is_area)
        add_area(&grid, out);
    for (size_t lane = 0; lane < out->lanes && !out->is_area; lane++)
        add_lane(&grid, lane, out);
    out->busy_ns = 0;
    for (size_t i = 0; i < grid.lanes * cells && out->is_by_cpu; i++)
        out->busy_ns +=
            fmin(grid.time[i * TIMELINE_STATES + TIMELINE_WORK], grid.cell_ns);
    free(grid.time);
    free(grid.begins);
}

static void add_sums(const struct rows *rows, struct timeline *out)
{
    double most = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const struct row *r = &rows->list[i];
        const double blocked = r->returned_ns - r->call_ns;
        out->sum_ns[TIMELINE_WORK] += r->weight * (r->end_ns - r->work_ns);
        out->sum_ns[TIMELINE_WAIT] +=
            r->weight * fmax(0, r->work_ns - r->start_ns - blocked);
        out->sum_ns[TIMELINE_BLOCKED] += r->weight * blocked;
        most += r->weight;
    }
    out->shown = (uint64_t)(most + 0.5);
}

void timeline_read(const json_t *trace, const struct timeline_cpus *cpus, double axis_ns,
                   uint64_t concurrency, struct timeline *out)
{
    struct rows rows;
    const double requests = json_number_of(trace, "of");
    const double setup_ns = json_number_of(trace, "setup_ns");
    read_rows(trace, cpus ? 5 : 3, &rows);
    *out = (struct timeline){.end_ns = rows.end_ns, .is_by_cpu = cpus != NULL};
    out->setup_ns = setup_ns > 0 && setup_ns < TIME_MAX ? setup_ns : 0;
    out->requests = requests > 0 && requests < TIME_MAX ? (uint64_t)requests : rows.count;
    out->lanes = number_lanes(&rows, cpus);
    out->is_area = out->lanes > TIMELINE_LANES_MAX ||
                   (double)rows.count < fmin((double)out->requests, TRACED);
    if (out->is_area) {
        out->is_by_cpu = false;
        out->lanes = (unsigned int)fmin((double)concurrency, 1e6);
    }
    size_t cells = out->is_area ? AREA_BARS : CELLS_MAX;
    do {
        make_bars(&rows, cells, axis_ns, out);
        cells /= 2;
    } while (!out->is_area && out->count > BARS_MAX && cells > 64);
    add_sums(&rows, out);
    free(rows.list);
}

void timeline_done(struct timeline *timeline)
{
    free(timeline->bars);
    *timeline = (struct timeline){.bars = NULL};
}
