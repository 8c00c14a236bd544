/* panel.c: lays out lines and dots; bars are panel_rows.c's. See panel.h.
 *
 *      title
 *      4,000 |- - - - - - - -o  coroutines
 *      2,000 |- - - -o - - - -  threads
 *          0 +---------------
 *            1   8   32   128
 *           requests in flight
 *
 * Every label stands in the gutter to the right of the last point, where no line goes. It
 * is moved until it is clear of the next label (labels.h), and then a hairline leads to
 * it.
 */
#include "report/draw/panel.h"

#include "common/memory.h"
#include "report/data/format.h"
#include "report/draw/labels.h"
#include "report/draw/panel_axes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TOP    38.0 /* above the plot: the title */
#define BOTTOM 46.0 /* below it: tick labels and the name of the axis */
#define GAP    15.0 /* between the centres of two labels */
#define GUTTER 16.0 /* from the plot to the labels; for leaders */

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
    struct panel_point *grown =
        realloc(series->points, (series->count + 1) * sizeof *series->points);
    if (!grown)
        memory_exhausted();
    grown[series->count++] = point;
    series->points = grown;
}

size_t panel_count(const struct panel *panel)
{
    size_t count = 0;
    for (size_t s = 0; s < panel->series_count; s++)
        count += panel->series[s].is_reference ? 0 : panel->series[s].count;
    return count;
}

static double gutter_width(const struct panel *panel)
{
    return panel_label_count(panel) < PANEL_MANY ? GUTTER : 1.5 * GUTTER;
}

unsigned int panel_height(const struct panel *panel)
{
    size_t labels = panel_label_count(panel);
    if (panel->kind == PANEL_ROWS)
        return (unsigned int)(TOP + BOTTOM - 14) + 28U * (unsigned int)labels;
    unsigned int wanted = (unsigned int)(TOP + BOTTOM + GAP * (double)(labels + 1));
    return wanted > 280 ? wanted : 280;
}

void panel_done(struct panel *panel)
{
    for (size_t s = 0; s < panel->series_count; s++)
        free(panel->series[s].points);
}

static void draw_axes(const struct panel *panel, struct canvas *canvas,
                      const struct scale *x, const struct scale *y)
{
    const struct ink tick = {INK_TICK, NULL};
    for (size_t i = 0; i < y->tick_count; i++) {
        double at = scale_px(y, y->ticks[i].value);
        canvas_grid(canvas, x->px_low, at, x->px_high, at);
        canvas_text(canvas, CANVAS_TEXT_RIGHT, tick, x->px_low - 9, at,
                    y->ticks[i].label);
    }
    canvas_axis(canvas, x->px_low - 4, y->px_low, x->px_high + 4, y->px_low);
    double last = -100;
    for (size_t i = 0; i < x->tick_count; i++) {
        double at = scale_px(x, x->ticks[i].value);
        canvas_axis(canvas, at, y->px_low, at, y->px_low - 4);
        if (at - last < 8.0 + 7.0 * (double)strlen(x->ticks[i].label))
            continue;
        canvas_text(canvas, CANVAS_TEXT_CENTRE, tick, at, y->px_low - 14,
                    x->ticks[i].label);
        last = at;
    }
    canvas_text(canvas, CANVAS_TEXT_CENTRE, tick, (x->px_low + x->px_high) / 2, 11,
                panel->x_name);
}

/* Where a point lies. All models have the same few concurrencies, so their points are
 * moved a little apart: otherwise their intervals would hide one another. */
static double point_px(const struct panel *panel, const struct panel_series *series,
                       const struct scale *x, size_t point)
{
    double count = (double)panel->series_count;
    double step = count > 5 ? 12 / count : 3;
    double offset = ((double)(series - panel->series) - (count - 1) / 2) * step;
    bool is_shared = panel->kind == PANEL_LINES && panel->x_unit == UNIT_COUNT &&
                     !series->is_reference;
    return scale_px(x, series->points[point].x) + (is_shared ? offset : 0);
}

static void draw_companion(const struct panel *panel, const struct panel_series *series,
                           struct canvas *canvas, const struct scale *x,
                           const struct scale *y, double divisor)
{
    const struct ink ink = {INK_COMPANION, series->style};
    for (size_t i = 0; i < series->count; i++)
        canvas_line(canvas, ink, point_px(panel, series, x, i),
                    scale_px(y, series->points[i].y / divisor));
    if (series->count > 0)
        canvas_line_end(canvas, ink);
}

static void draw_series(const struct panel *panel, const struct panel_series *series,
                        struct canvas *canvas, const struct scale *x,
                        const struct scale *y, double divisor)
{
    const struct style *style = series->style;
    const struct ink line = {INK_LINE, style};
    if (series->companion) {
        draw_companion(panel, series, canvas, x, y, divisor);
        return;
    }
    if (series->is_level && series->count > 0) {
        double at = scale_px(y, series->points[0].y / divisor);
        canvas_line(canvas, line, x->px_low, at);
        canvas_line(canvas, line, x->px_high, at);
        canvas_line_end(canvas, line);
        return;
    }
    for (size_t i = 0; i < series->count; i++) {
        const struct panel_point *point = &series->points[i];
        double px = point_px(panel, series, x, i);
        double py = scale_px(y, point->y / divisor);
        if (isfinite(point->low) && isfinite(point->high))
            canvas_interval(canvas, style, px, scale_px(y, point->low / divisor),
                            scale_px(y, point->high / divisor));
        if (panel->kind == PANEL_LINES)
            canvas_line(canvas, line, px, py);
        if (point->is_marked || panel->kind == PANEL_DOTS)
            canvas_point(canvas, style, px, py);
    }
    if (panel->kind == PANEL_LINES && series->count > 0)
        canvas_line_end(canvas, line);
}

static void draw_labels(const struct panel *panel, struct canvas *canvas,
                        const struct scale *x, const struct scale *y, double divisor)
{
    double wished[PANEL_SERIES_MAX];
    double placed[PANEL_SERIES_MAX];
    size_t of[PANEL_SERIES_MAX];
    size_t count = 0;
    for (size_t s = 0; s < panel->series_count; s++) {
        const struct panel_series *series = &panel->series[s];
        if (series->count == 0 || series->companion)
            continue;
        wished[count] = scale_px(y, series->points[series->count - 1].y / divisor);
        placed[count] = wished[count];
        of[count++] = s;
    }
    labels_spread(placed, count, GAP, y->px_low + 2, y->px_high + 4);
    for (size_t i = 0; i < count; i++) {
        const struct panel_series *series = &panel->series[of[i]];
        size_t last = series->count - 1;
        double from = series->is_level ? x->px_high : point_px(panel, series, x, last);
        double gutter = x->px_high + gutter_width(panel);
        if (panel->kind == PANEL_LINES &&
            from > x->px_high - 20) /* a longer leader would look like data */
            canvas_thin(canvas, (struct ink){INK_THIN, series->style},
                        from + (series->is_level ? 1 : 6), wished[i], gutter - 3,
                        placed[i]);
        canvas_text(canvas, CANVAS_TEXT_LEFT, (struct ink){INK_LABEL, series->style},
                    gutter, placed[i], format_label(series->label, PANEL_LABEL_CHARS).s);
    }
}

static void draw_plot(const struct panel *panel, struct canvas *canvas,
                      unsigned int height)
{
    const char *unit = NULL;
    double divisor = format_axis_unit(panel_extent_y(panel).max, panel->unit, &unit);
    struct scale x = panel_scale_x(panel);
    struct scale y = panel_scale_y(panel, divisor);
    size_t widest = 1;
    for (size_t i = 0; i < y.tick_count; i++)
        widest = strlen(y.ticks[i].label) > widest ? strlen(y.ticks[i].label) : widest;
    x.px_low = 18 + 7.0 * (double)widest;
    x.px_high = PANEL_WIDTH - 4 - gutter_width(panel) - panel_label_width(panel);
    y.px_low = BOTTOM;
    y.px_high = height - TOP;
    draw_axes(panel, canvas, &x, &y);
    for (size_t s = 0; s < panel->series_count; s++)
        draw_series(panel, &panel->series[s], canvas, &x, &y, divisor);
    draw_labels(panel, canvas, &x, &y, divisor);
}

void panel_draw(const struct panel *panel, struct canvas *canvas, unsigned int height)
{
    canvas_text(canvas, CANVAS_TITLE, (struct ink){INK_TITLE, NULL}, 6, height - 14.0,
                panel_title(panel).s);
    if (panel->kind == PANEL_ROWS)
        panel_draw_rows(panel, canvas, height);
    else
        draw_plot(panel, canvas, height);
}
