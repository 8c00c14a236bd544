/* limits: what the system allows a plan: descriptors, ports, threads and processes,
 * mappings, memory, CPUs. */
#ifndef HARNESS_LIMITS_H
#define HARNESS_LIMITS_H

#include "harness/host/placement.h"

#include <stdint.h>

/* How much of something may be added, and the name of the limit for the reason of a
 * skipped cell: "`ulimit -u`". */
struct host_limit {
    uint64_t value;
    char what[80];
};

/* What this machine allows; UINT64_MAX where there is no limit. */
struct host_limits {
    uint64_t open_files;      /* of a runner and of the origin each */
    uint64_t ports;           /* local ports for connections to one address */
    struct host_limit tasks;  /* threads and processes, in all */
    struct host_limit maps;   /* memory mappings of one process */
    struct host_limit memory; /* bytes, in all */
    uint64_t cpus;            /* of this process */
    uint64_t runner_cpus;     /* of a runner, where the origin has its own */
};

#define HOST_NO_LIMITS                                                                   \
    {                                                                                    \
        .open_files = UINT64_MAX, .ports = UINT64_MAX, .tasks = {.value = UINT64_MAX},   \
        .maps = {.value = UINT64_MAX}, .memory = {.value = UINT64_MAX},                  \
        .cpus = UINT64_MAX, .runner_cpus = UINT64_MAX                                    \
    }

/* Raises the soft limit of open files as far as the hard one allows (children inherit it)
 * and reads what limits a plan with that placement (NULL:
 * the one by the rules). */
struct host_limits limits_read(const struct placement *placement);

/* Reads limits on tasks, mappings, memory and ports from the files of proc and
 * cgroup below root ("" for the real ones). The rest stays unlimited. For
 * limits_read and tests. */
struct host_limits limits_read_files(const char *root);

/* Lowers *limit to value if that is less, and names what as its source. */
void limits_lower(struct host_limit *limit, uint64_t value, const char *what);

#endif
