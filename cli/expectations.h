/* expectations: what `concbench run --expect` says of the predictions of a run. */
#ifndef CLI_EXPECTATIONS_H
#define CLI_EXPECTATIONS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* How many of results.expectations came out so: "held", "not-held" or "unknown". */
size_t expectations_count(const json_t *results, const char *outcome);

/* Prints each with its outcome, its inequality and what was measured, after a line that
 * counts them. */
void expectations_print(const json_t *results, bool is_colored, FILE *out);

#endif
