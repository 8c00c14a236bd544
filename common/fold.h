/* fold: lines for people, broken where the terminal ends.
 *
 *   FILE *lines = fold_open(stdout, 80);
 *   (void)fprintf(lines, ...);
 *   fold_close(lines, stdout);
 *
 * A line that is too wide is broken at a blank, and after a bar. Two blanks or more
 * separate columns: what follows the last of them goes on below itself or, when that
 * begins in the right half, on lines of its own. Colours take no room. */
#ifndef COMMON_FOLD_H
#define COMMON_FOLD_H

#include <stddef.h>
#include <stdio.h>

/* The columns that lines written to out may have: COLUMNS if it is a number from 20 on,
 * or else the width of the terminal that out is, or else `otherwise`. With 0 for that,
 * COLUMNS counts in a terminal only, as programs may read what goes elsewhere. */
size_t fold_width(FILE *out, size_t otherwise);

/* A stream whose lines are folded and passed on to out, each as soon as it is complete.
 * With the width 0 it is out itself. */
FILE *fold_open(FILE *out, size_t otherwise);

/* Passes on what is left and closes lines, unless it is out. */
void fold_close(FILE *lines, FILE *out);

#endif
