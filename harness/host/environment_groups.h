/* environment_groups: the groups of facts of environment.c, a file each. */
#ifndef HARNESS_ENVIRONMENT_GROUPS_H
#define HARNESS_ENVIRONMENT_GROUPS_H

#include "harness/host/facts.h"
#include "harness/host/placement.h"

/* cpu, and what the kernel shows of caches and frequency. */
void environment_put_cpu(struct facts *facts, const struct placement *placement);

/* kernel, memory, mitigations. */
void environment_put_kernel(struct facts *facts);

/* host: virtual machine, container, its limits, power, uptime. */
void environment_put_host(struct facts *facts);

/* job: node, id and attempt, where a batch system or a job script says them. */
void environment_put_job(struct facts *facts);

/* libraries and build. Runs two programs of ours and gnuplot to ask for versions. */
void environment_put_software(struct facts *facts);

/* limits of this process and the kernel's. */
void environment_put_limits(struct facts *facts);

#endif
