/* load_index: what load_cell and load_comparison look things up in, sorted once, so that
 * a document of many cells takes no longer than its size. */
#ifndef REPORT_LOAD_INDEX_H
#define REPORT_LOAD_INDEX_H

#include "report/load.h"

/* Sorts what load.c has read; finds out which cells are drawn across and what the range
 * of the others is; and fills the quotients that older files lack. */
void load_index(struct results *results);

void load_index_done(struct results *results); /* zeroed is fine */

#endif
