/* lock.c: see lock.h. */
#include "harness/host/lock.h"

#include "common/cleanup.h"
#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* The pid in the file is for the message only; the lock is the flock. */
static int refuse(int fd, const char *directory, struct err *err)
{
    char pid[24] = "";
    ssize_t got = pread(fd, pid, sizeof pid - 1, 0);
    pid[got > 0 ? strspn(pid, "0123456789") : 0] = '\0';
    (void)close(fd);
    return err_set(err, EXIT_CODE_UNFIT,
                   "%.200s: another concbench run measures here (process %s); wait for "
                   "it to end, because two at once would disturb each other",
                   directory, *pid ? pid : "unknown");
}

static int write_pid(int fd)
{
    char text[24];
    const int length = snprintf(text, sizeof text, "%d\n", (int)getpid());
    return ftruncate(fd, 0) ? -errno : file_write_all(fd, text, (size_t)length);
}

/* The pid of the process that listens there, or 0 when it cannot be seen from here. */
static pid_t holder_of(const struct sockaddr_un *address, socklen_t size)
{
    struct ucred peer = {0};
    socklen_t peer_size = sizeof peer;
    AUTO_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)address, size) ||
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &peer_size))
        return 0;
    return peer.pid;
}

static int refuse_machine(const struct sockaddr_un *address, socklen_t size,
                          struct err *err)
{
    char who[40] = "of another user or container";
    const pid_t pid = holder_of(address, size);
    if (pid > 0)
        (void)snprintf(who, sizeof who, "%d", (int)pid);
    return err_set(err, EXIT_CODE_UNFIT,
                   "another concbench measures on this machine (process %s); wait for it "
                   "or end it, because two at once would disturb each other",
                   who);
}

/* The lock, if the process that started us has it and hands it on in CONCBENCH_LOCK_FD;
 * else -1. The variable goes no further. */
static int inherited(const struct sockaddr_un *address, socklen_t size)
{
    const char *text = getenv("CONCBENCH_LOCK_FD");
    struct sockaddr_un bound = {.sun_family = AF_UNIX};
    socklen_t bound_size = sizeof bound;
    char *end = NULL;
    const long fd = text ? strtol(text, &end, 10) : -1;
    const bool is_ours = fd > STDERR_FILENO && fd <= INT_MAX && !*end &&
                         !getsockname((int)fd, (struct sockaddr *)&bound, &bound_size) &&
                         bound_size == size && !memcmp(&bound, address, size) &&
                         !fcntl((int)fd, F_SETFD, FD_CLOEXEC);
    (void)unsetenv("CONCBENCH_LOCK_FD");
    return is_ours ? (int)fd : -1;
}

int lock_machine(int *out_fd, struct err *err)
{
    const char *name = getenv("CONCBENCH_LOCK_NAME"); /* for the tests of the suite */
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int length =
        snprintf(address.sun_path + 1, sizeof address.sun_path - 1,
                 "concbench.measures%s%s", name && *name ? "." : "", name ? name : "");
    if (length < 0 || (size_t)length + 1 >= sizeof address.sun_path)
        return err_set(err, EXIT_CODE_USAGE, "CONCBENCH_LOCK_NAME: too long");
    const socklen_t size =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
    int fd = inherited(&address, size);
    if (fd >= 0) {
        *out_fd = fd;
        return 0;
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && !bind(fd, (const struct sockaddr *)&address, size) &&
        !listen(fd, SOMAXCONN)) {
        *out_fd = fd;
        return 0;
    }
    const int status = errno;
    cleanup_close_fd(&fd);
    if (status == EADDRINUSE)
        return refuse_machine(&address, size, err);
    return err_set(err, EXIT_CODE_UNFIT, "cannot lock this machine: %s",
                   strerror(status));
}

int lock_take(const char *directory, int *out_fd, struct err *err)
{
    char path[PATH_MAX];
    struct stat st;
    (void)snprintf(path, sizeof path, "%s/.lock", directory);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
    if (fd < 0)
        return err_set(err, EXIT_CODE_UNFIT, "cannot write %.300s: %s", path,
                       errno == ELOOP ? "it is a link; remove it" : strerror(errno));
    if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        (void)close(fd);
        return err_set(err, EXIT_CODE_UNFIT,
                       "cannot write %.300s: not a regular file; remove it", path);
    }
    if (flock(fd, LOCK_EX | LOCK_NB)) {
        if (errno == EWOULDBLOCK)
            return refuse(fd, directory, err);
        int status = errno;
        (void)close(fd);
        return err_set(err, EXIT_CODE_UNFIT, "cannot lock %.300s: %s", path,
                       strerror(status));
    }
    const int status = write_pid(fd);
    if (status) {
        (void)close(fd);
        return err_set(err, EXIT_CODE_UNFIT, "cannot write %.300s: %s", path,
                       strerror(-status));
    }
    *out_fd = fd;
    return 0;
}
