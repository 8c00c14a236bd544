/* file.c: atomic whole-file writing and bounded reading; see file.h. */
#include "common/file.h"

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY ".tmp."
#define TRIES     16 /* names of a temporary file */

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
    AUTO_FREE char *text = memory_malloc(capacity + 1);
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

/* The folder of path into out_parent (PATH_MAX bytes). Returns path's last part. */
static const char *split_path(const char *path, char *out_parent)
{
    const char *slash = strrchr(path, '/');
    (void)snprintf(out_parent, PATH_MAX, "%.*s", slash ? (int)(slash - path + 1) : 1,
                   slash ? path : ".");
    return slash ? slash + 1 : path;
}

int file_sync_parent(const char *path)
{
    char parent[PATH_MAX];
    (void)split_path(path, parent);
    AUTO_FD int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 || (fsync(fd) && errno != EINVAL) ? -errno : 0;
}

/* A name that cannot be guessed and that no earlier process can have left behind. */
static int name_temporary(const char *path, char *out_name, size_t size)
{
    uint32_t random = 0;
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        random = (uint32_t)clock_ns(); /* the open below refuses what exists */
    int length = snprintf(out_name, size, "%s" TEMPORARY "%08" PRIx32, path, random);
    return length < 0 || (size_t)length >= size ? -ENAMETOOLONG : 0;
}

/* Creates a temporary file beside path, locked for as long as it is open, with the mode
 * of the file that it is to replace. Returns the descriptor or -errno. */
static int open_temporary(const char *path, const struct stat *old, char *out_name,
                          size_t size)
{
    for (int i = 0; i < TRIES; i++) {
        struct stat st;
        int status = name_temporary(path, out_name, size);
        if (status)
            return status;
        int fd = open(out_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd < 0 && errno == EEXIST)
            continue;
        if (fd < 0)
            return -errno;
        (void)flock(fd, LOCK_EX | LOCK_NB);
        if (fstat(fd, &st) || st.st_nlink == 0) { /* swept away before it was locked */
            (void)close(fd);
            continue;
        }
        if (old)
            (void)fchmod(fd, old->st_mode & 0777);
        return fd;
    }
    return -EEXIST;
}

/* Whether name is one of the temporary files of base: that and up to eight hex digits. */
static bool is_temporary_of(const char *name, const char *base)
{
    const size_t length = strlen(base);
    if (strncmp(name, base, length) != 0 ||
        strncmp(name + length, TEMPORARY, sizeof TEMPORARY - 1) != 0)
        return false;
    const char *digits = name + length + sizeof TEMPORARY - 1;
    const size_t count = strspn(digits, "0123456789abcdef");
    return count > 0 && count <= 8 && !digits[count];
}

/* Removes the file if it is ours and its writer is dead: the lock went with the process.
 */
static void remove_leftover(int folder, const char *name)
{
    struct stat st;
    AUTO_FD int fd =
        openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
        !flock(fd, LOCK_EX | LOCK_NB))
        (void)unlinkat(folder, name, 0);
}

/* Removes the temporary files that killed writers of path left beside it. */
static void remove_leftovers(const char *path)
{
    char parent[PATH_MAX];
    const char *base = split_path(path, parent);
    DIR *folder = opendir(parent);
    const struct dirent *entry = NULL;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody else has this folder's handle */
    while (folder && (entry = readdir(folder))) {
        if (is_temporary_of(entry->d_name, base))
            remove_leftover(dirfd(folder), entry->d_name);
    }
    if (folder)
        (void)closedir(folder);
}

/* Nothing takes the old file's place before the new one is on the disk. */
static int write_and_rename(int fd, const char *temporary, const char *path,
                            const void *bytes, size_t size)
{
    int status = file_write_all(fd, bytes, size);
    if (!status && fsync(fd))
        status = -errno;
    if (!status && rename(temporary, path))
        status = -errno;
    if (close(fd) && !status)
        status = -errno;
    return status ? status : file_sync_parent(path);
}

int file_write(const char *path, const void *bytes, size_t size, struct err *err)
{
    char temporary[PATH_MAX];
    struct stat st;
    const bool is_there = !stat(path, &st);
    if (is_there && !S_ISREG(st.st_mode)) /* the rename would replace a device */
        return err_set(err, EXIT_CODE_UNFIT, "cannot write %.300s: not a regular file",
                       path);
    int fd = open_temporary(path, is_there ? &st : NULL, temporary, sizeof temporary);
    if (fd == -ENAMETOOLONG)
        return err_set(err, EXIT_CODE_UNFIT, "%.300s: path too long", path);
    int status = fd < 0 ? fd : write_and_rename(fd, temporary, path, bytes, size);
    if (status) {
        if (fd >= 0)
            (void)unlink(temporary);
        return err_set(err, EXIT_CODE_UNFIT, "cannot write %.300s: %s", path,
                       strerror(-status));
    }
    remove_leftovers(path);
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

int file_make_folder(const char *path, struct err *err)
{
    struct stat st;
    if (mkdir(path, 0777) && errno != EEXIST)
        return err_set(err, EXIT_CODE_UNFIT, "cannot make the folder %.300s: %s", path,
                       strerror(errno));
    if (stat(path, &st) || !S_ISDIR(st.st_mode))
        return err_set(err, EXIT_CODE_UNFIT, "%.300s: not a folder", path);
    if (access(path, W_OK | X_OK))
        return err_set(err, EXIT_CODE_UNFIT, "cannot write in %.300s: %s", path,
                       strerror(errno));
    return 0;
}
