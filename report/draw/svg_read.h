/* svg_read: the marks in an SVG that gnuplot wrote. Only what canvas.gp draws is
 * understood: paths, polygons, symbols and texts, each with its ink in place of a colour
 * (ink.h). Coordinates become tenths of a pixel. */
#ifndef REPORT_SVG_READ_H
#define REPORT_SVG_READ_H

#include "report/draw/ink.h"

#include <stdbool.h>
#include <stddef.h>

struct svg_vertex {
    int x, y;     /* tenths of a pixel, y downwards */
    bool is_move; /* starts a new line */
};

enum svg_anchor { SVG_START, SVG_MIDDLE, SVG_END };

/* A text has one vertex, a point one, a path or a box several. */
struct svg_mark {
    enum ink_role role;
    size_t group;        /* of ink_code_group */
    size_t first, count; /* vertices */
    enum svg_anchor anchor;
    char *text; /* owned; plain, without entities; or NULL */
};

struct svg_picture {
    struct svg_mark *marks; /* owned; in drawing order */
    size_t mark_count;
    struct svg_vertex *vertices; /* owned */
    size_t vertex_count;
};

/* Reads a whole file of gnuplot's. -1 when it is not whole; svg_picture_done is due in
 * either case. */
int svg_read(const char *text, struct svg_picture *out_picture);

void svg_picture_done(struct svg_picture *picture);

#endif
