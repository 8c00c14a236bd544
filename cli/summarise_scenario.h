/* summarise_scenario: a scenario of results.json on a terminal: question, answer, how far
 * to trust it, and the few numbers that the answer is made of. */
#ifndef CLI_SUMMARISE_SCENARIO_H
#define CLI_SUMMARISE_SCENARIO_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Prints a scenario of results after an empty line, 80 columns wide at most, but for long texts. */
void summarise_scenario(const json_t *results, const json_t *scenario, bool is_colored,
                        FILE *out);

/* What one more worker costs, a line for each metric; nothing where it is not known. */
void summarise_prices(const json_t *scenario, FILE *out);

#endif
