/* chart_parts: what chart.c takes from the chart_*.c beside it: each fills one chart and writes
 * its caption. */
#ifndef REPORT_CHART_PARTS_H
#define REPORT_CHART_PARTS_H

#include "report/draw/chart.h"

#include <stdio.h>

void chart_build_memory(const struct chart_source *in, struct chart *chart,
                        FILE *caption);
void chart_build_order(const struct chart_source *in, struct chart *chart, FILE *caption);
void chart_build_phases(const struct chart_source *in, struct chart *chart,
                        FILE *caption);
void chart_build_timeline(const struct chart_source *in, struct chart *chart,
                          FILE *caption);
void chart_build_tune(const struct chart_source *in, struct chart *chart, FILE *caption);

#endif
