/* models.c: the table of models; see models.h. A runner that is not listed here works
 * too, as long as bin/runner-<name> exists. Colours and markers are the report's. */
#include "harness/plan/models.h"

#include "common/paths.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define EACH_WORKER  MODEL_UNITS_CONCURRENCY
#define EACH_REQUEST MODEL_UNITS_REQUESTS
#define OURS         MODEL_KNOB_CPUS
#define RAW          (OURS | MODEL_KNOB_BUFFER)
#define CURL         (RAW | MODEL_LIBCURL)
#define STACK        MODEL_KNOB_STACK
#define COROUTINE    (MODEL_KNOB_SWITCH | MODEL_KNOB_GUARD | MODEL_KNOB_STACK)

const struct model models_table[] = {
    {.name = "sequential",
     .about = "one request after the other",
     .single = true,
     .fds_per_worker = 3,
     .units = EACH_WORKER,
     .knobs = CURL},
    {.name = "threads",
     .about = "a pool of POSIX threads, each blocking",
     .fds_per_worker = 3,
     .tasks_per_worker = 1,
     .maps_per_worker = 2,
     .kib_per_worker = 64,
     .kib_bare = 24,
     .units = EACH_WORKER,
     .knobs = CURL | STACK},
    {.name = "thread-per-request",
     .about = "no pool: a new thread for each request",
     .fds_per_worker = 3,
     .tasks_per_worker = 1,
     .maps_per_worker = 2,
     .kib_per_worker = 64,
     .start_us = 500,
     .kib_bare = 24,
     .units = EACH_REQUEST,
     .knobs = CURL | STACK},
    {.name = "processes",
     .about = "a pool of forked processes, each blocking",
     .fds_per_worker = 0,
     .tasks_per_worker = 1,
     .kib_per_worker = 384,
     .kib_bare = 256,
     .units = EACH_WORKER,
     .knobs = CURL},
    {.name = "process-per-request",
     .about = "no pool: a fork for each request",
     .fds_per_worker = 0,
     .tasks_per_worker = 1,
     .kib_per_worker = 384,
     .start_us = 3000,
     .kib_bare = 256,
     .units = EACH_REQUEST,
     .knobs = CURL},
    {.name = "coroutines",
     .about = "stackful coroutines on one libevent loop",
     .fds_per_worker = 1,
     .kib_per_worker = 32,
     .kib_bare = 5,
     .units = EACH_WORKER,
     .knobs = CURL | COROUTINE},
    {.name = "stackless",
     .about = "the same loop, coroutines without stacks",
     .fds_per_worker = 1,
     .kib_per_worker = 28,
     .kib_bare = 1,
     .units = EACH_WORKER,
     .knobs = CURL},
    {.name = "callbacks",
     .about = "the same loop, calling back: no stacks",
     .fds_per_worker = 1,
     .kib_per_worker = 24,
     .kib_bare = 1,
     .units = EACH_WORKER,
     .knobs = CURL},
    {.name = "multi-poll",
     .about = "curl_multi_poll on one thread: looks at every handle",
     .fds_per_worker = 1,
     .kib_per_worker = 24,
     .kib_bare = 1,
     .units = EACH_WORKER,
     .knobs = CURL},
    {.name = "coroutine-threads",
     .about = "a loop per CPU, coroutines on each",
     .fds_per_worker = 1,
     .kib_per_worker = 32,
     .kib_bare = 5,
     .units = EACH_WORKER,
     .knobs = CURL | COROUTINE},
    {.name = "process-loops",
     .about = "a process per CPU, a loop of coroutines in each",
     .fds_per_worker = 1,
     .kib_per_worker = 32,
     .kib_bare = 5,
     .units = EACH_WORKER,
     .knobs = CURL | COROUTINE},
    {.name = "executor",
     .about = "a loop that hands blocking calls to a pool of threads",
     .fds_per_worker = 3,
     .tasks_per_worker = 1,
     .maps_per_worker = 2,
     .kib_per_worker = 64,
     .kib_bare = 32,
     .units = EACH_WORKER,
     .knobs = CURL | COROUTINE},
    {.name = "epoll",
     .about = "raw sockets and epoll, no libcurl: the floor under a loop",
     .fds_per_worker = 1,
     .kib_per_worker = 8,
     .kib_bare = 1,
     .units = EACH_WORKER,
     .knobs = RAW},
    {.name = "io-uring",
     .about = "raw sockets and io_uring, no libcurl",
     .probed = true,
     .fds_per_worker = 1,
     .kib_per_worker = 8,
     .kib_bare = 1,
     .units = EACH_WORKER,
     .knobs = RAW},
    {.name = "null",
     .about = "no request at all: the floor, and a test of the harness",
     .single = true,
     .fds_per_worker = 0,
     .units = EACH_WORKER,
     .knobs = 0},
};
const size_t models_count = sizeof models_table / sizeof models_table[0];

static const struct model unlisted = {.name = "",
                                      .about = "not in the table of models",
                                      .fds_per_worker = 3,
                                      .units = MODEL_UNITS_UNCHECKED};

/* The ranges are those of runtime/settings.c, and which models have a knob is what
 * their runners say: tests/cli/test_ranges.py asks them. */
const struct knob models_knobs[] = {
    {"switch", "--switch", MODEL_KNOB_SWITCH, "fcontext|ucontext", 0, 0, ""},
    {"guard", "--guard", MODEL_KNOB_GUARD, "madvise|mprotect|canary", 0, 0, ""},
    {"stack_bytes", "--stack-bytes", MODEL_KNOB_STACK, NULL, 16384, 1073741824, "stack-"},
    {"buffer_bytes", "--buffer-bytes", MODEL_KNOB_BUFFER, NULL, 1024, 10485760,
     "buffer-"},
    {"cpus", "--cpus", MODEL_KNOB_CPUS, NULL, 1, 1024, "cpus-"},
};
const size_t models_knob_count = sizeof models_knobs / sizeof models_knobs[0];

const struct knob *models_find_knob(const char *name)
{
    for (size_t i = 0; i < models_knob_count; i++) {
        if (!strcmp(models_knobs[i].name, name))
            return &models_knobs[i];
    }
    return NULL;
}

void models_suggest(struct suggest *suggest)
{
    for (size_t i = 0; i < models_count; i++)
        suggest_try(suggest, models_table[i].name);
}

void models_suggest_knob(struct suggest *suggest)
{
    for (size_t i = 0; i < models_knob_count; i++)
        suggest_try(suggest, models_knobs[i].name);
}

bool models_is_known(const char *name)
{
    return models_find(name) != &unlisted;
}

const struct model *models_find(const char *name)
{
    for (size_t i = 0; i < models_count; i++) {
        if (!strcmp(models_table[i].name, name))
            return &models_table[i];
    }
    return &unlisted;
}

/* 128 forked workers take 100 ms to start, and one sample of them 20 ms; a loop connects
 * 10,000 times in less than a second. */
uint64_t models_gather_us(const struct model *model, bool connects)
{
    return model->tasks_per_worker ? 3000 : connects ? 100 : 1;
}

bool models_available(const char *name)
{
    char program[80], path[PATH_MAX];
    (void)snprintf(program, sizeof program, "runner-%.64s", name);
    return !paths_program(program, path, sizeof path, NULL);
}
