/* export_chrome.c: the Trace Event format, which Perfetto and speedscope open: a process
 * for each cell that was traced, a thread for each worker, a slice for each state of a
 * request. All cells have their first request at the same time, after the longest
 * start-up. */
#include "analysis/export/export_figures.h"
#include "analysis/export/export_formats.h"
#include "common/clean.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/trace.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#define GRID_NS                                                                          \
    125.0 /* binary fractions of 1 us, so that ts + dur is exact for readers */

/* A request in the hands of one worker. */
struct stay {
    const struct trace_row *row;
    json_int_t lane;
    double start_ns, end_ns;
};

/* What one thread shows. A lane gets a second one where its requests overlap. */
struct track {
    json_int_t lane; /* -1: of any */
    double end_ns;
};

struct tracks {
    struct track *list; /* owned */
    size_t count;
};

struct writer {
    FILE *out;
    bool has_written;
    size_t process; /* the number of the cell */
    double shift_ns;
};

static double on_grid(double ns)
{
    return floor(ns / GRID_NS) * GRID_NS / 1000;
}

/* event is taken. */
static void put_event(struct writer *w, json_t *event)
{
    AUTO_FREE char *text = NULL;
    json_put(event, "pid", json_uint(w->process));
    text = memory_must(json_dumps(event, JSON_COMPACT | JSON_REAL_PRECISION(15)));
    (void)fputs(w->has_written ? ",\n" : "\n", w->out);
    clean_json(w->out, text);
    w->has_written = true;
    json_decref(event);
}

/* key: of the text among the arguments of what. */
static void put_text(struct writer *w, const char *what, size_t thread, const char *key,
                     const char *text)
{
    json_t *event = json_object(), *args = json_object();
    json_put(args, key, json_text(text));
    json_put(event, "ph", json_string("M"));
    json_put(event, "name", json_string(what));
    json_put(event, "tid", json_uint(thread));
    json_put(event, "args", args);
    put_event(w, event);
}

/* Times are those of the trace. row is NULL for the start-up. */
static void put_slice(struct writer *w, const char *name, size_t thread, double start_ns,
                      double end_ns, const struct trace_row *row)
{
    const double start_us = on_grid(w->shift_ns + start_ns);
    const double end_us = on_grid(w->shift_ns + end_ns);
    json_t *event = json_object();
    json_put(event, "ph", json_string("X"));
    json_put(event, "name", json_string(name));
    json_put(event, "tid", json_uint(thread));
    json_put(event, "ts", json_real(start_us));
    json_put(event, "dur", json_real(end_us - start_us));
    if (row) {
        json_t *args = json_object();
        json_put(args, "request", json_integer(row->request));
        if (row->cpu >= 0)
            json_put(args, "cpu", json_integer(row->cpu));
        json_put(event, "args", args);
    }
    put_event(w, event);
}

static int compare_stays(const void *a, const void *b)
{
    const struct stay *one = a, *other = b;
    return (one->start_ns > other->start_ns) - (one->start_ns < other->start_ns);
}

/* The stays of all requests in the order of time, new. */
static struct stay *find_stays(const struct trace *trace, size_t *out_count)
{
    struct stay *stays = memory_calloc(2 * trace->count + 1, sizeof *stays);
    size_t count = 0;
    for (size_t i = 0; i < trace->count; i++) {
        const struct trace_row *r = &trace->list[i];
        const bool is_queued = r->producer >= 0;
        if (is_queued)
            stays[count++] = (struct stay){r, r->producer, r->start_ns, r->put_ns};
        stays[count++] =
            (struct stay){r, r->lane, is_queued ? r->work_ns : r->start_ns, r->end_ns};
    }
    qsort(stays, count, sizeof *stays, compare_stays);
    *out_count = count;
    return stays;
}

/* The index of the track that shows it: its worker's, or one that is free. */
static size_t track_of(struct tracks *tracks, const struct stay *stay)
{
    bool has_own = false;
    size_t found = tracks->count;
    for (size_t i = 0; i < tracks->count; i++) {
        const struct track *track = &tracks->list[i];
        const bool is_own = stay->lane >= 0 && track->lane == stay->lane;
        has_own = has_own || is_own;
        if (track->end_ns <= stay->start_ns && (is_own || track->lane < 0) &&
            (is_own || found == tracks->count))
            found = i;
    }
    if (found == tracks->count) {
        tracks->list = memory_realloc(tracks->list, (found + 1) * sizeof *tracks->list);
        tracks->list[tracks->count++].lane = has_own ? -1 : stay->lane;
    }
    tracks->list[found].end_ns = stay->end_ns;
    return found;
}

static void put_stay(struct writer *w, const struct stay *stay, size_t thread)
{
    static const char *const names[TRACE_STATES] = {"start-up", "waiting", "computing",
                                                    "blocking the loop"};
    struct trace_span spans[TRACE_SPANS_MAX];
    const size_t count = trace_spans(stay->row, spans);
    for (size_t i = 0; i < count; i++) {
        if (spans[i].start_ns >= stay->start_ns && spans[i].end_ns <= stay->end_ns)
            put_slice(w, names[spans[i].state], thread, spans[i].start_ns,
                      spans[i].end_ns, stay->row);
    }
}

static void put_trace(struct writer *w, const struct trace *trace)
{
    char text[64];
    size_t count = 0;
    struct tracks tracks = {.list = NULL};
    struct stay *stays = find_stays(trace, &count);
    if ((double)trace->count < trace->requests) {
        (void)snprintf(text, sizeof text, "%zu of %.0f requests", trace->count,
                       trace->requests);
        put_text(w, "process_labels", 1, "labels", text);
    }
    if (trace->setup_ns > 0)
        put_slice(w, "start-up", 1, -trace->setup_ns, 0, NULL);
    for (size_t i = 0; i < count; i++)
        put_stay(w, &stays[i], track_of(&tracks, &stays[i]) + 1);
    for (size_t i = 0; i < tracks.count; i++) {
        if (tracks.list[i].lane < 0)
            (void)snprintf(text, sizeof text, "lane %zu", i);
        else
            (void)snprintf(text, sizeof text, "worker %" JSON_INTEGER_FORMAT,
                           tracks.list[i].lane);
        put_text(w, "thread_name", i + 1, "name", text);
    }
    free(stays);
    free(tracks.list);
}

/* Writes each cell that was traced, with a writer (or NULL). Returns the longest start-up.
 */
static double for_each(const struct export_job *job, struct writer *w)
{
    double setup_ns = 0;
    for (size_t f = 0; f < job->set->count; f++) {
        const struct compare_file *file = &job->set->files[f];
        for (size_t c = 0; c < file->cell_count; c++) {
            const struct cell *cell = &file->cells[c];
            struct trace trace;
            trace_read(json_object_get(cell->json, "trace"), &trace);
            setup_ns = fmax(setup_ns, trace.count > 0 ? trace.setup_ns : 0);
            if (w && trace.count > 0) {
                w->process++;
                put_text(w, "process_name", 1, "name",
                         export_cell_name(job->set, file, cell).s);
                put_trace(w, &trace);
            }
            trace_done(&trace);
        }
    }
    return setup_ns;
}

void export_chrome(const struct export_job *job, FILE *out)
{
    struct writer writer = {.out = out, .shift_ns = for_each(job, NULL)};
    (void)fputs("{\"displayTimeUnit\": \"ms\", \"traceEvents\": [", out);
    (void)for_each(job, &writer);
    (void)fputs("\n]}\n", out);
}
