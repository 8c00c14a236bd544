/* chart_parts: what the files of chart.c share: each chart is one function that fills
 * `chart` from `in` and writes its caption. */
#ifndef REPORT_CHART_PARTS_H
#define REPORT_CHART_PARTS_H

#include "report/draw/chart.h"

#include <stdio.h>

/* A new panel at the end of chart, borrowed from it. */
struct panel *chart_add_panel(struct chart *chart, enum panel_kind kind, const char *name,
                              enum unit unit);

/* Bars at the highest concurrency, every model one row; outline may be METRIC_COUNT. */
void chart_add_rows(const struct chart_source *in, struct chart *chart, const char *name,
                    enum metric_id id, enum metric_id outline);

void chart_build_memory(const struct chart_source *in, struct chart *chart,
                        FILE *caption);
void chart_build_order(const struct chart_source *in, struct chart *chart, FILE *caption);
void chart_build_phases(const struct chart_source *in, struct chart *chart,
                        FILE *caption);

#endif
