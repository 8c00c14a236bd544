/* panel.c: a panel's numbers, and which axis suits them; see panel.h. */
#include "report/draw/panel.h"

#include "common/cleanup.h"
#include "common/memory.h"
#include "report/draw/plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define LOG_FROM_RATIO  30.0 /* a wider range than this gets a logarithmic axis */
#define LOG_FROM_TIMES  6.0  /* percentiles, which need no zero */
#define SETUP_PART      4
#define PANEL_MANY      7U
#define SCATTERED_RATIO 8.0 /* of the largest bar to the median: dots instead */
#define SCATTERED_WIDE  30.0

struct panel_series *panel_add_series(struct panel *panel, const char *label,
                                      const struct style *style)
{
    if (panel->series_count == PANEL_SERIES_MAX)
        abort(); /* load.c admits no more models than this */
    struct panel_series *series = &panel->series[panel->series_count++];
    *series = (struct panel_series){.label = label, .style = style};
    return series;
}

void panel_add_point(struct panel_series *series, struct panel_point point)
{
    if (!isfinite(point.y) || !isfinite(point.x))
        return;
    series->points =
        memory_realloc(series->points, (series->count + 1) * sizeof *series->points);
    series->points[series->count++] = point;
}

size_t panel_count(const struct panel *panel)
{
    size_t count = 0;
    for (size_t s = 0; s < panel->series_count; s++)
        count += panel->series[s].is_reference ? 0 : panel->series[s].count;
    return count;
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

size_t panel_xs(const struct panel *panel, bool has_levels, double **out_xs)
{
    size_t total = 0, count = 0, kept = 0;
    for (size_t s = 0; s < panel->series_count; s++)
        total += panel->series[s].count;
    double *xs = memory_calloc(total + 1, sizeof *xs);
    for (size_t s = 0; s < panel->series_count; s++)
        for (size_t i = 0;
             i < panel->series[s].count && (has_levels || !panel->series[s].is_level);
             i++)
            xs[count++] = panel->series[s].points[i].x;
    qsort(xs, count, sizeof *xs, compare_doubles);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || xs[i] > xs[kept - 1])
            xs[kept++] = xs[i];
    *out_xs = xs;
    return kept;
}

struct extent {
    double min, max;
    size_t count;
};

static void widen(struct extent *extent, double value)
{
    if (!isfinite(value))
        return;
    extent->min = extent->count == 0 || value < extent->min ? value : extent->min;
    extent->max = extent->count == 0 || value > extent->max ? value : extent->max;
    extent->count++;
}

static struct extent extent_of(const struct panel *panel)
{
    struct extent extent = {0, 0, 0};
    for (size_t s = 0; s < panel->series_count; s++) {
        for (size_t i = 0; i < panel->series[s].count; i++) {
            const struct panel_point *point = &panel->series[s].points[i];
            widen(&extent, point->y);
            widen(&extent, point->low);
            widen(&extent, point->high);
        }
    }
    return extent;
}

/* Whether bars from zero would show little but the longest. */
static bool is_scattered(const struct panel *panel)
{
    double values[PANEL_SERIES_MAX];
    size_t count = 0;
    for (size_t s = 0; s < panel->series_count; s++)
        if (panel->series[s].count > 0)
            values[count++] = panel->series[s].points[0].y;
    qsort(values, count, sizeof *values, compare_doubles);
    const double limit = panel->size == PANEL_WIDE ? SCATTERED_WIDE : SCATTERED_RATIO;
    return count > 2 && values[count - 1] > limit * values[(count - 1) / 2];
}

static bool is_log(const struct panel *panel, const struct extent *extent)
{
    if (!(extent->min > 0) || panel->kind == PANEL_TIMELINE)
        return false;
    if (panel->kind == PANEL_ROWS)
        return is_scattered(panel);
    AUTO_FREE double *xs = NULL;
    const bool is_slope = panel->kind == PANEL_LINES && panel_xs(panel, false, &xs) <= 2;
    if (is_slope && panel->series_count < PANEL_MANY)
        return false;
    return extent->max / extent->min >
           (panel->kind == PANEL_PERCENTILES ? LOG_FROM_TIMES : LOG_FROM_RATIO);
}

double panel_step(double range)
{
    static const double steps[] = {1, 2, 2.5, 5};
    const double power = pow(10, floor(log10(range / 5)));
    for (size_t i = 0; i < COUNT_OF(steps); i++)
        if (range / (steps[i] * power) <= 5.0001)
            return steps[i] * power;
    return 10 * power;
}

/* How much of the longest start-up is shown beside what takes end_ns. */
static double setup_of(const struct panel *panel, double end_ns)
{
    double longest = 0;
    for (size_t s = 0; s < panel->series_count; s++)
        longest = fmax(longest, panel->series[s].timeline.setup_ns);
    return fmin(longest, end_ns / SETUP_PART);
}

struct axis panel_axis(const struct panel *panel)
{
    const struct extent extent = extent_of(panel);
    struct axis axis = {.is_log = is_log(panel, &extent)};
    axis.divisor = format_axis_unit(extent.max, panel->unit, &axis.unit);
    if (panel->unit == UNIT_RATIO) {
        axis.divisor = 0.01;
        axis.unit = "%";
    }
    const double max = extent.max > 0 ? extent.max / axis.divisor : 1;
    if (axis.is_log) {
        axis.low = extent.min / axis.divisor / 1.3;
        axis.high = max * 1.15;
        return axis;
    }
    axis.step = panel_step(max);
    if (panel->kind == PANEL_TIMELINE) {
        axis.low = -setup_of(panel, extent.max) / axis.divisor;
        axis.high = max * 1.001; /* the last end is within, as rounded as it may be */
        return axis;
    }
    axis.high = ceil(max / axis.step - 1e-9) * axis.step;
    return axis;
}

struct panel_text panel_title(const struct panel *panel)
{
    const struct axis axis = panel_axis(panel);
    const char *unit = panel->y_extra ? panel->y_extra : axis.unit;
    struct panel_text title;
    (void)snprintf(title.s, sizeof title.s, "%s%s%s%s",
                   format_label(panel->name, plot_looks[panel->size].title).s,
                   *unit ? ", " : "", format_label(unit, 20).s,
                   axis.is_log ? " (log)" : "");
    return title;
}

unsigned int panel_band(const struct panel_series *series)
{
    const unsigned int lanes = series->timeline.lanes;
    if (series->timeline.is_area)
        return 44;
    return lanes * (lanes <= 2 ? 12U : lanes <= 4 ? 10U : lanes <= 10 ? 7U : 5U);
}

unsigned int panel_width(const struct panel *panel)
{
    return plot_looks[panel->size].width;
}

unsigned int panel_height(const struct panel *panel)
{
    const struct plot_look *look = &plot_looks[panel->size];
    const unsigned int axes = look->top + look->bottom;
    unsigned int labels = 1;
    for (size_t s = 0; s < panel->series_count; s++)
        labels += !panel->series[s].companion;
    if (panel->kind == PANEL_ROWS)
        return axes - look->axis_name + look->row * (labels - 1);
    if (panel->kind == PANEL_TIMELINE) {
        unsigned int bands = 0;
        for (size_t s = 0; s < panel->series_count; s++)
            bands += panel_band(&panel->series[s]) + PANEL_BAND_GAP;
        return axes - look->axis_name + bands;
    }
    const unsigned int wanted = axes + look->label * labels;
    return wanted > look->height ? wanted : look->height;
}

void panel_done(struct panel *panel)
{
    for (size_t s = 0; s < panel->series_count; s++) {
        free(panel->series[s].points);
        timeline_done(&panel->series[s].timeline);
    }
}
