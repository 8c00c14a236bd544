/* models.c: the table of models; see models.h. A runner that is not listed here works
 * too, as long as bin/runner-<name> exists. Colours and markers are the report's. */
#include "harness/plan/models.h"

#include "common/paths.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define EACH_WORKER  MODEL_UNITS_CONCURRENCY
#define EACH_REQUEST MODEL_UNITS_REQUESTS

const struct model models_table[] = {
    {"sequential", "one request after the other", true, 3, EACH_WORKER},
    {"threads", "a pool of POSIX threads, each blocking", false, 3, EACH_WORKER},
    {"thread-per-request", "no pool: a new thread for each request", false, 3,
     EACH_REQUEST},
    {"processes", "a pool of forked processes, each blocking", false, 1, EACH_WORKER},
    {"process-per-request", "no pool: a fork for each request", false, 1, EACH_REQUEST},
    {"coroutines", "stackful coroutines on one libevent loop", false, 1, EACH_WORKER},
    {"stackless", "the same loop, coroutines without stacks", false, 1, EACH_WORKER},
    {"callbacks", "the same loop, calling back: no stacks", false, 1, EACH_WORKER},
    {"multi-poll", "curl_multi_poll on one thread: looks at every handle", false, 1,
     EACH_WORKER},
    {"coroutine-threads", "a loop per CPU, coroutines on each", false, 1, EACH_WORKER},
    {"process-loops", "a process per CPU, a loop of coroutines in each", false, 1,
     EACH_WORKER},
    {"executor", "a loop that hands blocking calls to a pool of threads", false, 3,
     EACH_WORKER},
    {"epoll", "raw sockets and epoll, no libcurl: the floor under a loop", false, 1,
     EACH_WORKER},
    {"io-uring", "raw sockets and io_uring, no libcurl", false, 1, EACH_WORKER},
    {"null", "no request at all: the floor, and a test of the harness", true, 0,
     EACH_WORKER},
};
const size_t models_count = sizeof models_table / sizeof models_table[0];

static const struct model unlisted = {"", "not in the table of models", false, 3,
                                      MODEL_UNITS_UNCHECKED};

const struct model *models_find(const char *name)
{
    for (size_t i = 0; i < models_count; i++) {
        if (!strcmp(models_table[i].name, name))
            return &models_table[i];
    }
    return &unlisted;
}

bool models_available(const char *name)
{
    char program[80], path[PATH_MAX];
    (void)snprintf(program, sizeof program, "runner-%.64s", name);
    return !paths_program(program, path, sizeof path, NULL);
}
