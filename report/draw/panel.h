/* panel: what one small picture shows, and how it is laid out. A panel holds its numbers
 * once: the picture, its alternative text and the table behind it all come from here. */
#ifndef REPORT_PANEL_H
#define REPORT_PANEL_H

#include "report/data/load.h"
#include "report/draw/canvas.h"
#include "report/draw/scale.h"

#define PANEL_WIDTH      360U
#define PANEL_SERIES_MAX (2 * LOAD_MODELS_MAX + 1) /* companions, and the ideal line */

enum panel_kind {
    PANEL_LINES, /* y over x, labelled at the right */
    PANEL_DOTS,  /* the same without lines */
    PANEL_ROWS   /* one bar from zero per series */
};

struct panel_point {
    double x, y, low, high; /* low and high NaN: no interval */
    double outline;         /* rows: a second value, drawn as an outline; or NaN */
    bool is_marked;         /* lines: has a marker */
};

struct panel_series {
    const char *label;          /* borrowed */
    const struct style *style;  /* borrowed from the palette */
    struct panel_point *points; /* owned; x ascending */
    size_t count;
    uint64_t concurrency;  /* rows: of the cell; 0 when it does not matter */
    bool is_level;         /* one value, drawn as a line across all concurrencies */
    const char *companion; /* borrowed; names a second line of the model that the label
                              belongs to: thin, dashed, without a label; or NULL */
    bool is_reference;     /* no model: its label has no colour and it is in no finding */
};

struct panel {
    enum panel_kind kind;
    const char *name;    /* "CPU per request"; constant */
    const char *x_name;  /* "requests in flight"; constant; NULL for rows */
    const char *y_extra; /* replaces the unit's name in the title; or NULL */
    enum unit unit;
    enum unit x_unit;         /* UNIT_COUNT, UNIT_RATIO for quantiles, UNIT_SECONDS */
    const char *outline_name; /* of the outlines, or NULL */
    bool is_zero_based;       /* lines: y starts at zero */
    struct panel_series series[PANEL_SERIES_MAX];
    size_t series_count;
};

/* Adds a series without points and returns it. label and style are borrowed. */
struct panel_series *panel_add_series(struct panel *panel, const char *label,
                                      const struct style *style);

/* Adds a point; a y that is not finite is left out. */
void panel_add_point(struct panel_series *series, struct panel_point point);

/* The number of points of all models. */
size_t panel_count(const struct panel *panel);

/* The height in pixels that the labels need. */
unsigned int panel_height(const struct panel *panel);

/* Draws it into the canvas at canvas->x, canvas->y, PANEL_WIDTH wide, height high. */
void panel_draw(const struct panel *panel, struct canvas *canvas, unsigned int height);

void panel_done(struct panel *panel);

#endif
