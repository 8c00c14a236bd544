/* rehearsal: how much of a stack the run's task needs, found before the run.
 *
 * A coroutine on an ample stack performs a few requests whose waits are over at once, one
 * with each of several results, so that the ways of failure, which print, are taken too.
 * Nothing of it is recorded, and nothing goes out: it has no transfer and no call made. It
 * is done twice, as calls for the first time have their addresses looked up, on the stack
 * of whoever calls. */
#ifndef RUNTIME_REHEARSAL_H
#define RUNTIME_REHEARSAL_H

#include "common/err.h"
#include "runtime/loop/co.h"
#include "runtime/run.h"

/* From this size on a stack has room for every task, and is not asked about. */
#define REHEARSAL_STACK_AMPLE 65536

/* Refuses a --stack-bytes on which the task does not fit, by what a rehearsal used, with
 * the size that is enough: EXIT_CODE_UNFIT. Tasks that cannot be rehearsed need
 * SETTINGS_THREAD_STACK_MIN. The thread that will run the coroutines calls it. */
int rehearsal_check(const struct run *run, const struct co_backend *backend,
                    struct err *err);

#endif
