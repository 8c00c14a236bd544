/* headline_read: checks the headline of a scenario file, the metric that answers its
 * question (analysis/headline.h). */
#ifndef HARNESS_HEADLINE_READ_H
#define HARNESS_HEADLINE_READ_H

#include "common/err.h"
#include "harness/plan/scenario.h"

/* Checks "headline" of s->json, if it is there: {metric, as[, per][, noun]}. The rest of
 * s has to be filled in. EXIT_CODE_USAGE with the path inside the scenario. */
int headline_read(const struct scenario *s, struct err *err);

#endif
