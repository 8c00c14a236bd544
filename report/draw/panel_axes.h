/* panel_axes: which scales suit a panel's numbers. Between panel.c and panel_rows.c. */
#ifndef REPORT_PANEL_AXES_H
#define REPORT_PANEL_AXES_H

#include "report/draw/panel.h"

#define PANEL_LABEL_CHARS 20U
#define PANEL_MANY        7U /* labels: they move further, so the gutter is wider */

/* The extremes of y, low, high and outline over all series. */
struct extent {
    double min, max;
    size_t count;
};

struct extent panel_extent_y(const struct panel *panel);

/* In units divided by the axis' unit; px is left to the caller. */
struct scale panel_scale_y(const struct panel *panel, double divisor);
struct scale panel_scale_x(const struct panel *panel);

/* How many series have a label: not the companions. */
size_t panel_label_count(const struct panel *panel);

/* Pixels that the longest label of the panel takes. */
double panel_label_width(const struct panel *panel);

/* The bars of a PANEL_ROWS; the title is drawn already. */
void panel_draw_rows(const struct panel *panel, struct canvas *canvas,
                     unsigned int height);

/* The heading: name, unit, and whether the axis is logarithmic. */
struct text panel_title(const struct panel *panel);

#endif
