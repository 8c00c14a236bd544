/* canvas: marks in pixels, collected for one picture and written as the data file that
 * charts/canvas.gp draws. Origin bottom left, y upwards. Nothing here knows what is
 * drawn; each mark carries its ink. */
#ifndef REPORT_CANVAS_H
#define REPORT_CANVAS_H

#include "common/err.h"
#include "report/draw/ink.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The blocks of the data file, in the order of canvas.gp. */
enum canvas_block {
    CANVAS_GRID,  /* hairlines */
    CANVAS_BOXES, /* filled rectangles */
    CANVAS_AXES,
    CANVAS_THIN, /* intervals, outlines, leaders */
    CANVAS_POINTS,
    CANVAS_TEXT_LEFT,
    CANVAS_TEXT_CENTRE,
    CANVAS_TEXT_RIGHT,
    CANVAS_TITLE,   /* bold, left-aligned */
    CANVAS_LINES,   /* for the SVG, which has dashes of its own */
    CANVAS_STROKES, /* the same lines for the PNG: where colours vary, gnuplot begins a
                       dash anew at every vertex, so they are cut here */
    CANVAS_STROKES_THIN, /* the strokes of companions */
    CANVAS_BLOCKS
};

struct canvas {
    unsigned int width, height; /* pixels */
    double x, y;                /* added to every coordinate: where the panel lies */
    struct {
        bool is_down;
        double x, y;
        size_t dash; /* which length of the dash */
        double left; /* what is left of that length */
    } pen;           /* of the line being drawn */
    FILE *streams[CANVAS_BLOCKS];
    char *texts[CANVAS_BLOCKS];
    size_t sizes[CANVAS_BLOCKS];
};

/* An empty canvas in caller storage; canvas_done is due. */
void canvas_init(struct canvas *out_canvas, unsigned int width, unsigned int height);

void canvas_grid(struct canvas *canvas, double x0, double y0, double x1, double y1);
void canvas_axis(struct canvas *canvas, double x0, double y0, double x1, double y1);
void canvas_thin(struct canvas *canvas, struct ink ink, double x0, double y0, double x1,
                 double y1);
/* An interval: a vertical line with a bar at both ends. */
void canvas_interval(struct canvas *canvas, const struct style *owner, double x,
                     double low, double high);
void canvas_box(struct canvas *canvas, const struct style *owner, double x0, double y0,
                double x1, double y1);
void canvas_point(struct canvas *canvas, const struct style *owner, double x, double y);

/* block is one of CANVAS_TEXT_* or CANVAS_TITLE; the text is vertically centred at y. It
 * must have been through format_label. */
void canvas_text(struct canvas *canvas, enum canvas_block block, struct ink ink, double x,
                 double y, const char *text);

/* A polyline, vertex by vertex, INK_LINE or INK_COMPANION; canvas_line_end finishes it.
 */
void canvas_line(struct canvas *canvas, struct ink ink, double x, double y);
void canvas_line_end(struct canvas *canvas, struct ink ink);

/* Writes the data file. EXIT_CODE_UNFIT on failure. */
int canvas_write(struct canvas *canvas, const char *path, struct err *err);

void canvas_done(struct canvas *canvas);

#endif
