/* lock: one measuring harness per machine, and per results directory. */
#ifndef HARNESS_LOCK_H
#define HARNESS_LOCK_H

#include "common/err.h"

/* Takes an flock on <directory>/.lock without waiting. The kernel drops it with the
 * process, so a file left behind by a killed harness is harmless. *out_fd is to be closed
 * by the caller. EXIT_CODE_UNFIT when another one holds it (names its pid) or the file
 * cannot be made. */
int lock_take(const char *directory, int *out_fd, struct err *err);

/* Takes the machine's lock, an abstract Unix socket whose name the kernel frees with the
 * process. It holds for all users of one network namespace, but not across containers
 * that have their own. *out_fd is to be closed by the caller. EXIT_CODE_UNFIT when
 * another harness measures (names its pid), whatever its results directory. A program
 * that runs several harnesses holds the lock itself and hands the socket on: its number
 * is in CONCBENCH_LOCK_FD. */
int lock_machine(int *out_fd, struct err *err);

#endif
