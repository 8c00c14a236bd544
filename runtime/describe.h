/* describe: what a runner says of itself with --describe (docs/runner-contract.md), from
 * its struct model, the table of tasks and the table of its flags. */
#ifndef RUNTIME_DESCRIBE_H
#define RUNTIME_DESCRIBE_H

#include "common/err.h"

#include <stdbool.h>

struct model;

/* Whether a run of this model can have the task of that name. */
bool describe_runs(const struct model *model, const char *task);

/* Prints the description on stdout. EXIT_CODE_UNFIT when not all could be written. */
int describe_print(const struct model *model, struct err *err);

#endif
