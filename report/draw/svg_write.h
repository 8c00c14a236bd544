/* svg_write: marks as SVG, small. All marks of a model stand in one group, class m and
 * its slot, so that a rule of CSS reaches every one of them. No ids: many pictures share
 * a page. */
#ifndef REPORT_SVG_WRITE_H
#define REPORT_SVG_WRITE_H

#include "report/draw/palette.h"
#include "report/draw/svg_read.h"

#include <stdio.h>

/* For the page: classes only; page_style.c and style.css say what they look like. */
void svg_write_inline(FILE *out, const struct svg_picture *picture,
                      const struct palette *palette);

/* For a file of its own, width by height pixels: pictures side by side, each across
 * pixels wide; colours as attributes, and a style element with those for the dark. */
void svg_write_file(FILE *out, const struct svg_picture *pictures, size_t count,
                    const struct palette *palette, unsigned int across,
                    unsigned int height);

/* A model's marker at x, y (tenths) as path data. */
void svg_put_marker(FILE *out, int marker, int x, int y);
bool svg_is_marker_filled(int marker);

/* A dash as CSS and SVG write it: "5 4"; nothing for a solid one. */
void svg_put_dash(FILE *out, int dash);

#endif
