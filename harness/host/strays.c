/* strays.c: see strays.h. A killed process's own children become ours in turn, so the
 * list is read again until nothing new is in it. */
#include "harness/host/strays.h"

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/options.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define CHILDREN_MAX  512 /* in one look; the next finds the rest */
#define LOOK_AGAIN_MS 2

struct children {
    pid_t pids[CHILDREN_MAX];
    size_t count;
};

static void add(struct children *children, uint64_t pid)
{
    if (pid > 0 && children->count < CHILDREN_MAX)
        children->pids[children->count++] = (pid_t)pid;
}

/* Reads the children of one of our threads. False on a kernel without the file. */
static bool add_of_thread(const char *thread, struct children *children)
{
    char path[64];
    unsigned long long pid = 0;
    (void)snprintf(path, sizeof path, "/proc/self/task/%.20s/children", thread);
    AUTO_FILE FILE *file = fopen(path, "re");
    while (file && fscanf(file, "%llu", &pid) == 1) // NOLINT(cert-err34-c): the kernel's
        add(children, pid);
    return file != NULL;
}

/* The slow way: everybody's parent. */
static void add_if_child(const char *pid_text, struct children *children)
{
    char path[64], line[512] = "";
    uint64_t pid = 0;
    int parent = 0;
    (void)snprintf(path, sizeof path, "/proc/%.20s/stat", pid_text);
    AUTO_FILE FILE *file = options_parse_uint(pid_text, &pid) ? NULL : fopen(path, "re");
    if (!file || !fgets(line, sizeof line, file))
        return;
    const char *after_name = strrchr(line, ')');
    // NOLINTNEXTLINE(cert-err34-c): the kernel's
    if (after_name && sscanf(after_name, ") %*c %d", &parent) == 1 && parent == getpid())
        add(children, pid);
}

static void list(struct children *out_children)
{
    static const char *const folders[] = {"/proc/self/task", "/proc"};
    bool is_found = false;
    out_children->count = 0;
    for (size_t i = 0; i < 2 && !is_found; i++) {
        DIR *folder = opendir(folders[i]);
        const struct dirent *entry = NULL;
        while (folder && (entry = readdir(folder))) {
            if (entry->d_name[0] == '.')
                continue;
            if (i == 0)
                is_found = add_of_thread(entry->d_name, out_children) || is_found;
            else
                add_if_child(entry->d_name, out_children);
        }
        if (folder)
            (void)closedir(folder);
    }
}

void strays_begin(struct strays *out_strays)
{
    struct children children;
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1UL);
    list(&children);
    out_strays->before_count = 0;
    for (size_t i = 0; i < children.count && i < STRAYS_BEFORE_MAX; i++)
        out_strays->before[out_strays->before_count++] = children.pids[i];
}

static bool was_there(const struct strays *strays, pid_t pid)
{
    for (size_t i = 0; i < strays->before_count; i++) {
        if (strays->before[i] == pid)
            return true;
    }
    return false;
}

/* Kills what is there now. Returns one that is not dead yet, or 0. */
static pid_t kill_all(const struct strays *strays, unsigned int *ended)
{
    struct children children;
    pid_t one = 0;
    list(&children);
    for (size_t i = 0; i < children.count; i++) {
        const pid_t pid = children.pids[i];
        if (was_there(strays, pid))
            continue;
        (void)kill(pid, SIGKILL);
        if (waitpid(pid, NULL, WNOHANG) == pid)
            ++*ended;
        else
            one = pid;
    }
    return one;
}

static int cannot_end(pid_t pid, struct err *err)
{
    char path[64], name[32] = "";
    (void)snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
    AUTO_FILE FILE *file = fopen(path, "re");
    if (file && fgets(name, sizeof name, file))
        name[strcspn(name, "\n")] = '\0';
    return err_set(
        err, EXIT_CODE_UNFIT,
        "process %d (%s), which a runner left behind, cannot be ended; it would "
        "be measured beside every further trial: end it, then run again",
        (int)pid, name);
}

int strays_end(const struct strays *strays, unsigned int *out_ended, struct err *err)
{
    const uint64_t deadline_ns = clock_ns() + STRAYS_LIMIT_MS * NS_PER_MS;
    pid_t one = 0;
    *out_ended = 0;
    /* once more after the last: its own children have become ours by then */
    unsigned int before = 0;
    do {
        before = *out_ended;
        one = kill_all(strays, out_ended);
        if (one)
            (void)poll(NULL, 0, LOOK_AGAIN_MS);
    } while ((one || *out_ended != before) && clock_ns() < deadline_ns);
    (void)prctl(PR_SET_CHILD_SUBREAPER, 0UL);
    return one ? cannot_end(one, err) : 0;
}
