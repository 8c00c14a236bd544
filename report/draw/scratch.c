/* scratch.c: see scratch.h. */
#include "report/draw/scratch.h"

#include "common/cleanup.h"
#include "common/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#define PREFIX "concbench-report."

/* When process pid began, in ticks since the start of the machine; 0: there is none. */
static unsigned long long start_of(long pid)
{
    char path[40], line[1024] = "";
    (void)snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    AUTO_FILE FILE *file = fopen(path, "re");
    const char *at = file && fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    for (int field = 2; at && field < 22; field++) /* starttime is the 22nd */
        at = strchr(at + 1, ' ');
    return at ? strtoull(at, NULL, 10) : 0;
}

/* The pid namespace, as pids are unique only in one; 0: unknown. */
static unsigned long long pid_namespace(void)
{
    struct stat st;
    return stat("/proc/self/ns/pid", &st) ? 0 : (unsigned long long)st.st_ino;
}

static const char *now; /* the folder there is, or NULL */

/* Removes the files that one look at the folder shows; returns how many. Not by opendir,
 * which allocates: this is called also when there is no memory. */
static size_t remove_some(int folder_fd)
{
    _Alignas(struct dirent64) char entries[8192];
    size_t removed = 0;
    (void)lseek(folder_fd, 0, SEEK_SET);
    const ssize_t size = getdents64(folder_fd, entries, sizeof entries);
    for (ssize_t at = 0; at < size;) {
        const struct dirent64 *entry = (const void *)(entries + at);
        removed += !unlinkat(folder_fd, entry->d_name, 0);
        at += entry->d_reclen;
    }
    return removed;
}

void scratch_remove(const char *folder)
{
    AUTO_FD int fd = *folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    while (remove_some(fd) > 0)
        continue;
    (void)rmdir(folder);
    now = now == folder ? NULL : now;
}

static int remove_now(const char *why)
{
    (void)why;
    if (now)
        scratch_remove(now);
    return 0;
}

/* Whether name is a folder left by a process of ours that has ended. */
static bool is_left_over(int base_fd, const char *name)
{
    unsigned long long namespace = 0, started = 0;
    long pid = 0;
    struct stat st;
    // NOLINTNEXTLINE(cert-err34-c): a number out of range belongs to no process
    if (sscanf(name, PREFIX "%llu-%ld-%llu.", &namespace, &pid, &started) != 3)
        return false;
    return namespace == pid_namespace() && start_of(pid) != started &&
           !fstatat(base_fd, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISDIR(st.st_mode) &&
           st.st_uid == geteuid();
}

static void remove_left_over(const char *base)
{
    DIR *directory = pid_namespace() && start_of(getpid()) ? opendir(base) : NULL;
    const struct dirent *entry = NULL;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
    while (directory && (entry = readdir(directory)) != NULL) {
        char path[PATH_MAX];
        const int length = snprintf(path, sizeof path, "%s/%s", base, entry->d_name);
        if (length > 0 && (size_t)length < sizeof path &&
            is_left_over(dirfd(directory), entry->d_name))
            scratch_remove(path);
    }
    if (directory)
        (void)closedir(directory);
}

int scratch_make(char *out_folder, size_t size, struct err *err)
{
    const char *given = getenv("TMPDIR"); // NOLINT(concurrency-mt-unsafe): one thread
    const char *base = given && *given == '/' ? given : "/tmp";
    remove_left_over(base);
    const int wanted = snprintf(out_folder, size, "%s/" PREFIX "%llu-%d-%llu.XXXXXX",
                                base, pid_namespace(), (int)getpid(), start_of(getpid()));
    const bool fits = wanted > 0 && (size_t)wanted < size;
    if (fits && mkdtemp(out_folder)) {
        now = out_folder;
        memory_on_end(remove_now);
        return 0;
    }
    const int error = fits ? errno : ENAMETOOLONG;
    *out_folder = '\0';
    return err_set(err, EXIT_CODE_UNFIT, "cannot make a temporary folder in %.200s: %s",
                   base, strerror(error));
}
