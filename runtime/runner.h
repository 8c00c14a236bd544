/* runner: everything around a model. A runner's main.c fills in a struct model and
 * calls runner_main, which parses the command line, checks limits, makes the state to
 * share, lets the model run, and writes the result document and the summary. */
#ifndef RUNTIME_RUNNER_H
#define RUNTIME_RUNNER_H

#include "common/err.h"
#include "runtime/run.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The families, in the words of docs/runner-contract.md. */
#define FAMILY_SINGLE     "single"
#define FAMILY_THREADS    "threads"
#define FAMILY_PROCESSES  "processes"
#define FAMILY_COROUTINES "coroutines"
#define FAMILY_LOOPS      "loops"
#define FAMILY_SOCKETS    "sockets"

#define KNOBS_OF_COROUTINES "stack-bytes switch guard"

/* What one request in flight needs, by which a plan leaves out what cannot run. */
struct needs {
    uint64_t fds;      /* descriptors of the runner's first process; 0: each worker is a
                        * process with its own */
    uint64_t threads;  /* threads and processes */
    uint64_t maps;     /* memory mappings: a thread's stack and its guard */
    uint64_t kib;      /* memory, roughly; 0: not known. docs/scenarios.md */
    uint64_t kib_bare; /* the same in a task without connections */
    uint64_t start_us; /* until a worker's request is out, amply; 0: workers are kept */
};

struct model {
    const char *name;   /* runner-<name>, "model" in the result document */
    const char *about;  /* one line for --help and `concbench list` */
    const char *family; /* how it waits, which is its colour: FAMILY_... */
    /* Flags that change it without making it another model, as words, beside those that
     * change every model that makes requests; or NULL. */
    const char *knobs;
    bool
        has_thread_stacks; /* --stack-bytes is the stack of a thread, and has its least */
    const char *task;      /* a task this model always runs, or NULL for --task's */
    const char *tasks;     /* tasks it can run, like "http sleep"; NULL: all */
    const char *lacks;     /* tasks it cannot run, or NULL */
    bool
        shares_connections; /* its requests can share one, within a thread of execution */
    bool has_own_http;      /* makes its requests without libcurl */
    bool is_single;         /* always one request at a time: concurrency must be 1 */
    /* Threads of execution, each with a recorder; NULL: one per worker. */
    size_t (*threads)(const struct settings *settings);
    /* Whether this kernel has what the model needs: EXIT_CODE_UNFIT if not. NULL: always.
     */
    int (*probe)(struct err *err);
    bool is_unit_per_request; /* makes a worker for each request, and none to keep */
    struct needs needs;
    /* Makes the workers, lets them run until the tickets are used up, joins them. */
    int (*run)(struct run *run, struct err *err);
};

/* For struct model: all workers share one thread of execution. */
size_t runner_one_thread(const struct settings *settings);

/* For struct model: one thread of execution per CPU this process may use (a quota of its
 * control group rounded up, if that is less), at most one per worker. */
size_t runner_thread_per_cpu(const struct settings *settings);

/* The whole program. Returns main's exit code. */
int runner_main(int argc, char **argv, const struct model *model);

#endif
