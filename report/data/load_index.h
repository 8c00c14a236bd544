/* load_index: the indexes of load_cell and load_comparison, sorted once, so that the time
 * for a document of many cells grows only with its size. */
#ifndef REPORT_LOAD_INDEX_H
#define REPORT_LOAD_INDEX_H

#include "report/data/load.h"

/* Sorts what load.c has read, finds the cells that are drawn across and the range of the
 * others, and fills in the quotients that older files lack. */
void load_index(struct results *results);

void load_index_done(struct results *results); /* zeroed is fine */

#endif
