/* chart: one figure of the page: some panels and the sentence that says what they show.
 * One table (chart_specs) lists all of them, in the order of the page. */
#ifndef REPORT_CHART_H
#define REPORT_CHART_H

#include "report/data/load.h"
#include "report/draw/palette.h"
#include "report/draw/panel.h"

#define CHART_PANELS_MAX 4

struct chart {
    const char *title; /* constant */
    const struct scenario *scenario;
    char prefix[80]; /* of its files: charts/<prefix>-<id of the panel>.svg */
    struct panel panels[CHART_PANELS_MAX];
    size_t panel_count;
    char *caption; /* owned; states what is seen; also says why there is no chart */
};

/* Where a chart's numbers come from. */
struct chart_source {
    const struct results *results;
    const struct palette *palette;
    const struct scenario *scenario;
};

struct chart_spec {
    const char *title;
    /* Adds panels to the empty chart and writes the caption (plain text). */
    void (*build)(const struct chart_source *source, struct chart *chart, FILE *caption);
};

#define CHART_HEADLINE 0 /* of chart_specs */
#define CHART_TIMELINE 1
#define CHART_TUNE     2 /* the last that stands apart from the details */
extern const struct chart_spec chart_specs[];
extern const size_t chart_spec_count;

/* Builds one chart in caller storage; panels without a number are dropped, so that
 * panel_count 0 means there is nothing to draw. chart_done is due. */
void chart_build(const struct chart_spec *spec, const struct chart_source *source,
                 struct chart *out_chart);

/* A new panel at the end of the chart, borrowed from it. id is of its files, name its
 * title. */
struct panel *chart_add_panel(struct chart *chart, enum panel_kind kind, const char *id,
                              const char *name, enum unit unit);

/* Adds a metric: a line per model over the concurrencies, or, where there is only one of
 * these, a bar per model. */
struct panel *chart_add_metric(const struct chart_source *in, struct chart *chart,
                               const char *id, const char *name, enum metric_id metric);

/* The same at the highest concurrency alone: a bar per model. */
struct panel *chart_add_rows(const struct chart_source *in, struct chart *chart,
                             const char *id, const char *name, enum metric_id metric);

void chart_done(struct chart *chart);

#endif
