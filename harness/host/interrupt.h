/* interrupt: somebody wants the program to end. */
#ifndef HARNESS_INTERRUPT_H
#define HARNESS_INTERRUPT_H

#include <signal.h>

/* A handler of SIGINT or SIGTERM may set this: the trial in progress is stopped within
 * 2 s and trial_run returns with an invalid trial of class "signal". */
extern volatile sig_atomic_t interrupt_requested;

#endif
