/* panel_rows.c: one bar per series, from zero, its value written at its end. */
#include "report/data/format.h"
#include "report/draw/panel_axes.h"

#include <math.h>
#include <string.h>

#define TOP   34.0
#define PITCH 28.0
#define HALF  7.0 /* of a bar's height */

static void draw_frame(struct canvas *canvas, struct ink ink, double x0, double x1,
                       double y)
{
    double top = y + HALF + 3;
    double bottom = y - HALF - 3;
    canvas_thin(canvas, ink, x0, top, x1, top);
    canvas_thin(canvas, ink, x0, bottom, x1, bottom);
    canvas_thin(canvas, ink, x1, bottom, x1, top);
}

static void draw_axis(struct canvas *canvas, const struct scale *x, double bottom,
                      double top)
{
    double last = -100;
    for (size_t i = 0; i < x->tick_count; i++) {
        double at = scale_px(x, x->ticks[i].value);
        canvas_grid(canvas, at, bottom, at, top);
        if (at - last < 10.0 + 7.0 * (double)strlen(x->ticks[i].label))
            continue;
        canvas_text(canvas, CANVAS_TEXT_CENTRE, (struct ink){INK_TICK, NULL}, at,
                    bottom - 11, x->ticks[i].label);
        last = at;
    }
    canvas_axis(canvas, x->px_low, bottom, x->px_low, top);
}

static void draw_row(const struct panel *panel, const struct panel_series *series,
                     struct canvas *canvas, const struct scale *x, double y,
                     double divisor)
{
    const struct style *style = series->style;
    const struct ink rule = {INK_RULE, style};
    canvas_text(canvas, CANVAS_TEXT_RIGHT, (struct ink){INK_LABEL, style}, x->px_low - 8,
                y, format_label(series->label, PANEL_LABEL_CHARS).s);
    if (series->count == 0) {
        canvas_text(canvas, CANVAS_TEXT_LEFT, (struct ink){INK_TICK, style},
                    x->px_low + 6, y, "no value");
        return;
    }
    const struct panel_point *point = &series->points[0];
    double end = scale_px(x, point->y / divisor);
    double clear = end;
    canvas_box(canvas, style, x->px_low, y - HALF, end, y + HALF);
    if (isfinite(point->outline)) {
        double edge = scale_px(x, point->outline / divisor);
        draw_frame(canvas, (struct ink){INK_FRAME, style}, x->px_low, edge, y);
        clear = edge > clear ? edge : clear;
    }
    if (isfinite(point->low) && isfinite(point->high)) {
        double low = scale_px(x, point->low / divisor);
        double high = scale_px(x, point->high / divisor);
        canvas_thin(canvas, rule, low, y, high, y);
        canvas_thin(canvas, rule, low, y - 4, low, y + 4);
        canvas_thin(canvas, rule, high, y - 4, high, y + 4);
        clear = high > clear ? high : clear;
    }
    canvas_text(canvas, CANVAS_TEXT_LEFT, (struct ink){INK_VALUE, style}, clear + 7, y,
                format_value(point->y, panel->unit).s);
}

void panel_draw_rows(const struct panel *panel, struct canvas *canvas,
                     unsigned int height)
{
    const char *unit = NULL;
    double divisor = format_axis_unit(panel_extent_y(panel).max, panel->unit, &unit);
    struct scale x = panel_scale_y(panel, divisor);
    x.px_low = 14 + panel_label_width(panel);
    x.px_high = PANEL_WIDTH - 72;
    double top = height - TOP;
    double bottom = top - PITCH * (double)panel->series_count;
    draw_axis(canvas, &x, bottom, top);
    for (size_t s = 0; s < panel->series_count; s++)
        draw_row(panel, &panel->series[s], canvas, &x, top - PITCH * ((double)s + 0.5),
                 divisor);
}
