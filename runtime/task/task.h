/* task: what one request does, in straight-line code that is the same in every model. */
#ifndef RUNTIME_TASK_H
#define RUNTIME_TASK_H

#include "common/err.h"
#include "runtime/await.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

struct run;
struct settings;
struct worker;

struct task {
    const char *name; /* the value of --task and of "task" in the result document */
    bool needs_url;
    bool has_own_fd;  /* a worker holds one descriptor, whatever the model */
    bool has_channel; /* between its workers */
    /* A worker can perform it without transfers or calls: loop/rehearsal.h. */
    bool is_rehearsed;
    /* Checks what the task needs besides a URL, before the first worker is made:
     * EXIT_CODE_USAGE or EXIT_CODE_UNFIT. Or NULL. */
    int (*check)(const struct settings *settings, struct err *err);
    void (*note)(struct run *run); /* notes its options as knobs; or NULL */
    int (*init)(struct worker *worker, struct err *err); /* before the first request */
    /* Takes the next request, in tasks where that is more than taking a ticket: see
     * worker_take. Or NULL. */
    bool (*take)(struct worker *worker);
    /* One request is two halves with a wait between them, and the wait is the model's:
     * worker_perform makes it for straight-line code, other models make their own. end
     * records the request; code is the transfer's, or CURLE_OK for other waits. */
    struct await (*begin)(struct worker *worker);
    void (*end)(struct worker *worker, CURLcode code);
    /* What to wait for next, in tasks that need more than one wait; AWAIT_NOTHING ends
     * the request. code is that of the last wait. Or NULL. */
    struct await (*more)(struct worker *worker, CURLcode code);
    /* The transfers that a worker's requests await together, made in init. Or NULL. */
    struct transfers *(*transfers)(struct worker *worker);
    void (*done)(struct worker *worker); /* also after a failed init */
};

/* The tasks that have a file of their own. */
extern const struct task task_db, task_fan_out, task_file, task_pipeline, task_spawn,
    task_switch;

/* The tasks by number, in the order of their table; NULL beyond the last. Without begin,
 * a task is not in this build. */
const struct task *task_at(size_t index);

/* The task of that name, or NULL. */
const struct task *task_find(const char *name);

#endif
