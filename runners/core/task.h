/* task: what one request does. Straight-line code, the same function in every model. */
#ifndef CORE_TASK_H
#define CORE_TASK_H

#include "common/err.h"

#include <curl/curl.h>
#include <stdbool.h>

struct worker;

struct task {
    const char *name; /* the value of --task and of "task" in the result document */
    bool needs_url;
    int (*init)(struct worker *worker, struct err *err); /* before the first request */
    void (*perform)(struct worker *worker);              /* one request, recorded */
    /* The two halves of perform, before and after its wait, for models whose workers are
     * not straight-line code: begin returns the transfer to wait for, NULL for none. */
    CURL *(*begin)(struct worker *worker);
    void (*end)(struct worker *worker, CURLcode code);
    void (*done)(struct worker *worker); /* also after a failed init */
};

/* The task of that name, or NULL. */
const struct task *task_find(const char *name);

#endif
