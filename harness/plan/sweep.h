/* sweep: one model with several values of a knob becomes several models.
 *
 *   "models": ["threads", "coroutines"], "sweep": {"switch": ["fcontext", "ucontext"]}
 *
 * is short for
 *
 *   "models": ["threads", "coroutines.fcontext", "coroutines.ucontext"],
 *   "runners": [{"name": "coroutines.fcontext", "model": "coroutines",
 *                "flags": ["--switch", "fcontext"]}, ...] */
#ifndef HARNESS_SWEEP_H
#define HARNESS_SWEEP_H

#include "common/err.h"

#include <jansson.h>

/* Replaces "sweep" of a scenario's json, if it is there, by what it is short for. A
 * baseline that was swept becomes its first variant. "models" and "runners" have to be
 * valid. EXIT_CODE_USAGE for an unknown knob, a value that it does not take, or a knob
 * that no model has. */
int sweep_expand(json_t *json, struct err *err);

/* Puts the knob and values of "knob=a,b" (of the command line) into json's "sweep".
 * EXIT_CODE_USAGE. */
int sweep_add(json_t *json, const char *text, struct err *err);

#endif
