/* spawn.c: posix_spawn with the settings that all our children want; see spawn.h. It uses
 * vfork's way, so its cost does not grow with the harness. */
#include "harness/host/spawn.h"

#include "common/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <unistd.h>

#define LOWEST_FD 10

static int move_up(int fd)
{
    int high = fcntl(fd, F_DUPFD_CLOEXEC, LOWEST_FD);
    int error = errno;
    (void)close(fd);
    errno = error;
    return high;
}

int spawn_pipe(int *out_read_end, int *out_write_end)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC))
        return -errno;
    int read_end = move_up(fds[0]);
    int error = errno;
    int write_end = move_up(fds[1]);
    if (read_end < 0 || write_end < 0) {
        error = read_end < 0 ? error : errno;
        (void)close(read_end);
        (void)close(write_end);
        return -error;
    }
    *out_read_end = read_end;
    *out_write_end = write_end;
    return 0;
}

static int add_actions(const struct spawn_fd *fds, size_t count,
                       posix_spawn_file_actions_t *actions)
{
    int status = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
    if (!status)
        status = posix_spawn_file_actions_addopen(actions, 1, "/dev/null", O_WRONLY, 0);
    for (size_t i = 0; i < count && !status; i++)
        status = posix_spawn_file_actions_adddup2(actions, fds[i].ours, fds[i].theirs);
    return status;
}

static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t all;
    sigset_t none;
    (void)sigfillset(&all);
    (void)sigemptyset(&none);
    (void)posix_spawnattr_setpgroup(attributes, 0);
    (void)posix_spawnattr_setsigdefault(attributes, &all);
    (void)posix_spawnattr_setsigmask(attributes, &none);
    return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP |
                                                    POSIX_SPAWN_SETSIGDEF |
                                                    POSIX_SPAWN_SETSIGMASK);
}

int spawn_program(const char *path, const char *const *argv,
                  const char *const *environment, const struct spawn_fd *fds,
                  size_t fd_count, pid_t *out_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int status = posix_spawn_file_actions_init(&actions);
    if (status)
        return -status;
    status = posix_spawnattr_init(&attributes);
    if (!status) {
        status = add_actions(fds, fd_count, &actions);
        if (status == ENOMEM)
            memory_exhausted();
        if (!status)
            status = set_attributes(&attributes);
        if (!status)
            status = posix_spawn(out_pid, path, &actions, &attributes,
                                 (char *const *)(uintptr_t)argv,
                                 (char *const *)(uintptr_t)environment);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return -status;
}
