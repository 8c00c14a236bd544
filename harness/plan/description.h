/* description: a struct model from what a runner says with --describe. */
#ifndef HARNESS_DESCRIPTION_H
#define HARNESS_DESCRIPTION_H

#include "harness/plan/models.h"

/* A model that is not known, with cautious values. Static. */
extern const struct model description_none;

/* Starts argv (argv[0] is a path), to which --describe has been added, and reads its
 * answer. *out_model is new, for as long as the process lives, or NULL when that is not a
 * description. EXIT_CODE_UNFIT when it has left something behind (probe_read). */
int description_ask(const char *const *argv, const struct model **out_model,
                    struct err *err);

#endif
