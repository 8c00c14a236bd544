/* description: a struct model from what a runner says with --describe. */
#ifndef HARNESS_DESCRIPTION_H
#define HARNESS_DESCRIPTION_H

#include "harness/plan/models.h"

/* A model that is not known, with cautious values. Static. */
extern const struct model description_none;

/* Starts argv (argv[0] is a path), to which --describe has been added, and reads its
 * answer. New, for as long as the process lives; NULL when it is not a description. */
const struct model *description_ask(const char *const *argv);

#endif
