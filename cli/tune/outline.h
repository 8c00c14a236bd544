/* outline: what `concbench tune --dry-run` says: which numbers the search may try for each
 * model, and how long it takes. */
#ifndef CLI_TUNE_OUTLINE_H
#define CLI_TUNE_OUTLINE_H

#include "cli/tune/search.h"

#include <jansson.h>
#include <stdio.h>

/* Says it in lines for people, of a search that search_init filled. */
void outline_print(const struct search *search, FILE *out);

/* The same as one JSON object: seed, budget_s, metric, and models with their numbers. New. */
json_t *outline_json(const struct search *search);

#endif
