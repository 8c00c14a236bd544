/* summarise: what `concbench run` says in the end, for people and for programs. */
#ifndef CLI_SUMMARISE_H
#define CLI_SUMMARISE_H

#include "harness/run/run.h"

#include <stdbool.h>
#include <stdio.h>

/* Whether to colour out, for a word of --color: auto is a terminal that is not dumb and
 * no NO_COLOR. */
bool summarise_wants_color(const char *word, FILE *out);

/* Verdicts, warnings, where the report is and the next command. run has results. */
void summarise_print(const struct run *run, bool is_colored, FILE *out);

/* The end of that: warnings, the trials, where results and report are. */
void summarise_print_end(const struct run *run, bool is_colored, FILE *out);

/* The same as one JSON object. New reference. */
json_t *summarise_json(const struct run *run);

/* Before anything runs: the cells that are skipped (all cells with every_cell) and how
 * long it is expected to take. */
void summarise_print_plan(const struct run *run, bool lists_cells, FILE *out);
json_t *summarise_plan_json(const struct run *run); /* new */

#endif
