/* gate: worker processes that all start together, and die with their parent.
 *
 *     parent   gate_init  fork fork fork  gate_open ...................  gate_done
 *     child               gate_enter, make ready, gate_wait | tasks, _exit
 *
 * Two pipes say "ready" and "go" by being closed. Such a signal cannot be missed, and it
 * also comes when the other side has died. */
#ifndef RUNTIME_GATE_H
#define RUNTIME_GATE_H

#include "common/err.h"

#include <sys/types.h>

struct board;

struct gate {
    int ready[2]; /* children hold the writing end until they are ready */
    int go[2];    /* the parent holds the writing end until all may start */
    pid_t parent;
};

/* In the parent, before the first fork. EXIT_CODE_UNFIT. */
int gate_init(struct gate *gate, struct err *err);

/* First thing in a child: it dies when the parent dies, and what ends it for want of
 * memory is the run's error. */
void gate_enter(const struct gate *gate, struct board *board);

/* In a child that is ready, or never will be: returns when all the others are, too. */
void gate_wait(struct gate *gate);

/* In the parent, after the last fork: waits until every child is ready, or dead, and lets
 * them start. */
void gate_open(struct gate *gate);

/* In the parent: waits for the end of all its children. Each is reaped, as its CPU time
 * would not be counted otherwise. Children that share a channel with one that died are
 * told. */
void gate_done(struct gate *gate, struct board *board);

#endif
