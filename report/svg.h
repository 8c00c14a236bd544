/* svg: gnuplot's SVG made small, anonymous and fit for the dark. */
#ifndef REPORT_SVG_H
#define REPORT_SVG_H

#include <stddef.h>

/* From what gnuplot wrote (NUL-terminated): without prolog, titles, unused symbols and
 * empty groups; colours in short form; width and height set; and with a style element
 * that gives every palette colour its dark counterpart where the viewer prefers dark.
 * The result is new, *out_size its length. NULL if text is not a whole SVG of gnuplot's.
 */
char *svg_tidy(const char *text, unsigned int width, unsigned int height,
               size_t *out_size);

#endif
