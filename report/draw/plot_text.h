/* plot_text: the texts of a chart, and the room they need. */
#ifndef REPORT_PLOT_TEXT_H
#define REPORT_PLOT_TEXT_H

#include "common/format.h"
#include "report/draw/panel.h"

#include <stdio.h>

/* An upper bound of the width of a text in pixels, by the letters of DejaVu Sans at 12.5
 * pixels, the widest of the fonts that the page and the PNG may get. */
double plot_text_width(const struct panel *panel, const char *utf8);

/* The same in the size of whatever font it gets. */
double plot_text_ems(const char *utf8);

/* The name of a series, cut to what charts have room for. */
struct text plot_text_label(const struct panel_series *series);

/* What a bar says at its end, in the unit of the axis. */
struct text plot_text_value(const struct panel *panel, const struct axis *axis,
                            const struct panel_series *series);

/* One field, a text that has been through format_label, which leaves none of the
 * characters that gnuplot reads as quotes: no tab, no end of line. */
void plot_text_put(FILE *out, const char *before, const char *text);

#endif
