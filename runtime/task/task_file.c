/* task_file.c: the task `file`: a worker reads, or writes, a regular file of its own.
 *
 * To poll and to epoll a regular file is always ready. There is no "would block", and a
 * read that has to go to the disk blocks the thread that makes it. So the wait of this
 * task is a call. A loop makes it itself and stands still meanwhile; a model with threads
 * hands it to one of them.
 *
 *   read    drop the file from the page cache, pread all of it, compare every byte
 *   write   pwrite all of it, fdatasync
 *
 * A file has no name (O_TMPFILE), so whatever ends the runner leaves nothing behind. */
#include "common/memory.h"
#include "runtime/task/task.h"

#include "common/clock.h"
#include "runtime/shared.h"
#include "runtime/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#define CHUNK_BYTES  ((size_t)256 * 1024) /* what one system call reads or writes */
#define PERIOD_BYTES 251 /* prime: no block of a disk looks like another */

/* What is in all files, from any multiple of the period on. It is filled before the
 * first worker is made, and only in this task: other tasks never touch its pages. */
static char pattern[PERIOD_BYTES + CHUNK_BYTES];

struct file {
    int fd;
    bool is_write;
    uint64_t size_bytes;
    enum outcome outcome; /* of the request in hand */
    uint64_t done_bytes;  /* by it */
    int error;            /* errno of OUTCOME_OTHER; 0: other contents */
    char read[];          /* a chunk, where the files are read */
};

static const char *directory_of(const struct settings *s)
{
    const char *from_environment = getenv("TMPDIR");
    if (s->file_dir)
        return s->file_dir;
    return from_environment && *from_environment ? from_environment : "/tmp";
}

static size_t chunk_at(const struct file *file, uint64_t offset)
{
    uint64_t left = file->size_bytes - offset;
    return left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
}

/* Returns 0 or -errno; *out_done is how much was written all the same. */
static int write_all(const struct file *file, uint64_t *out_done)
{
    uint64_t offset = 0;
    int status = 0;
    while (offset < file->size_bytes && !status) {
        ssize_t count = pwrite(file->fd, pattern + offset % PERIOD_BYTES,
                               chunk_at(file, offset), (off_t)offset);
        if (count > 0)
            offset += (uint64_t)count;
        else if (count == 0 || errno != EINTR)
            status = count ? -errno : -EIO;
    }
    if (!status && fdatasync(file->fd))
        status = -errno;
    *out_done = offset;
    return status;
}

static enum outcome read_all(struct file *file, uint64_t *out_done)
{
    uint64_t offset = 0;
    enum outcome outcome = OUTCOME_OK;
    (void)posix_fadvise(file->fd, 0, 0, POSIX_FADV_DONTNEED);
    file->error = 0;
    while (offset < file->size_bytes && outcome == OUTCOME_OK) {
        ssize_t count =
            pread(file->fd, file->read, chunk_at(file, offset), (off_t)offset);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            file->error = errno;
        if (count < 0 ||
            memcmp(file->read, pattern + offset % PERIOD_BYTES, (size_t)count) != 0)
            outcome = OUTCOME_OTHER;
        else if (count == 0)
            outcome = OUTCOME_SHORT;
        else
            offset += (uint64_t)count;
    }
    *out_done = offset;
    return outcome;
}

/* The call that blocks. Any thread may make it, as it uses nothing but the file. */
static void perform(void *arg)
{
    struct file *file = arg;
    if (!file->is_write) {
        file->outcome = read_all(file, &file->done_bytes);
    } else {
        file->error = -write_all(file, &file->done_bytes);
        file->outcome = file->error ? OUTCOME_OTHER : OUTCOME_OK;
    }
}

/* Opens a file without a name. Where the file system has none, the name is removed at
 * once. */
static int open_nameless(const char *directory)
{
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
        return fd;
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/concbench-XXXXXX",
                   directory); /* opened before */
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        (void)unlink(path);
    return fd;
}

/* Runs before the workers. A limit on file sizes must be an error, not a signal. */
static int check(const struct settings *settings, struct err *err)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigaction(SIGXFSZ, &ignore, NULL);
    const char *directory = directory_of(settings);
    int fd = open_nameless(directory);
    if (fd < 0)
        return err_set(err, EXIT_CODE_UNFIT,
                       "no file can be made in %.200s: %s; name another directory with "
                       "--file-dir",
                       directory, strerror(errno));
    (void)close(fd);
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = (char)(i % PERIOD_BYTES);
    return 0;
}

/* The kind of file system, for the result: on one in memory nothing blocks. */
static const char *file_system_of(const char *directory)
{
    static const struct {
        unsigned long magic;
        const char *name;
    } table[] = {
        {EXT4_SUPER_MAGIC, "ext4"},   {XFS_SUPER_MAGIC, "xfs"},
        {BTRFS_SUPER_MAGIC, "btrfs"}, {OVERLAYFS_SUPER_MAGIC, "overlay"},
        {TMPFS_MAGIC, "tmpfs"},       {NFS_SUPER_MAGIC, "nfs"},
    };
    struct statfs facts;
    if (statfs(directory, &facts))
        return "unknown";
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        if ((unsigned long)facts.f_type == table[i].magic)
            return table[i].name;
    }
    return "other";
}

static void note(struct run *run)
{
    const struct settings *s = &run->settings;
    run_add_knob(run, "file_op", s->file_op, 0);
    run_add_knob(run, "file_bytes", NULL, s->file_bytes);
    run_add_knob(run, "file_system", file_system_of(directory_of(s)), 0);
}

/* Both operations begin with a whole file on the disk. So the first request is like the
 * others, and a disk that is too small is noticed before it. */
static int init(struct worker *worker, struct err *err)
{
    const struct settings *s = &worker->run->settings;
    int status = fetch_library_init(err); /* as in all tasks */
    if (status)
        return status;
    const struct file plain = {.is_write = !strcmp(s->file_op, "write"),
                               .size_bytes = s->file_bytes};
    struct file *file =
        memory_malloc(sizeof *file + (plain.is_write ? 0 : chunk_at(&plain, 0)));
    *file = plain;
    worker->state = file;
    file->fd = open_nameless(directory_of(s));
    uint64_t done = 0;
    status = file->fd < 0 ? -errno : write_all(file, &done);
    if (status)
        return err_set(err, EXIT_CODE_UNFIT,
                       "cannot make a file of %llu bytes in %.200s: %s; see --file-dir "
                       "and --file-bytes",
                       (unsigned long long)s->file_bytes, directory_of(s),
                       strerror(-status));
    return 0;
}

static struct await begin(struct worker *worker)
{
    shared_enter(worker->run->shared);
    worker->start_ns = clock_ns();
    return worker_call(worker, perform, worker->state);
}

static void note_reason(struct worker *worker, const struct file *file)
{
    const char *why = file->error ? strerror(file->error) : "other contents than written";
    if (file->outcome == OUTCOME_SHORT)
        why = "the file ends too early";
    worker_note(worker, file->outcome, "%s the file at byte %llu: %s",
                file->is_write ? "writing" : "reading",
                (unsigned long long)file->done_bytes, why);
}

static void end(struct worker *worker, CURLcode code)
{
    const struct file *file = worker->state;
    (void)code;
    uint64_t end_ns = clock_ns();
    shared_leave(worker->run->shared);
    if (file->outcome != OUTCOME_OK)
        note_reason(worker, file);
    worker_record(worker, file->outcome, worker->start_ns, end_ns, file->done_bytes);
}

static void done(struct worker *worker)
{
    struct file *file = worker->state;
    if (file && file->fd >= 0)
        (void)close(file->fd);
    free(file);
    worker->state = NULL;
}

const struct task task_file = {.name = "file",
                               .has_own_fd = true,
                               .check = check,
                               .note = note,
                               .init = init,
                               .begin = begin,
                               .end = end,
                               .done = done};
