/* externals: the runners in other languages that come with the suite. A scenario, or
 * --models, names one as it names a model of ours; runners/external/NAME/runner.json says
 * what it is, as an entry of "runners" without a name would (docs/scenarios.md). */
#ifndef HARNESS_EXTERNALS_H
#define HARNESS_EXTERNALS_H

#include "common/err.h"
#include "common/suggest.h"

#include <jansson.h>

/* Appends to "runners" of a scenario's json those of its "models" that come with the
 * suite, unless it has an entry of that name. EXIT_CODE_USAGE for a broken runner.json.
 */
int externals_adopt(json_t *json, struct err *err);

/* All of them, [{"name", "about", "command", ...}], by name, and {"name", "error"} for a
 * broken runner.json. New. */
json_t *externals_list(void);

/* Offers their names. */
void externals_suggest(struct suggest *suggest);

#endif
