/* target: what a trial talks to. */
#ifndef HARNESS_TARGET_H
#define HARNESS_TARGET_H

#include "harness/trial/trial.h"

/* What a trial of scenario talks to; nothing where context->url is. */
struct target trial_target(const struct trial_context *context,
                           const struct scenario *scenario);

/* The origin of ours among it; NULL: none. */
struct origin_control *trial_origin(const struct trial_context *context,
                                    const struct scenario *scenario);

#endif
