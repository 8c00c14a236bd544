/* replay: traced trials of several models on one clock, as lines of text: what each of
 * them has done at a moment. Nothing in the lines can move a terminal's cursor. */
#ifndef CLI_SHOW_REPLAY_H
#define CLI_SHOW_REPLAY_H

#include "common/trace_cpus.h"

#include <stdbool.h>
#include <stddef.h>

#define REPLAY_MODELS_MAX   24
#define REPLAY_REQUESTS_MAX 200
#define REPLAY_LANES_MAX    TRACE_CPUS_MAX
#define REPLAY_WIDTH_MIN    30U
#define REPLAY_WIDTH_MAX    160U
#define REPLAY_LEGEND                                                                    \
    "- waiting  = waited, done  # computing  ! blocks the loop  A, B: begins"
#define REPLAY_LEGEND_NARROW "- waiting = done # computing ! blocks"

struct replay_model {
    char name[80];
    struct trace trace, cpus; /* the requests, and what they made of the CPUs */
    size_t lanes;             /* 0: not known, or too many */
};

struct replay {
    struct replay_model models[REPLAY_MODELS_MAX];
    size_t count;
    bool is_by_cpu; /* lanes are CPUs, and only computing is shown */
    double end_ns;  /* of the longest */
};

/* What is drawn goes here, a line at a time; the bar begins at column bar and has
 * bar_width columns (0: none). */
struct replay_line {
    char text[4 * REPLAY_WIDTH_MAX];
    size_t bar, bar_width;
};
typedef void replay_line_fn(void *arg, const struct replay_line *line);

/* Adds a model with its trace, cell.trace of docs/results.md; of more than
 * REPLAY_REQUESTS_MAX requests the first. False: there is nothing in it to show, or there
 * are too many models. */
bool replay_add(struct replay *replay, const char *name, const json_t *trace);

/* After the last: chooses the lanes; is_by_cpu where the task only computes. */
void replay_begin(struct replay *replay, bool is_by_cpu);

/* Draws the models as they are at now_ns, in at most height lines of width columns: a
 * line for each lane where there is room, else one for each model. */
void replay_draw(const struct replay *replay, double now_ns, size_t width, size_t height,
                 replay_line_fn *line, void *arg);

/* The columns of the longest name. */
size_t replay_name_width(const struct replay *replay);

/* The next begin or end of a request after now_ns, at least gap_ns later; or the end. */
double replay_next(const struct replay *replay, double now_ns, double gap_ns);

void replay_done(struct replay *replay);

#endif
