/* tune_tell: what `concbench tune` says in the end. */
#ifndef CLI_TUNE_TELL_H
#define CLI_TUNE_TELL_H

#include "harness/run/run.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* The answer, a row for each model, what is not settled, where the results are. run has
 * results with a block `tune`. */
void tune_tell_print(const struct run *run, bool is_colored, FILE *out);

/* The same as one JSON object: that of `concbench run --json` and `tune`. New. */
json_t *tune_tell_json(const struct run *run);

#endif
