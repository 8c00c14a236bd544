/* noise_floor: how far apart two arms of one program came out on this machine, per
 * metric.
 *
 * `concbench check` measures it and stores it as floor.json (docs/results.md) in the
 * results directory; later runs there take it as their margin, as long as the machine,
 * its kernel and the build are the same. */
#ifndef ANALYSIS_NOISE_FLOOR_H
#define ANALYSIS_NOISE_FLOOR_H

#include "common/err.h"

#include <jansson.h>

#define NOISE_FLOOR_FILE   "floor.json"
#define NOISE_FLOOR_BLOCKS 12 /* of the run that smallest_shown_ratio speaks of */

/* The document, from a results document with controls. floor_ratio of a metric is the
 * largest over the controls of half the width of the interval and of the estimate's own
 * distance from 1. New; never NULL. */
json_t *noise_floor_make(const json_t *results);

/* Whether any metric has a floor. */
int noise_floor_is_measured(const json_t *document);

/* Writes it to <out>/floor.json. EXIT_CODE_UNFIT. */
int noise_floor_write(const char *out, const json_t *document, struct err *err);

/* The `metrics` of <out>/floor.json when its fingerprint is that of environment and
 * build_type; NULL when there is no such file or it is of another machine. New. */
json_t *noise_floor_read(const char *out, const json_t *environment,
                         const char *build_type);

#endif
