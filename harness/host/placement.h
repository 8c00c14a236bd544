/* placement: which CPUs the origin and the harness get and which the runners.
 *
 * Both sides get whole cores of one kind, the fastest that has two, near each other: in
 * one last-level cache if there are four such cores, else in one NUMA node of one package.
 * The origin has the first half of them, rounded down, with CPU 0, which takes
 * interrupts; but no more than it has threads for. A CPU quota pays for as many cores as
 * it is CPUs, and two. What does not fit the rules is said in a warning. */
#ifndef HARNESS_PLACEMENT_H
#define HARNESS_PLACEMENT_H

#include "common/cpus.h"
#include "common/err.h"
#include "harness/host/machine.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define PLACEMENT_ORIGIN_CPUS 8 /* our origin has at most as many threads */

struct placement {
    struct cpus all, origin, runner;
    uint64_t count;    /* of all */
    bool is_shared;    /* origin and runner share a core */
    char warning[300]; /* "unequal: ...", also several; "": none */
};

/* Lists as taskset takes them, or NULL. */
struct placement_lists {
    const char *runner, *origin;
    bool is_for_url; /* the server is the user's and gets half, however much that is */
};

/* Places origin and runner on this machine, by the rules or as the lists say: where only
 * one is given, the other side gets the cores that it leaves. EXIT_CODE_UNFIT when the
 * machine cannot be read, EXIT_CODE_USAGE for a list with CPUs that this process cannot
 * use. */
int placement_make(const struct placement_lists *lists, struct placement *out_placement,
                   struct err *err);

/* The same on a given machine; for tests and for placement_make. */
int placement_on(const struct machine *machine, const struct placement_lists *lists,
                 struct placement *out_placement, struct err *err);

/* The machine with who got what: cores that are alike in one entry, as
 * environment.placement.machine of docs/results.md. New. */
json_t *placement_json(const struct machine *machine, const struct placement *placement);

#endif
