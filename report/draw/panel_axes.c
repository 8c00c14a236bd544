/* panel_axes.c: scales chosen from the numbers; see panel_axes.h. */
#include "report/draw/panel_axes.h"

#include "report/data/format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LOG_FROM_RATIO  6.0   /* a wider range than this gets a logarithmic axis */
#define LABEL_WIDTH_MAX 190.0 /* half the panel: the rest is for the plot */
#define LOG_FROM_WIDE                                                                    \
    30.0 /* an axis that would start at zero, too, where models are many:                \
            one that costs a hundred times as much flattens all others */

static void widen(struct extent *extent, double value)
{
    if (!isfinite(value))
        return;
    extent->min = extent->count == 0 || value < extent->min ? value : extent->min;
    extent->max = extent->count == 0 || value > extent->max ? value : extent->max;
    extent->count++;
}

struct extent panel_extent_y(const struct panel *panel)
{
    struct extent extent = {0, 0, 0};
    for (size_t s = 0; s < panel->series_count; s++) {
        for (size_t i = 0; i < panel->series[s].count; i++) {
            const struct panel_point *point = &panel->series[s].points[i];
            widen(&extent, point->y);
            widen(&extent, point->low);
            widen(&extent, point->high);
            widen(&extent, point->outline);
        }
    }
    return extent;
}

size_t panel_label_count(const struct panel *panel)
{
    size_t labels = 0;
    for (size_t s = 0; s < panel->series_count; s++)
        labels += !panel->series[s].companion;
    return labels;
}

static bool is_log(const struct panel *panel, const struct extent *extent)
{
    if (panel->kind == PANEL_ROWS || !(extent->min > 0))
        return false;
    double ratio = extent->max / extent->min;
    if (panel->is_zero_based)
        return panel_label_count(panel) >= PANEL_MANY && ratio > LOG_FROM_WIDE;
    return ratio > LOG_FROM_RATIO;
}

struct scale panel_scale_y(const struct panel *panel, double divisor)
{
    struct extent extent = panel_extent_y(panel);
    if (is_log(panel, &extent))
        return scale_log(extent.min / divisor, extent.max / divisor);
    if (panel->kind == PANEL_ROWS || panel->is_zero_based)
        return scale_from_zero(extent.max / divisor);
    return scale_around(extent.min / divisor, extent.max / divisor);
}

static void add_x_tick(struct scale *scale, double value)
{
    size_t at = scale->tick_count;
    for (size_t i = 0; i < scale->tick_count; i++)
        if (scale->ticks[i].value == value)
            return;
    if (at == SCALE_TICKS_MAX)
        return;
    for (; at > 0 && scale->ticks[at - 1].value > value; at--)
        scale->ticks[at] = scale->ticks[at - 1];
    scale->ticks[at].value = value;
    (void)snprintf(scale->ticks[at].label, sizeof scale->ticks[at].label, "%.23s",
                   format_exact(value, UNIT_COUNT).s);
    scale->tick_count++;
}

/* The logarithmic scale of requests in flight, with its ticks at the values measured. */
static struct scale concurrency_scale(const struct panel *panel, double min, double max)
{
    struct scale scale = {.kind = SCALE_LOG, .low = min, .high = max};
    if (!(min < max)) {
        scale.low = min / 2;
        scale.high = min * 2;
    }
    for (size_t s = 0; s < panel->series_count; s++)
        for (size_t i = 0; i < panel->series[s].count && !panel->series[s].is_level; i++)
            add_x_tick(&scale, panel->series[s].points[i].x);
    return scale;
}

struct scale panel_scale_x(const struct panel *panel)
{
    struct extent extent = {0, 0, 0};
    for (size_t s = 0; s < panel->series_count; s++)
        for (size_t i = 0; i < panel->series[s].count; i++)
            if (!panel->series[s].is_level)
                widen(&extent, panel->series[s].points[i].x);
    if (panel->x_unit == UNIT_RATIO)
        return scale_nines(extent.max);
    if (panel->x_unit == UNIT_SECONDS)
        return scale_from_zero(extent.max);
    return concurrency_scale(panel, extent.count ? extent.min : 1,
                             extent.count ? extent.max : 2);
}

/* An upper bound of the width of a text, by the letters of DejaVu Sans at 12.5 pixels,
 * the widest of the fonts that the page and the PNG may get. */
static double text_width(const char *utf8)
{
    static const struct {
        const char *chars;
        double width;
    } classes[] = {{"ijl|!.,:;'", 4.3},
                   {"rtf-()[]{}I \\/`\"", 5.2},
                   {"sczxvykJ", 7.5},
                   {"mwMWOQ@%", 12.4},
                   {"ABCDEFGHKLNPRSTUVXYZ&+=<>#~", 9.7}};
    double width = 0;
    for (; *utf8; utf8++) {
        if (((unsigned char)*utf8 & 0xC0) == 0x80)
            continue; /* a byte of a character that is already counted */
        double one = (unsigned char)*utf8 < 0x80 ? 8.0 : 12.5;
        for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
            one = strchr(classes[i].chars, *utf8) ? classes[i].width : one;
        width += one;
    }
    return width;
}

double panel_label_width(const struct panel *panel)
{
    double widest = 7;
    for (size_t s = 0; s < panel->series_count; s++) {
        double width =
            text_width(format_label(panel->series[s].label, PANEL_LABEL_CHARS).s);
        widest = width > widest ? width : widest;
    }
    return widest < LABEL_WIDTH_MAX ? widest : LABEL_WIDTH_MAX;
}

struct text panel_title(const struct panel *panel)
{
    struct extent extent = panel_extent_y(panel);
    const char *unit = NULL;
    (void)format_axis_unit(extent.max, panel->unit, &unit);
    unit = panel->y_extra ? panel->y_extra : unit;
    struct text title;
    (void)snprintf(title.s, sizeof title.s, "%s%s%s%s", panel->name, *unit ? ", " : "",
                   unit, is_log(panel, &extent) ? " (log)" : "");
    return title;
}
