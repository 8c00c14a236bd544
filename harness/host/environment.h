/* environment: the facts of the machine and the build that a reader of the numbers needs.
 * No user names, no paths, no environment variables. */
#ifndef HARNESS_ENVIRONMENT_H
#define HARNESS_ENVIRONMENT_H

#include "harness/host/placement.h"

#include <jansson.h>
#include <stdint.h>

/* {group: {fact: string, number, bool or null}}; unknown facts are null. origin_threads
 * 0: there is no origin of ours. New reference. */
json_t *environment_make(const struct placement *placement, uint64_t origin_threads);

/* What was built: the commit, and whether the tree had changes then; JSON null when
 * unknown. New references. */
json_t *environment_git_commit(void);
json_t *environment_git_dirty(void);

#endif
