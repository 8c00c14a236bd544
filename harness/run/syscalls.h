/* syscalls: the system calls that one more request costs a model, by name.
 *
 * A tracer stops the runner at every call, so this is a separate pass, after the memory
 * pass, and nothing of it is ever timed. A runner is counted twice: with as few requests
 * as it has workers, and with more; the calls of the second less those of the first,
 * divided by the requests between them, are what a request costs a runner that is going:
 * exec, libraries, making workers and their first connections are in both and cancel. A
 * call that depends on chance (a lock found taken) can come out slightly below 0. */
#ifndef HARNESS_SYSCALLS_H
#define HARNESS_SYSCALLS_H

#include "common/err.h"
#include "harness/trial/trial.h"

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYSCALLS_NAMES_MAX 512
#define SYSCALLS_MORE_MAX  UINT64_C(1000) /* requests beyond one a worker */

struct syscalls_count {
    char name[40];
    uint64_t calls;
};

struct syscalls_table {
    struct syscalls_count counts[SYSCALLS_NAMES_MAX];
    size_t count;
};

/* What `strace -c` or `perf trace -s` wrote; the tables of several threads are added up.
 * False when there is no line of such a table. */
bool syscalls_parse_strace(const char *text, struct syscalls_table *out_table);
bool syscalls_parse_perf(const char *text, struct syscalls_table *out_table);

/* {name: calls a request} of the names that differ, new; requests > 0 is the difference
 * between their requests. *out_per_request is their sum. */
json_t *syscalls_per_request(const struct syscalls_table *few,
                             const struct syscalls_table *more, uint64_t requests,
                             double *out_per_request);

/* How many requests the two runs of a cell make. */
void syscalls_choose_requests(uint64_t concurrency, uint64_t cell_requests,
                              uint64_t *out_few, uint64_t *out_more);

/* Runs the cell under a tracer. *out_syscalls is new: cell.syscalls of docs/results.md,
 * also when it did not succeed (with the reason). An error means that the harness itself
 * cannot go on. request->requests are the cell's. */
int syscalls_run(const struct trial_context *context, const struct trial_request *request,
                 json_t **out_syscalls, struct err *err);

#endif
