/* models: what the harness has to know about a model beyond its name. The one table. */
#ifndef HARNESS_MODELS_H
#define HARNESS_MODELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a trial's units_created has to be. */
enum model_units {
    MODEL_UNITS_UNCHECKED, /* nobody knows: a runner that is not in the table */
    MODEL_UNITS_CONCURRENCY,
    MODEL_UNITS_REQUESTS /* each request gets a unit of its own */
};

struct model {
    const char *name;
    const char *about;       /* one line for `concbench list` */
    bool single;             /* one cell, at concurrency 1, whatever the scenario lists */
    uint64_t fds_per_worker; /* descriptors one request in flight costs the process */
    enum model_units units;
};

extern const struct model models_table[];
extern const size_t models_count;

/* The entry of name, or one with cautious values for a runner that is not in the table;
 * never NULL, static. */
const struct model *models_find(const char *name);

/* Whether bin/runner-<name> is there and executable. */
bool models_available(const char *name);

#endif
