/* process: what every program of the suite does first and last. A program inherits more
 * than its arguments: signals that are ignored or blocked, closed descriptors, a small
 * stack. Recipe: process_begin at the top of main, process_end around its exit code. */
#ifndef COMMON_PROCESS_H
#define COMMON_PROCESS_H

#include "common/err.h"

#include <signal.h>

/* Below this the programs are refused: they, libcurl and OpenSSL would overflow it. */
#define PROCESS_STACK_KIB 256

/* Puts right what was inherited: unblocks all signals, gives SIGCHLD its default (where a
 * parent ignored it, no child could be reaped), ignores SIGXFSZ (a file that grows beyond
 * `ulimit -f` is then EFBIG), opens 0, 1 and 2 on /dev/null where they are closed; stdout
 * in such a way that writing fails. EXIT_CODE_UNFIT when the stack limit is too low. Call
 * it before there are threads. */
int process_begin(struct err *err);

/* For a child before an exec, since ignored signals stay ignored across it. Gives SIGXFSZ
 * and SIGPIPE their defaults and unblocks all signals. Async-signal-safe. */
void process_before_exec(void);

/* For a child: the kernel sends it the signal, such as SIGKILL, when the parent
 * ends. If the parent has ended already, the child ends at once with code 127.
 * Async-signal-safe. */
void process_die_with(pid_t parent, int signal_number);

/* The signals that end a program: SIGHUP, SIGINT, SIGTERM, without those that are
 * ignored. By convention ignored signals stay ignored: nohup ignores SIGHUP, a shell
 * without job control SIGINT in what it starts in the background. */
void process_ending_signals(sigset_t *out_set);

/* Installs handler for these signals. It is called for the first of them; one that comes
 * more than 200 ms later, as from an impatient person, has the default action. Others are
 * one event that is told several times: a parent that is killed sends its death signal as
 * often as it had threads. System calls are interrupted. */
void process_catch_ending(void (*handler)(int signal_number));

/* The exit code of main: code, or err's, which is printed as "program: text". What was
 * written to stdout and cannot be flushed is an error, too: EXIT_CODE_UNFIT. */
int process_end(int code, struct err *err, const char *program);

/* Ends by the signal that interrupted the work, as the parent has to see it, after all
 * output; before that an error is printed as above. */
void process_end_by_signal(int signal_number, struct err *err, const char *program);

#endif
