/* fork_join: how a thread waits for several transfers. It makes a thread for each
 * transfer but one, makes that one itself, and joins the others. Any other wait blocks.
 *
 *     thread     fork fork [transfer 1 ....wait....] join join
 *     thread 2   [transfer 2 ....wait.....]
 *     thread 3        [transfer 3 ....wait.............]
 */
#ifndef RUNTIME_FORK_JOIN_H
#define RUNTIME_FORK_JOIN_H

#include "common/err.h"
#include "runtime/worker.h"

#include <pthread.h>

struct helper; /* opaque: one of its threads */

/* A worker's way to wait; give its wait to worker_init. */
struct fork_join {
    struct wait wait;
    struct run *run;           /* borrowed */
    struct recorder *recorder; /* borrowed: counts the CPU time of helpers */
    struct helper *helpers;    /* room for them; NULL: a request is one transfer */
};

/* Makes the wait of a worker with this recorder. */
void fork_join_init(struct fork_join *self, struct run *run, size_t recorder_index);

void fork_join_done(struct fork_join *self); /* also after a failed init */

#endif
