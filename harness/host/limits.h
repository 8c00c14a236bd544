/* limits: what the system allows a plan: descriptors, ports, threads and processes,
 * mappings, memory, CPUs. */
#ifndef HARNESS_LIMITS_H
#define HARNESS_LIMITS_H

#include "harness/plan/plan.h"

/* Raises the soft limit of open files as far as the hard one allows (children inherit it)
 * and reads what limits the plan. */
struct plan_limits limits_read(void);

/* Reads limits on tasks, mappings, memory and ports from the files of proc and
 * cgroup below root ("" for the real ones). The rest stays unlimited. For
 * limits_read and tests. */
struct plan_limits limits_read_files(const char *root);

/* Lowers *limit to value if that is less, and names what as its source. */
void limits_lower(struct plan_limit *limit, uint64_t value, const char *what);

#endif
