/* start_barrier: worker processes that all start together, and die with their parent.
 *
 *     parent   init  fork fork fork  open ..................  done
 *     child               enter, make ready, wait | tasks, _exit
 *
 * Two pipes say "ready" and "go" by being closed. Such a signal cannot be missed, and it
 * also comes when the other side has died. */
#ifndef RUNTIME_START_BARRIER_H
#define RUNTIME_START_BARRIER_H

#include "common/err.h"

#include <sys/types.h>

struct shared;

struct start_barrier {
    int ready[2]; /* children hold the writing end until they are ready */
    int go[2];    /* the parent holds the writing end until all may start */
    pid_t parent;
};

/* In the parent, before the first fork. EXIT_CODE_UNFIT. */
int start_barrier_init(struct start_barrier *barrier, struct err *err);

/* First thing in a child: it dies when the parent dies, and what ends it for want of
 * memory is the run's error. */
void start_barrier_enter(const struct start_barrier *barrier, struct shared *shared);

/* In a child that is ready, or never will be: returns when all the others are, too. */
void start_barrier_wait(struct start_barrier *barrier);

/* In the parent, after the last fork: waits until every child is ready, or dead, and lets
 * them start. */
void start_barrier_open(struct start_barrier *barrier);

/* In the parent: waits for the end of all its children. Each is reaped, as its CPU time
 * would not be counted otherwise. Children that wait for one that died, at the line of the
 * warm requests or in a channel, are told. */
void start_barrier_done(struct start_barrier *barrier, struct shared *shared);

#endif
