/* memory.c: Pss of a process tree; see memory.h. When to run a trial for it, and how long
 * the trial must be, is memory_pass.c's. */
#include "harness/trial/memory.h"

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/options.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* Before the plateau the origin is asked often, so that no time of it is lost, but the
 * tree is left alone most of the time: a sample holds the mmap lock that starting threads
 * need. With 1 ms even the null runner, gone in a few of them, is seen. */
#define WAY_UP_INTERVAL_MS UINT64_C(1)
#define WAY_UP_FACTOR      20
#define BLIND_PAUSE_MS     UINT64_C(100) /* at most, while the plateau is unknown */

/* A growing list of pids: the tree in breadth-first order. */
struct pids {
    pid_t *items; /* owned */
    size_t count, room;
};

static void push(struct pids *pids, pid_t pid)
{
    if (pids->count == pids->room) {
        size_t room = pids->room ? 2 * pids->room : 64;
        pid_t *bigger = reallocarray(pids->items, room, sizeof *bigger);
        if (!bigger)
            return; /* a smaller sum than the truth; the plateau has other samples */
        pids->items = bigger;
        pids->room = room;
    }
    pids->items[pids->count++] = pid;
}

/* Reads at most size - 1 bytes of a file of /proc; -errno when it cannot be opened. */
static int read_at(int dir_fd, const char *path, char *text, size_t size)
{
    AUTO_FD int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    size_t used = 0;
    ssize_t got = 0;
    while (used + 1 < size && (got = read(fd, text + used, size - 1 - used)) > 0)
        used += (size_t)got;
    text[used] = '\0';
    return got < 0 ? -errno : (int)used;
}

/* Children belong to the thread that forked them. False when the kernel does not list
 * them (CONFIG_PROC_CHILDREN) or the thread is gone. */
static bool push_children(int task_fd, const char *tid, struct pids *pids)
{
    char path[NAME_MAX + 16];
    char text[65536]; /* 8,000 children of one thread */
    (void)snprintf(path, sizeof path, "%s/children", tid);
    if (read_at(task_fd, path, text, sizeof text) < 0)
        return false;
    char *end = NULL;
    for (char *p = text; *p; p = end + 1) {
        long pid = strtol(p, &end, 10);
        if (end == p || *end != ' ')
            break;
        push(pids, (pid_t)pid);
    }
    return true;
}

/* False when no thread of pid lists its children. */
static bool push_all_children(pid_t pid, struct pids *pids)
{
    bool has_any = false;
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *tasks = opendir(path);
    if (!tasks)
        return false;
    const struct dirent *entry = NULL;
    while ((entry = readdir(tasks))) {
        if (entry->d_name[0] != '.')
            has_any |= push_children(dirfd(tasks), entry->d_name, pids);
    }
    (void)closedir(tasks);
    return has_any;
}

/* The bytes on the line of text that starts with name, or 0. */
static uint64_t bytes_on(const char *text, const char *name)
{
    const char *line = strstr(text, name);
    return line ? strtoull(line + strlen(name), NULL, 10) * 1024 : 0;
}

/* Adds the Pss of one process to the sample. */
static int add_pss(pid_t pid, struct memory_sample *sample)
{
    char path[64];
    char text[4096];
    (void)snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    int got = read_at(AT_FDCWD, path, text, sizeof text);
    if (got <= 0 || !strstr(text, "\nPss:"))
        return got < 0 ? got : -ENODATA; /* a zombie has no memory and no line */
    sample->pss_bytes += bytes_on(text, "\nPss:");
    sample->anon_bytes += bytes_on(text, "\nPss_Anon:");
    sample->file_bytes += bytes_on(text, "\nPss_File:");
    sample->shmem_bytes += bytes_on(text, "\nPss_Shmem:");
    sample->processes++;
    return 0;
}

int memory_sample_tree(pid_t root, struct memory_sample *out_sample)
{
    struct memory_sample sample = {0};
    struct pids pids = {0};
    int status = 0;
    push(&pids, root);
    for (size_t i = 0; i < pids.count; i++) {
        int error = add_pss(pids.items[i], &sample);
        bool is_listed = push_all_children(pids.items[i], &pids);
        if (i == 0) /* half a tree must not pass for the whole */
            status = error || is_listed ? error : -ENOTSUP;
    }
    free(pids.items);
    if (!status)
        *out_sample = sample;
    return status;
}

static bool is_on_plateau(const struct memory_watch *watch)
{
    struct origin_stats stats;
    struct err ignored = {0}; /* the trial asks the origin again and reports it */
    return watch->origin && !origin_control_stats(watch->origin, 0, &stats, &ignored) &&
           stats.in_flight == watch->concurrency;
}

static void keep_greater(struct memory_sample *kept, const struct memory_sample *sample)
{
    if (sample->pss_bytes > kept->pss_bytes)
        *kept = *sample;
}

/* One sample of the tree; false when there was none. */
static bool take(struct memory_watch *watch, pid_t runner, struct memory_sample *out)
{
    const uint64_t started_ns = clock_ns();
    watch->error = memory_sample_tree(runner, out);
    const uint64_t took_ns = clock_ns() - started_ns;
    uint64_t pause_ns = WAY_UP_FACTOR * took_ns;
    if (!watch->origin && pause_ns > BLIND_PAUSE_MS * NS_PER_MS)
        pause_ns = BLIND_PAUSE_MS * NS_PER_MS;
    watch->way_up_at_ns = started_ns + took_ns + pause_ns;
    if (watch->error)
        return false;
    watch->samples++;
    keep_greater(&watch->peak, out);
    return true;
}

uint64_t memory_watch_sample(void *watch_arg, pid_t runner)
{
    struct memory_watch *watch = watch_arg;
    struct memory_sample sample;
    const uint64_t started_ns = clock_ns();
    const bool was_settled = is_on_plateau(watch);
    if (!was_settled && started_ns < watch->way_up_at_ns)
        return WAY_UP_INTERVAL_MS;
    if (!take(watch, runner, &sample) || !was_settled)
        return WAY_UP_INTERVAL_MS;
    if (is_on_plateau(watch)) {
        watch->plateau_samples++;
        watch->plateau_ns += clock_ns() - started_ns;
        keep_greater(&watch->plateau_peak, &sample);
    }
    const uint64_t took_ms = (clock_ns() - started_ns) / NS_PER_MS;
    return took_ms < MEMORY_INTERVAL_MS ? MEMORY_INTERVAL_MS - took_ms : 1;
}
