/* task: what one request does. Straight-line code, the same function in every model. */
#ifndef CORE_TASK_H
#define CORE_TASK_H

#include "common/err.h"
#include "core/await.h"

#include <curl/curl.h>
#include <stdbool.h>

struct run;
struct settings;
struct worker;

struct task {
    const char *name; /* the value of --task and of "task" in the result document */
    bool needs_url;
    bool has_own_fd;  /* a worker holds one descriptor, whatever the model */
    bool has_channel; /* between its workers */
    /* What the task needs besides a URL, before the first worker is made: EXIT_CODE_USAGE
     * or EXIT_CODE_UNFIT. Or NULL. */
    int (*check)(const struct settings *settings, struct err *err);
    void (*note)(struct run *run); /* what it was told to do, as knobs; or NULL */
    int (*init)(struct worker *worker, struct err *err); /* before the first request */
    /* Takes the next request, where a worker has others to take than tickets: see
     * worker_take. Or NULL. */
    bool (*take)(struct worker *worker);
    /* One request is two halves with a wait between them, which is the model's business:
     * worker_perform for straight-line code, and what the others make of it. end records
     * the request; code is the transfer's, CURLE_OK for other waits. */
    struct await (*begin)(struct worker *worker);
    void (*end)(struct worker *worker, CURLcode code);
    /* Where one wait is not enough: what to wait for next, AWAIT_NOTHING at the end. code
     * is that of the wait that is over. Or NULL. */
    struct await (*more)(struct worker *worker, CURLcode code);
    /* The transfers that a worker's requests await together, made in init. Or NULL. */
    struct transfers *(*transfers)(struct worker *worker);
    void (*done)(struct worker *worker); /* also after a failed init */
};

/* The tasks that have a file of their own. */
extern const struct task task_db, task_fan_out, task_file, task_pipeline, task_switch;

/* The task of that name, or NULL. */
const struct task *task_find(const char *name);

#endif
