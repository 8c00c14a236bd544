/* interrupt: somebody wants the program to end. */
#ifndef HARNESS_INTERRUPT_H
#define HARNESS_INTERRUPT_H

#include <signal.h>

/* 0, or the number of the signal that asked for the end: the trial in progress is stopped
 * within 2 s and trial_run returns with an invalid trial of class "signal". */
extern volatile sig_atomic_t interrupt_requested;

/* The handler for process_catch_ending. */
void interrupt_by(int signal_number);

#endif
