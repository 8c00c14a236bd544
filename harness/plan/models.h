/* models: what the harness has to know about a model beyond its name. Its runner says it
 * (`runner-NAME --describe`, docs/runner-contract.md); each program is asked once, at the
 * first question about it, and the answer holds until this process ends. One thread. */
#ifndef HARNESS_MODELS_H
#define HARNESS_MODELS_H

#include "common/suggest.h"

#include "common/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The value that a trial's units_created must have. */
enum model_units {
    MODEL_UNITS_UNCHECKED, /* unknown: a runner that does not say it */
    MODEL_UNITS_CONCURRENCY,
    MODEL_UNITS_REQUESTS /* each request gets a unit of its own */
};

/* A flag of a runner that takes numbers or words of its own. Where it is a knob, it
 * changes a model without making it another one: a scenario's "sweep" and --sweep name
 * it. */
struct knob {
    const char *name, *flag; /* "stack_bytes", "--stack-bytes" */
    const char *choices;     /* "a|b", or NULL: a whole number from min to max */
    uint64_t min, max;
    bool is_knob;
    const char *prefix; /* before the value in the name of a variant: "stack-" */
};

struct model {
    const char *name;   /* "": a runner that does not describe itself */
    const char *about;  /* one line for `concbench list` */
    const char *family; /* how it waits: docs/runner-contract.md; "": not known */
    const char *tasks;  /* that it can do, "http|sleep"; "": not known */
    bool is_single;     /* one cell, at concurrency 1, whatever the scenario lists */
    bool is_probed;     /* `runner-NAME --probe` says whether it can run here */
    bool uses_libcurl;  /* so that there may be another one */
    bool takes_trace;   /* it lists the flag --trace */
    bool takes_warm;    /* ... and --warm-requests */
    bool takes_resolve; /* ... and --resolve */
    /* what one request in flight costs */
    uint64_t fds_per_worker; /* descriptors of the runner's first process; 0: each worker
                              * is a process with its own */
    uint64_t tasks_per_worker; /* threads and processes */
    uint64_t maps_per_worker;  /* memory mappings: a thread's stack and its guard */
    uint64_t kib_per_worker;   /* memory, roughly; 0: not known. docs/scenarios.md */
    uint64_t start_us; /* until a worker's request is out, amply; 0: MODELS_START_US */
    uint64_t kib_bare; /* the same in a task without connections */
    enum model_units units;
    const struct knob *knobs; /* every flag with values, in its runner's order */
    size_t knob_count;
};

#define MODELS_START_US UINT64_C(100) /* the workers are there and wait */

/* The names of concbench's own models, built here or not, in the order of
 * runners/CMakeLists.txt; NULL beyond the last. */
const char *models_name(size_t index);

/* The model of bin/runner-<name>. One of ours that is not built here has its name and
 * cautious values; any other that is not there, or does not describe itself as name, has
 * the name "". Never NULL, static. */
const struct model *models_find(const char *name);

/* A command that has not been asked yet, but is known to make one request at a time: "is_single"
 * in its entry of "runners". Static, cautious otherwise. */
const struct model *models_single(void);

/* Whether models_find has a name for it. */
bool models_is_known(const char *name);

/* What another program says of itself; argv[0] is a path. Cautious values and the name ""
 * when it does not, as programs of version 1 of the contract. Static. NULL with
 * EXIT_CODE_UNFIT when it has left something behind that cannot be ended. */
const struct model *models_ask(const char *const *argv, struct err *err);

/* Notes which model a command as a scenario has it (an array of words) turned out to be,
 * and answers it: NULL when that was never noted, or command is NULL. */
void models_note_command(const json_t *command, const struct model *model);
const struct model *models_of_command(const json_t *command);

/* The model's knob of that name, or NULL. */
const struct knob *models_find_knob(const struct model *model, const char *name);

/* The names of all knobs of our models, "switch, guard, ...", for messages. New. */
char *models_knob_names(void);

/* Offers the names of all models of ours, or of all their knobs. */
void models_suggest(struct suggest *suggest);
void models_suggest_knob(struct suggest *suggest);

/* A knob of that name of any model of ours, or NULL. */
const struct knob *models_any_knob(const char *name);

/* Microseconds until one more wait of this model is under way, an ample figure. A trial
 * that holds all waits at once has to allow for it. connects: each has a connection of
 * its own. */
uint64_t models_gather_us(const struct model *model, bool connects);

/* Whether bin/runner-<name> is there and executable. */
bool models_available(const char *name);

#endif
