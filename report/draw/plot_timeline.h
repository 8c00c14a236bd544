/* plot_timeline: what gnuplot is told of a timeline: bands from the top downwards, one for
 * each series, and in each its lanes. */
#ifndef REPORT_PLOT_TIMELINE_H
#define REPORT_PLOT_TIMELINE_H

#include "report/draw/panel.h"

#include <stdio.h>

/* For the script: the colours of the bars by state, as numbers. */
void plot_timeline_colours(FILE *out, const struct panel *panel);

/* The blocks of the data after the first. */
void plot_timeline_data(FILE *out, const struct panel *panel, const struct axis *axis);

#endif
