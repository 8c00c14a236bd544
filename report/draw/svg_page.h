/* svg_page: gnuplot's SVG made fit to stand in a page. Only marks and texts are taken
 * over, each under a class instead of its colour, and all of a series in one group, so
 * that a rule of CSS can colour it for the dark or hide it. No ids: many pictures share a
 * page. */
#ifndef REPORT_SVG_PAGE_H
#define REPORT_SVG_PAGE_H

#include "report/draw/panel.h"

#include <stdio.h>

/* Writes what stands between <svg> and </svg>. A text is escaped again, and anything that
 * is not known is left out. 0, or -1 if the file is not whole. */
int svg_page_write(FILE *out, const char *svg, const struct panel *panel);

/* gnuplot's markers, once per page, which the pictures refer to as #gpPt0 and so on. */
extern const char svg_page_markers[];

#endif
