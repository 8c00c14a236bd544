/* machine: the cores of this machine as hwloc sees them, without the CPUs that this
 * process may not use.
 *
 * A core is a set of CPUs, its hardware threads. Two cores are near each other when they
 * share a package, a NUMA node, a last-level cache. HWLOC_XMLFILE and HWLOC_SYNTHETIC
 * stand for another machine, whose plan can be looked at but not measured. */
#ifndef HARNESS_MACHINE_H
#define HARNESS_MACHINE_H

#include "common/cpus.h"
#include "common/err.h"

#include <hwloc.h>
#include <stdbool.h>
#include <stddef.h>

struct machine_core {
    struct cpus cpus; /* its hardware threads */
    uint64_t threads;
    size_t package, node; /* numbers of hwloc's; the same one is the same thing */
    size_t cache;         /* the last-level one that other cores share; 0: none does */
    uint64_t cache_bytes; /* of that; 0: none, or not known */
    size_t kind;          /* from 0, faster ones later where the machine says so */
};

struct machine {
    struct machine_core
        *cores; /* owned; in hwloc's order, neighbours beside each other */
    size_t count;
    size_t kinds;    /* of cores, 1 or more */
    bool has_ranks;  /* it is known which kind is faster */
    bool is_foreign; /* from a file or a description: not this machine */
    double quota;    /* CPUs that its control group allows; NAN, INFINITY: no limit */
    struct cpus all; /* of the cores */
    struct cpus existing; /* also those that this process may not use */
};

/* This machine as it was at the first call; not to be freed. EXIT_CODE_UNFIT. The first
 * call must come before any other thread. */
int machine_here(const struct machine **out_machine, struct err *err);

/* The cores of a loaded topology. allowed (NULL: all) is what may be used of it. The
 * topology is restricted to that. *out_machine needs machine_done. */
int machine_of(hwloc_topology_t topology, const struct cpus *allowed,
               struct machine *out_machine, struct err *err);

void machine_done(struct machine *machine);

#endif
