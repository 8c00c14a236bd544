/* programs: the programs that a plan runs, by content, so that a run is not resumed with
 * others. */
#ifndef HARNESS_PROGRAMS_H
#define HARNESS_PROGRAMS_H

#include "harness/plan/plan.h"

#include <jansson.h>

/* {name: SHA-256 in hex, or null for a file that cannot be read}, new. Names:
 * "concbench-launch", "concbench-origin", "runner-<model>" of each model that runs, the
 * file names of the shared libraries that these load, and "model <name>" for a model with
 * a command, flags or libcurl of its own: the files that its words name, and the words.
 */
json_t *programs_json(const struct plan *plan);

#endif
