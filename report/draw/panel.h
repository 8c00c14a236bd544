/* panel: what one chart shows. A panel holds its numbers once: the picture, its
 * alternative text and the table behind it all come from here. gnuplot lays it out, from
 * the files that plot.c writes; here is decided what it needs to be told. */
#ifndef REPORT_PANEL_H
#define REPORT_PANEL_H

#include "report/data/load.h"
#include "report/data/timeline.h"
#include "report/draw/palette.h"

#define PANEL_SERIES_MAX (2 * LOAD_MODELS_MAX + 1) /* companions, and the ideal line */

enum panel_kind {
    PANEL_LINES,       /* over requests in flight */
    PANEL_KNEE,        /* the same, with a marker where a number was chosen */
    PANEL_PERCENTILES, /* lines over the share of the requests */
    PANEL_ORDER,       /* dots over the seconds of the run */
    PANEL_ROWS,        /* one value per series: bars from zero, or dots */
    PANEL_TIMELINE     /* lanes or an area per series, over one time */
};

enum panel_size {
    PANEL_SMALL, /* three fit beside each other */
    PANEL_WIDE   /* as wide as the page, for a headline */
};

struct panel_point {
    double x, y, low, high; /* low and high NaN: no interval */
    bool is_marked;         /* lines: has a marker */
};

struct panel_series {
    const char *label;          /* borrowed */
    const struct style *style;  /* borrowed from the palette */
    struct panel_point *points; /* owned; x ascending */
    size_t count;
    uint64_t concurrency;     /* rows: of the cell; 0 when it does not matter */
    bool is_level;            /* one value, drawn as a line across all concurrencies */
    const char *companion;    /* borrowed; names a second line of the model that the label
                              belongs to: thin, dashed, without a label; or NULL */
    bool is_reference;        /* no model: no caption names it */
    struct timeline timeline; /* owned; its end is the only point's y */
};

struct panel {
    enum panel_kind kind;
    enum panel_size size;
    char id[48];         /* of its files: charts/<scenario>-<id>.svg */
    char name[128];      /* "CPU per request" */
    const char *x_name;  /* "requests in flight"; constant; NULL for rows */
    const char *y_extra; /* borrowed; replaces the unit's name in the title; or NULL */
    enum unit unit;
    struct panel_series series[PANEL_SERIES_MAX];
    size_t series_count;
};

/* The axis of the values, in the unit that it is drawn in. */
struct axis {
    double low, high;
    double step;      /* from tick to tick of an axis that is not logarithmic */
    double divisor;   /* from the unit of the panel to that of the axis */
    const char *unit; /* its name, "" for none; constant */
    bool is_log;
};

/* Adds a series without points and returns it. label and style are borrowed. */
struct panel_series *panel_add_series(struct panel *panel, const char *label,
                                      const struct style *style);

/* Adds a point; a y that is not finite is left out. */
void panel_add_point(struct panel_series *series, struct panel_point point);

/* The number of points of all models. */
size_t panel_count(const struct panel *panel);

/* How many x there are in all series, or in those that are not levels; *out_xs is new,
 * ascending. */
size_t panel_xs(const struct panel *panel, bool has_levels, double **out_xs);

struct axis panel_axis(const struct panel *panel);

/* The smallest of 1, 2, 2.5 and 5 times a power of ten of which five reach over range. */
double panel_step(double range);

/* "CPU per request, µs (log)"; for gnuplot, so through format_label. */
struct panel_text {
    char s[160];
};
struct panel_text panel_title(const struct panel *panel);

/* Of a timeline: the height of the band of a series, and from one to the next; in pixels.
 */
unsigned int panel_band(const struct panel_series *series);
#define PANEL_BAND_GAP 13U

/* The size of the picture in pixels. */
unsigned int panel_width(const struct panel *panel);
unsigned int panel_height(const struct panel *panel);

void panel_done(struct panel *panel);

#endif
