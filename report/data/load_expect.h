/* load_expect: the predictions of the scenarios and their outcomes, which are
 * `expectations` in results.json. */
#ifndef REPORT_LOAD_EXPECT_H
#define REPORT_LOAD_EXPECT_H

#include "report/data/load.h"

enum outcome { OUTCOME_HELD, OUTCOME_NOT_HELD, OUTCOME_UNKNOWN, OUTCOME_COUNT };

struct expectation { /* strings borrowed from the results */
    const char *scenario, *says, *inequality;
    const char *because;           /* "" without one */
    const char *measured, *reason; /* one of them is "" */
    enum outcome outcome;
};

/* The name of an outcome. */
extern const char *const load_outcomes[OUTCOME_COUNT];

/* Checks the list and fills results->expectations; files without one have none. Errors:
 * EXIT_CODE_USAGE with the path inside the document. */
int load_expectations(struct results *results, struct err *err);

#endif
