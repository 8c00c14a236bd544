/* health: what else the machine was doing while a trial ran. */
#ifndef HARNESS_HEALTH_H
#define HARNESS_HEALTH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct health {
    bool has_steal, has_load, has_swap; /* false: /proc does not say */
    uint64_t steal_ticks; /* of all CPUs, since boot, in ticks of sysconf(_SC_CLK_TCK) */
    double load1;         /* runnable tasks, averaged over a minute */
    uint64_t swapped_pages; /* in and out, since boot */
};

struct health health_read(void);

/* The trial's {steal_ticks, load1, swapped_pages}, new: differences, and the load before.
 * Unknown is null. */
json_t *health_json(const struct health *before, const struct health *after);

#endif
