/* energy: what the processor packages used, from /sys/class/powercap. Everything on a
 * package is in it, the origin and the rest of the machine too: it is a property of the
 * trial, not of the runner alone. */
#ifndef HARNESS_ENERGY_H
#define HARNESS_ENERGY_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define ENERGY_ROOT "/sys/class/powercap"

enum { ENERGY_DOMAINS_MAX = 16 };

struct energy {
    size_t count;
    struct energy_domain {
        char name[24];                  /* "package-0" */
        uint64_t used_uj, max_range_uj; /* the counter starts again after max_range_uj */
    } domains[ENERGY_DOMAINS_MAX];
    char reason[120]; /* why count is 0 */
};

/* Reads every package domain below root (ENERGY_ROOT), one of each name. *out is always
 * set. */
void energy_read(const char *root, struct energy *out);

/* Puts energy_uj (integer or null) and energy_reason (null or why) into trial. A counter
 * that has started again in between is followed once. */
void energy_put(const struct energy *before, const struct energy *after, json_t *trial);

#endif
