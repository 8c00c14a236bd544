/* validity_notes: what a run says about its own quality: how large a difference has to be to
 * count, how the baseline compares with itself, how many trials were disturbed. */
#ifndef REPORT_VALIDITY_NOTES_H
#define REPORT_VALIDITY_NOTES_H

#include "report/data/load.h"

#define VALIDITY_NOTES_MAX 3

struct validity_note {
    char text[400]; /* one plain sentence without its full stop */
};

/* Writes at most VALIDITY_NOTES_MAX sentences; files of older suites have none. Returns their
 * number. */
size_t validity_notes_find(const struct results *results,
                           struct validity_note out_notes[VALIDITY_NOTES_MAX]);

#endif
