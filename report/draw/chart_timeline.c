/* chart_timeline.c: the models of a scenario on one time axis, and the sentence that says
 * what to see in it. */
#include "report/draw/chart_parts.h"

#include "report/data/format.h"
#include "report/data/load_index.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define MODELS_MAX   8
#define OVERLAPS     1.5 /* requests in flight on average: they lie on top of each other */
#define END_TO_END   1.1  /* or hardly ever */
#define BLOCKED_PART 0.05 /* of the time */

/* The cells that have a trace to show, in the order of the models. */
struct shown {
    const struct cell *cells[MODELS_MAX];
    size_t count;
    double end_ns; /* of the longest */
    struct trace_cpus cpus;
};

static bool find_shown(const struct scenario *s, struct shown *out)
{
    *out = (struct shown){.count = 0};
    for (size_t m = 0; m < s->model_count; m++) {
        const struct cell *cell = load_cell(s, s->models[m], s->concurrency_max);
        if (!cell || !strcmp(cell->model, "null"))
            continue;
        const double end_ns = timeline_end_ns(cell->trace);
        if (!(end_ns > 0))
            continue;
        if (out->count == MODELS_MAX)
            return false;
        out->cells[out->count++] = cell;
        out->end_ns = fmax(out->end_ns, end_ns);
        timeline_add_cpus(cell->trace, &out->cpus);
    }
    return out->count > 0;
}

/* "sequential", "sequential and threads", "threads, processes and coroutines" */
static void put_names(FILE *out, const struct panel *panel, const bool *is_named)
{
    size_t count = 0, written = 0;
    for (size_t s = 0; s < panel->series_count; s++)
        count += is_named[s];
    for (size_t s = 0; s < panel->series_count; s++) {
        if (!is_named[s])
            continue;
        (void)fprintf(out, "%s%s",
                      written == 0           ? ""
                      : written + 1 == count ? " and "
                                             : ", ",
                      panel->series[s].label);
        written++;
    }
}

/* Requests in flight on average. */
static double overlap_of(const struct timeline *t)
{
    return (t->sum_ns[TRACE_WAIT] + t->sum_ns[TRACE_WORK] + t->sum_ns[TRACE_BLOCKED]) /
           t->end_ns;
}

static void say_cpus(FILE *out, const struct panel *panel)
{
    (void)fprintf(out, "Of %u CPU%s, busy on average:", panel->series[0].timeline.lanes,
                  panel->series[0].timeline.lanes == 1 ? "" : "s");
    for (size_t s = 0; s < panel->series_count; s++) {
        const struct timeline *t = &panel->series[s].timeline;
        (void)fprintf(out, "%s %.1f in %s", s > 0 ? "," : "", t->busy_ns / t->end_ns,
                      panel->series[s].label);
    }
    (void)fputs(".", out);
}

/* Whether any model's calls hold its loop; says of which. */
static bool say_blocked(FILE *out, const struct panel *panel)
{
    bool is_blocked[PANEL_SERIES_MAX], is_free[PANEL_SERIES_MAX];
    size_t blocked = 0;
    for (size_t s = 0; s < panel->series_count; s++) {
        const struct timeline *t = &panel->series[s].timeline;
        is_blocked[s] = t->sum_ns[TRACE_BLOCKED] > BLOCKED_PART * t->end_ns;
        is_free[s] = !is_blocked[s] && overlap_of(t) >= OVERLAPS;
        blocked += is_blocked[s];
    }
    if (blocked == 0)
        return false;
    (void)fputs("Red: a call blocks the loop of ", out);
    put_names(out, panel, is_blocked);
    (void)fputs(", and no other request gets on", out);
    bool has_free = false;
    for (size_t s = 0; s < panel->series_count; s++)
        has_free = has_free || is_free[s];
    if (has_free) {
        (void)fputs("; the calls of ", out);
        put_names(out, panel, is_free);
        (void)fputs(" block at the same time", out);
    }
    (void)fputs(".", out);
    return true;
}

static void say_requests(FILE *out, const struct panel *panel)
{
    static const char *const words[] = {"",    "",      "two",   "three", "four", "five",
                                        "six", "seven", "eight", "nine",  "ten"};
    const uint64_t first = panel->series[0].timeline.requests;
    bool is_same = true, is_wait = true;
    for (size_t s = 0; s < panel->series_count; s++) {
        is_same = is_same && panel->series[s].timeline.requests == first;
        is_wait = is_wait && panel->series[s].timeline.sum_ns[TRACE_WAIT] >
                                 panel->series[s].timeline.sum_ns[TRACE_WORK];
    }
    const char *what = is_wait ? "waits" : "requests";
    if (!is_same)
        (void)fprintf(out, "The %s: ", what);
    else if (first >= 2 && first < COUNT_OF(words))
        (void)fprintf(out, "The same %s %s: ", words[first], what);
    else
        (void)fprintf(out, "The same %s %s: ", format_exact((double)first, UNIT_COUNT).s,
                      what);
}

/* End to end, or on top of each other; else how many at a time. */
static void say_overlap(FILE *out, const struct panel *panel)
{
    bool is_in_turn[PANEL_SERIES_MAX], is_together[PANEL_SERIES_MAX];
    size_t turns = 0, others = 0;
    for (size_t s = 0; s < panel->series_count; s++) {
        const double overlap = overlap_of(&panel->series[s].timeline);
        is_in_turn[s] = overlap < END_TO_END;
        is_together[s] = overlap >= OVERLAPS;
        turns += is_in_turn[s];
        others += is_together[s];
    }
    say_requests(out, panel);
    if (turns > 0 && turns + others == panel->series_count) {
        (void)fputs("end to end in ", out);
        put_names(out, panel, is_in_turn);
        if (others > 0) {
            (void)fputs(", on top of each other in ", out);
            put_names(out, panel, is_together);
        }
        (void)fputs(".", out);
        return;
    }
    (void)fputs("in flight on average", out);
    for (size_t s = 0; s < panel->series_count; s++)
        (void)fprintf(out, "%s %s in %s", s > 0 ? "," : "",
                      format_exact(overlap_of(&panel->series[s].timeline), UNIT_COUNT).s,
                      panel->series[s].label);
    (void)fputs(".", out);
}

static void say_signs(FILE *out, const struct panel *panel)
{
    const bool is_by_cpu = panel->series[0].timeline.is_by_cpu;
    const struct axis axis = panel_axis(panel);
    bool has_area = false, has_lane = false, is_cut = false;
    uint64_t left_out = 0;
    for (size_t s = 0; s < panel->series_count; s++) {
        const struct timeline *t = &panel->series[s].timeline;
        has_area = has_area || t->is_area;
        has_lane = has_lane || !t->is_area;
        is_cut = is_cut || -t->setup_ns / axis.divisor < axis.low * 1.001;
        if (t->requests > t->shown && t->requests - t->shown > left_out)
            left_out = t->requests - t->shown;
    }
    if (has_lane)
        (void)fprintf(out, " A lane is a %s.",
                      is_by_cpu ? "CPU in use, whichever it is" : "worker");
    if (has_area)
        (void)fprintf(out, " %s: how many requests are in flight.",
                      has_lane ? "A shape without lanes" : "Height");
    (void)fprintf(
        out,
        "%s Dark: computing. Grey before 0: start-up%s. The line at the right is "
        "the end of the last request. This trial was traced, not timed.",
        is_by_cpu ? "" : " Pale: waiting.", is_cut ? ", cut off where it is longer" : "");
    if (left_out > 0)
        (void)fputs(" Only the first 10,000 requests are shown.", out);
}

void chart_build_timeline(const struct chart_source *in, struct chart *chart,
                          FILE *caption)
{
    const struct scenario *s = in->scenario;
    struct shown shown;
    if (!find_shown(s, &shown))
        return;
    const bool is_by_cpu = !strcmp(s->task, "cpu") && shown.cpus.count > 0 &&
                           shown.cpus.count <= TIMELINE_LANES_MAX;
    struct panel *panel =
        chart_add_panel(chart, PANEL_TIMELINE, "timeline", "Time", UNIT_NS);
    panel->size = PANEL_WIDE;
    for (size_t i = 0; i < shown.count; i++) {
        const struct cell *cell = shown.cells[i];
        struct panel_series *series =
            panel_add_series(panel, cell->model, palette_style(in->palette, cell->model));
        series->concurrency = cell->concurrency;
        timeline_read(cell->trace, is_by_cpu ? shown.cpus.count : 0, shown.end_ns,
                      cell->concurrency, &series->timeline);
        panel_add_point(series,
                        (struct panel_point){0, series->timeline.end_ns, NAN, NAN, true});
    }
    if (panel->series[0].timeline.is_by_cpu)
        say_cpus(caption, panel);
    else if (!say_blocked(caption, panel))
        say_overlap(caption, panel);
    say_signs(caption, panel);
}
