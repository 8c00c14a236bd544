/* check: what `concbench check` measures and reports: two models, each against itself.
 *
 * The scenario is built in: 2 ms of waiting and 16 in flight, short trials, so that a
 * whole check takes well under 90 s. Recipe: check_scenario and check_options give a run;
 * after it, check_unfit says whether the machine can be used, and check_print or
 * check_json say the rest. */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "common/err.h"
#include "harness/run/run.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#define CHECK_BLOCKS   12
#define CHECK_BUDGET_S 75.0
#define CHECK_NAME     "check"

json_t *check_scenario(void); /* new */

/* The options of the run; all pointers are borrowed. */
struct run_options check_options(const json_t *scenario, const char *out,
                                 const json_t *command, uint64_t seed);

/* Whether the machine cannot show anything: a model differs from itself, or too few
 * trials were valid. Then out_reason (size bytes) says why. */
bool check_unfit(const json_t *results, const json_t *noise_floor, char *out_reason,
                 size_t size);

/* What the floors mean, and what makes them as large as they are, into out_text. "" when
 * neither CPU nor speed has a floor. */
void check_sentence(const json_t *results, const json_t *noise_floor, char *out_text,
                    size_t size);

/* The table of floors, the disturbances, and that sentence. noise_floor is noise_floor_make's
 * document. */
void check_print(const json_t *results, const json_t *noise_floor, FILE *out);

/* {fit, reason, sentence, floor, controls: [{model, metric, ..}], warnings, results}: new. */
json_t *check_json(const struct run *run, const json_t *noise_floor);

#endif
