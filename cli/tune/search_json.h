/* search_json: what a search found, for the journal of the run that confirms it. */
#ifndef CLI_TUNE_SEARCH_JSON_H
#define CLI_TUNE_SEARCH_JSON_H

#include "cli/tune/search.h"

/* `tune` of the journal's header (docs/results.md): every number that was tried with the
 * values of its trials, and the numbers that were chosen. New. */
json_t *search_json(const struct search *search);

#endif
