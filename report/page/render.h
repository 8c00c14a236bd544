/* render: charts as pictures. It writes a folder of data files, runs a few gnuplots, and
 * reads their files back and checks them. Nothing is left behind. */
#ifndef REPORT_RENDER_H
#define REPORT_RENDER_H

#include "report/draw/chart.h"

#include <stdbool.h>

struct picture {
    char *bytes; /* owned */
    size_t size;
};

/* The pictures of one chart: its panels for the page, all of it for slides. */
struct drawing {
    struct picture panels[CHART_PANELS_MAX]; /* what stands between <svg> and </svg> */
    struct picture svg, png;                 /* of all panels side by side */
};

/* Draws count charts, whose series have their styles from palette. out_drawings[i]
 * belongs to charts[i] and stays empty where it has no panels. Without has_png, png stays
 * empty: it takes nine tenths of the time. Errors: EXIT_CODE_UNFIT. render_done is due on
 * success only. */
int render_charts(const struct chart *charts, size_t count, const struct palette *palette,
                  bool has_png, struct drawing *out_drawings, struct err *err);

void render_done(struct drawing *drawings, size_t count);

#endif
