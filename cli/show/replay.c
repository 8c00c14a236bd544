/* replay.c: see replay.h. */
#include "cli/show/replay.h"

#include "cli/show/replay_row.h"
#include "common/array.h"
#include "common/clean.h"
#include "common/format.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define NARROW       60U /* below, a model has its name and its bar on lines of their own */
#define NAME_COLUMNS 20U /* posix_spawn.512-MiB */
#define TAIL         22U /* "200/200 done in 1.01 s" */

/* A name has one column for each byte, and not too many. */
static void set_name(struct replay_model *model, const char *name)
{
    (void)clean_text(model->name, sizeof model->name, name);
    for (char *at = model->name; *at; at++)
        *at = *at < ' ' || *at > '~' ? '?' : *at;
    if (strlen(model->name) > NAME_COLUMNS)
        (void)snprintf(model->name + NAME_COLUMNS - 1, 2, "~");
}

bool replay_add(struct replay *replay, const char *name, const json_t *trace)
{
    struct replay_model *model = &replay->models[replay->count];
    if (replay->count == REPLAY_MODELS_MAX)
        return false;
    trace_read(trace, &model->trace);
    if (model->trace.count == 0) {
        trace_done(&model->trace);
        return false;
    }
    if (model->trace.count > REPLAY_REQUESTS_MAX)
        model->trace.count = REPLAY_REQUESTS_MAX;
    model->trace.end_ns = 1;
    for (size_t i = 0; i < model->trace.count; i++)
        model->trace.end_ns = fmax(model->trace.end_ns, model->trace.list[i].end_ns);
    set_name(model, name);
    replay->end_ns = fmax(replay->end_ns, model->trace.end_ns);
    replay->count++;
    return true;
}

/* The number of value among those known, to which it is added; SIZE_MAX: no room. */
static size_t number_of(json_int_t *known, size_t *count, json_int_t value)
{
    for (size_t i = 0; i < *count; i++) {
        if (known[i] == value)
            return i;
    }
    if (*count == REPLAY_LANES_MAX || value < 0)
        return SIZE_MAX;
    known[*count] = value;
    return (*count)++;
}

static void number_lanes(struct replay_model *model)
{
    json_int_t known[REPLAY_LANES_MAX];
    size_t count = 0;
    bool is_known = true;
    for (size_t i = 0; i < model->trace.count && is_known; i++) {
        struct trace_row *row = &model->trace.list[i];
        if (row->producer >= 0) {
            const size_t producer = number_of(known, &count, row->producer);
            is_known = producer != SIZE_MAX;
            row->producer = (json_int_t)producer;
        }
        const size_t lane = number_of(known, &count, row->lane);
        is_known = is_known && lane != SIZE_MAX;
        row->lane = is_known ? (json_int_t)lane : 0;
    }
    model->lanes = is_known ? count : 0;
}

void replay_begin(struct replay *replay, bool is_by_cpu)
{
    struct trace_cpus cpus = {.count = 0};
    for (size_t m = 0; m < replay->count; m++) {
        struct replay_model *model = &replay->models[m];
        is_by_cpu = trace_by_cpu(&model->trace, &model->cpus) && is_by_cpu;
        trace_add_cpus(&model->trace, &cpus);
        number_lanes(model);
    }
    replay->is_by_cpu = is_by_cpu && cpus.count <= TRACE_CPUS_MAX;
    for (size_t m = 0; m < replay->count && replay->is_by_cpu; m++)
        replay->models[m].lanes = cpus.count;
}

size_t replay_name_width(const struct replay *replay)
{
    size_t most = 0;
    for (size_t m = 0; m < replay->count; m++) {
        const size_t length = strlen(replay->models[m].name);
        most = length > most ? length : most;
    }
    return most;
}

/* "3/10", and at the end "10/10 done in 101 ms". */
static void write_tail(const struct replay_model *model, double now_ns, char *out,
                       size_t size)
{
    size_t done = 0;
    for (size_t i = 0; i < model->trace.count; i++)
        done += model->trace.list[i].end_ns <= now_ns;
    const bool is_over = done == model->trace.count;
    (void)snprintf(out, size, "%zu/%zu%s%s", done, model->trace.count,
                   is_over ? " done in " : "",
                   is_over ? format_value(model->trace.end_ns, UNIT_NS).s : "");
}

/* Draws one model in rows lines. */
static void draw_model(const struct replay *replay, const struct replay_model *model,
                       double now_ns, size_t width, size_t rows, replay_line_fn *line,
                       void *arg)
{
    const bool is_narrow = width < NARROW;
    const size_t label = is_narrow ? 0 : replay_name_width(replay);
    const size_t bar_width = is_narrow ? width - 2 : width - label - 4 - TAIL;
    char tail[80], bar[REPLAY_WIDTH_MAX + 1];
    struct replay_line out;
    write_tail(model, now_ns, tail, sizeof tail);
    if (is_narrow) {
        out = (struct replay_line){.bar_width = 0};
        const int room = (int)(width - 1 - strlen(tail)); /* the time is not cut */
        (void)snprintf(out.text, sizeof out.text, "%.*s %s", room > 0 ? room : 0,
                       model->name, tail);
        line(arg, &out);
    }
    for (size_t r = 0; r < rows; r++) {
        replay_row_draw(replay, model, rows > 1 ? (json_int_t)r : -1, now_ns, bar_width,
                        bar);
        out = (struct replay_line){.bar = is_narrow ? 1 : label + 2,
                                   .bar_width = bar_width};
        if (is_narrow)
            (void)snprintf(out.text, sizeof out.text, "|%s|", bar);
        else
            (void)snprintf(out.text, sizeof out.text, "%*s |%s| %s", (int)label,
                           r == 0 ? model->name : "", bar, r == 0 ? tail : "");
        line(arg, &out);
    }
}

void replay_draw(const struct replay *replay, double now_ns, size_t width, size_t height,
                 replay_line_fn *line, void *arg)
{
    const size_t extra = width < NARROW; /* a line for the name */
    const size_t most = replay->count > 0 ? height / replay->count : 0;
    size_t used = 0;
    width = width < REPLAY_WIDTH_MIN   ? REPLAY_WIDTH_MIN
            : width > REPLAY_WIDTH_MAX ? REPLAY_WIDTH_MAX
                                       : width;
    for (size_t m = 0; m < replay->count; m++) {
        const struct replay_model *model = &replay->models[m];
        const bool has_room = model->lanes > 1 && model->lanes + extra <= most;
        const size_t rows = has_room ? model->lanes : 1;
        if (used + rows + extra > height)
            return;
        used += rows + extra;
        draw_model(replay, model, now_ns, width, rows, line, arg);
    }
}

double replay_next(const struct replay *replay, double now_ns, double gap_ns)
{
    double next = replay->end_ns;
    for (size_t m = 0; m < replay->count; m++) {
        for (size_t i = 0; i < replay->models[m].trace.count; i++) {
            const struct trace_row *row = &replay->models[m].trace.list[i];
            if (row->start_ns >= now_ns + gap_ns)
                next = fmin(next, row->start_ns);
            if (row->end_ns >= now_ns + gap_ns)
                next = fmin(next, row->end_ns);
        }
    }
    return next;
}

void replay_done(struct replay *replay)
{
    for (size_t m = 0; m < replay->count; m++) {
        trace_done(&replay->models[m].trace);
        trace_done(&replay->models[m].cpus);
    }
    replay->count = 0;
}
