/* tasks: what the harness has to know about a task beyond its name: which server it
 * talks to, and the options a scenario may give it, which are flags of the runners. */
#ifndef HARNESS_TASKS_H
#define HARNESS_TASKS_H

#include "common/err.h"
#include "harness/servers/servers.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scenario;

struct task_kind {
    const char *name;    /* "task" of a scenario and --task of a runner */
    bool fetches;        /* makes HTTP requests: it needs an origin and a URL */
    bool needs_database; /* --db */
    bool blocks;      /* its wait is a blocking call: one after the other on each loop */
    double request_s; /* about what one costs, both ends, for a plan's estimate */
};

/* NULL when there is no task of that name. */
const struct task_kind *tasks_find(const char *name);

/* Checks that the task has the "options" of a scenario's json. EXIT_CODE_USAGE with the
 * path inside the scenario. */
int tasks_check(const json_t *json, const struct task_kind *kind, struct err *err);

/* The number at key of the scenario's options, or preset. */
uint64_t tasks_number(const struct scenario *s, const char *key, uint64_t preset);

/* Whether its workers have connections, to an origin or a database. */
bool tasks_connects(const struct scenario *s);

/* Requests to the origin that one request of the task makes. */
uint64_t tasks_fetches(const struct scenario *s);

/* The servers that its trials talk to. */
struct servers_need tasks_servers(const struct scenario *s);

/* Whether the waits of a model with that many threads per worker come one after the
 * other: it has no threads, and the waits are blocking calls. */
bool tasks_is_serial(const struct scenario *s, uint64_t tasks_per_worker);

/* Seconds that one request waits, computes, and roughly takes for everything else. */
double tasks_wait_s(const struct scenario *s);
double tasks_request_s(const struct scenario *s);
double tasks_work_s(const struct scenario *s);

/* Calls add(arg, flag, value) for every option given, as text; work_us becomes --work, a
 * number of tests. value is NULL for a flag without one. */
void tasks_flags(const struct scenario *s, uint64_t tests_per_us,
                 void (*add)(void *arg, const char *flag, const char *value), void *arg);

/* The fault that no origin can make: a port on which nothing listens. */
#define TASKS_REFUSED "refused"
bool tasks_is_refused(const struct scenario *s);

/* Appends "&key=value" for every parameter of the URL given, to query (size bytes). */
void tasks_query(const struct scenario *s, char *query, size_t size);

#endif
