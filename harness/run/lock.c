/* lock.c: see lock.h. */
#include "harness/run/lock.h"

#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The pid in the file is for the message only; the lock is the flock. */
static int refuse(int fd, const char *directory, struct err *err)
{
    char pid[24] = "";
    ssize_t got = pread(fd, pid, sizeof pid - 1, 0);
    pid[got > 0 ? strspn(pid, "0123456789") : 0] = '\0';
    (void)close(fd);
    return err_set(
        err, EXIT_CODE_UNFIT,
        "%.200s: another concbench run measures here (process %s); wait for it, "
        "two at once would measure each other",
        directory, *pid ? pid : "unknown");
}

static int write_pid(int fd)
{
    char text[24];
    const int length = snprintf(text, sizeof text, "%d\n", (int)getpid());
    return ftruncate(fd, 0) ? -errno : file_write_all(fd, text, (size_t)length);
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
