/* file.c: atomic whole-file writing and bounded reading; see file.h. */
#include "common/file.h"

#include "common/owners.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

int file_read(const char *path, size_t max_bytes, char **out_text, size_t *out_size,
              struct err *err)
{
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    if (fd < 0 || fstat(fd, &st))
        return err_set(err, EXIT_CODE_USAGE, "%.300s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return err_set(err, EXIT_CODE_USAGE, "%.300s: not a regular file", path);
    if ((unsigned long long)st.st_size > max_bytes)
        return err_set(err, EXIT_CODE_USAGE, "%.300s: larger than %zu bytes", path,
                       max_bytes);
    size_t capacity = (size_t)st.st_size;
    AUTO_FREE char *text = malloc(capacity + 1);
    if (!text)
        return err_set(err, EXIT_CODE_INTERNAL, "%.300s: out of memory", path);
    size_t size = 0;
    while (size < capacity) {
        ssize_t got = read(fd, text + size, capacity - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set(err, EXIT_CODE_USAGE, "%.300s: %s", path, strerror(errno));
        if (got == 0)
            break;
        size += (size_t)got;
    }
    text[size] = '\0';
    *out_text = text;
    *out_size = size;
    text = NULL; /* moved out */
    return 0;
}

int file_write_all(int fd, const void *bytes, size_t size)
{
    const char *left = bytes;
    while (size > 0) {
        ssize_t put = write(fd, left, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -errno;
        left += put;
        size -= (size_t)put;
    }
    return 0;
}

int file_sync_parent(const char *path)
{
    char parent[PATH_MAX];
    const char *slash = strrchr(path, '/');
    (void)snprintf(parent, sizeof parent, "%.*s", slash ? (int)(slash - path + 1) : 1,
                   slash ? path : ".");
    AUTO_FD int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 || (fsync(fd) && errno != EINVAL) ? -errno : 0;
}

static int write_temporary(const char *temporary, const void *bytes, size_t size)
{
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return -errno;
    int status = file_write_all(fd, bytes, size);
    if (!status && fsync(fd))
        status = -errno;
    if (close(fd) && !status)
        status = -errno;
    return status;
}

int file_write(const char *path, const void *bytes, size_t size, struct err *err)
{
    char temporary[PATH_MAX];
    struct stat st;
    if (!stat(path, &st) && !S_ISREG(st.st_mode)) /* the rename would replace a device */
        return err_set(err, EXIT_CODE_UNFIT, "cannot write %.300s: not a regular file",
                       path);
    int length = snprintf(temporary, sizeof temporary, "%s.tmp.%d", path, (int)getpid());
    if (length < 0 || (size_t)length >= sizeof temporary)
        return err_set(err, EXIT_CODE_UNFIT, "%.300s: path too long", path);
    int status = write_temporary(temporary, bytes, size);
    if (!status && rename(temporary, path))
        status = -errno;
    if (!status)
        status = file_sync_parent(path);
    if (status) {
        (void)unlink(temporary);
        return err_set(err, EXIT_CODE_UNFIT, "cannot write %.300s: %s", path,
                       strerror(-status));
    }
    return 0;
}

int file_write_json(const char *path, const json_t *json, struct err *err)
{
    AUTO_FREE char *text =
        json_dumps(json, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_REAL_PRECISION(10));
    if (!text)
        return err_set(err, EXIT_CODE_INTERNAL, "%.300s: cannot be written as JSON",
                       path);
    size_t length = strlen(text);
    text[length] = '\n'; /* takes the place of the NUL; the size says where it ends */
    return file_write(path, text, length + 1, err);
}
