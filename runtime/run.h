/* run: one run of a runner, and what it notes of itself. */
#ifndef RUNTIME_RUN_H
#define RUNTIME_RUN_H

#include "runtime/settings.h"

#include <stdint.h>

struct shared;
struct model;
struct task;

/* What a model is given. */
struct run {
    const struct model *model; /* borrowed */
    struct settings settings;
    const struct task *task;
    struct shared *shared;
    uint64_t started_ns;    /* clock_ns() at the start of main */
    uint64_t units_created; /* set by the model: threads, processes, coroutines */
    /* CPU time of all requests in models that make workers on the way, where it is more
     * than what the recorders bracket; 0: the recorders' sum. */
    uint64_t cpu_measured_ns;
};

/* Notes a knob of this model for the result document. text is static; a forked worker may
 * note it too, in the state they share. One thread at a time. */
void run_add_knob(struct run *run, const char *name, const char *text, uint64_t number);

#endif
