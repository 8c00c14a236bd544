/* evidence: what a run says about its own quality: how large a difference has to be to
 * count, how the baseline compares with itself, how many trials were disturbed. */
#ifndef REPORT_EVIDENCE_H
#define REPORT_EVIDENCE_H

#include "report/data/load.h"

#define EVIDENCE_MAX 3

struct evidence {
    char text[400]; /* one plain sentence without its full stop */
};

/* Writes at most EVIDENCE_MAX sentences; files of older suites have none. Returns their
 * number. */
size_t evidence_find(const struct results *results,
                     struct evidence out_evidence[EVIDENCE_MAX]);

#endif
