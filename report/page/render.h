/* render: charts as pictures. It writes a folder of scripts and data, runs a few
 * gnuplots, and reads their files back and checks them. Nothing is left behind. */
#ifndef REPORT_RENDER_H
#define REPORT_RENDER_H

#include "report/draw/chart.h"

#include <stdbool.h>

enum render_kind { /* the files of a chart, in the order of their links */
                   RENDER_SCRIPT,
                   RENDER_DATA,
                   RENDER_SVG,
                   RENDER_PNG,
                   RENDER_PAGE, /* no file: what stands between <svg> and </svg> in the page */
                   RENDER_NARROW, /* the same of a wide panel drawn small, for small screens */
                   RENDER_KINDS
};

/* ".gp", ".tsv", ".svg", ".png" */
extern const char *const render_suffixes[RENDER_PAGE];

struct picture {
    char *bytes; /* owned; NULL: there is none */
    size_t size;
};

/* The pictures of one chart, panel by panel. */
struct drawing {
    struct picture panels[CHART_PANELS_MAX][RENDER_KINDS];
};

/* The name of a panel's files without a suffix: "slow-origin-throughput". */
struct render_name {
    char s[128];
};
struct render_name render_name(const struct chart *chart, size_t panel);

/* Draws count charts. out_drawings[i] belongs to charts[i] and stays empty where it has
 * no panels. Without has_png, RENDER_PNG stays empty: it takes most of the time. Errors:
 * EXIT_CODE_UNFIT. render_done is due on success only. */
int render_charts(const struct chart *charts, size_t count, bool has_png,
                  struct drawing *out_drawings, struct err *err);

void render_done(struct drawing *drawings, size_t count);

#endif
