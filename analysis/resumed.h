/* resumed: the part of a journal that counts. A block that was interrupted is measured
 * again as a whole when the run is resumed; its earlier trials are set aside. */
#ifndef ANALYSIS_RESUMED_H
#define ANALYSIS_RESUMED_H

#include <jansson.h>

/* The lines of journal without the timed trials of blocks that a later line "resumed"
 * begins again: a new reference, journal itself when there is no such line. */
json_t *resumed_kept(const json_t *journal);

#endif
