/* models: the one table of what the harness has to know about a model beyond its name. */
#ifndef HARNESS_MODELS_H
#define HARNESS_MODELS_H

#include "common/suggest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The value that a trial's units_created must have. */
enum model_units {
    MODEL_UNITS_UNCHECKED, /* unknown: a runner that is not in the table */
    MODEL_UNITS_CONCURRENCY,
    MODEL_UNITS_REQUESTS /* each request gets a unit of its own */
};

/* Flags that change a model without making it another one; bits of model.knobs. */
enum model_knob {
    MODEL_KNOB_SWITCH = 1, /* how coroutines switch */
    MODEL_KNOB_GUARD = 2,  /* what stands at the end of a coroutine's stack */
    MODEL_KNOB_STACK = 4,  /* bytes of a worker's stack */
    MODEL_KNOB_BUFFER = 8, /* bytes of its receive buffer, libcurl's or its own */
    MODEL_KNOB_CPUS = 16,  /* CPUs to use, of those it may */
    MODEL_LIBCURL = 32 /* no flag: it uses libcurl, so that there may be another one */
};

struct model {
    const char *name;
    const char *about; /* one line for `concbench list` */
    bool single;       /* one cell, at concurrency 1, whatever the scenario lists */
    bool probed;       /* `runner-NAME --probe` says whether it can run here */
    /* what one request in flight costs */
    uint64_t fds_per_worker;   /* descriptors of the runner's first process, as in the
                                * runner; 0: each worker is a process with its own */
    uint64_t tasks_per_worker; /* threads and processes */
    uint64_t maps_per_worker;  /* memory mappings: a thread's stack and its guard */
    uint64_t kib_per_worker;   /* memory, roughly; 0: not known. docs/scenarios.md */
    uint64_t start_us; /* until a worker's request is out, amply; 0: MODELS_START_US */
    uint64_t kib_bare; /* the same in a task without connections */
    enum model_units units;
    unsigned knobs; /* of enum model_knob, or-ed */
};

#define MODELS_START_US UINT64_C(100) /* the workers are there and wait */

/* A knob as a scenario's "sweep" and --sweep name it, and as the runners do. */
struct knob {
    const char *name, *flag;
    enum model_knob bit;
    const char *choices; /* "a|b", or NULL: a whole number from min to max */
    uint64_t min, max;
    const char *prefix; /* before the value in the name of a variant */
};

extern const struct model models_table[];
extern const size_t models_count;
extern const struct knob models_knobs[];
extern const size_t models_knob_count;

/* NULL when there is no knob of that name. */
const struct knob *models_find_knob(const char *name);

/* Offers the names of all models, or of all knobs. */
void models_suggest(struct suggest *suggest);
void models_suggest_knob(struct suggest *suggest);

/* Whether name is in the table. */
bool models_is_known(const char *name);

/* The entry of name, or one with cautious values for a runner that is not in the table;
 * never NULL, static. */
const struct model *models_find(const char *name);

/* Microseconds until one more wait of this model is under way, an ample figure. A trial
 * that holds all waits at once has to allow for it. connects: each has a connection of
 * its own. */
uint64_t models_gather_us(const struct model *model, bool connects);

/* Whether bin/runner-<name> is there and executable. */
bool models_available(const char *name);

#endif
