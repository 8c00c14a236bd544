/* spawn: starts a helper program that inherits nothing but what it is given. */
#ifndef HARNESS_SPAWN_H
#define HARNESS_SPAWN_H

#include <stddef.h>
#include <sys/types.h>

struct spawn_fd {
    int ours;   /* from spawn_pipe, or above all of theirs */
    int theirs; /* its number in the program */
};

/* A pipe whose ends are CLOEXEC and numbered from 10 on, so that dup2 to the low numbers
 * of a program overwrites none of them. 0 or -errno. */
int spawn_pipe(int *out_read_end, int *out_write_end);

/* Starts path in a process group of its own (Ctrl-C reaches the harness alone), with
 * default signal handling, stdin and stdout /dev/null, stderr ours unless it is among the
 * fds. All else that is CLOEXEC is closed. 0 or -errno. */
int spawn_program(const char *path, const char *const *argv,
                  const char *const *environment, const struct spawn_fd *fds,
                  size_t fd_count, pid_t *out_pid);

#endif
