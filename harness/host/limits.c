/* limits.c: see limits.h. The system's maxima hold for all processes together, so what is
 * in use already is subtracted. Of several limits on the same thing, the one that leaves
 * least counts and is named. */
#include "harness/host/limits.h"

#include "common/cleanup.h"
#include "harness/host/environment_parse.h"
#include "harness/host/facts.h"

#include <dirent.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define OPEN_FILES_MAX UINT64_C(1048576) /* more only makes tables larger */
#define GROUP_DEPTH    32

void limits_lower(struct host_limit *limit, uint64_t value, const char *what)
{
    if (value >= limit->value)
        return;
    limit->value = value;
    (void)snprintf(limit->what, sizeof limit->what, "%s", what);
}

static uint64_t less(uint64_t value, uint64_t used)
{
    return value > used ? value - used : 0;
}

/* The first number of a file; false when it has none ("max"). */
static bool read_number(const char *root, const char *path, uint64_t *out_value)
{
    char text[64], full[PATH_MAX];
    char *end = NULL;
    (void)snprintf(full, sizeof full, "%s%s", root, path);
    if (facts_read(full, text, sizeof text))
        return false;
    const uint64_t value = strtoull(text, &end, 10);
    if (end == text)
        return false;
    *out_value = value;
    return true;
}

/* The number in the line "key 123" of a file; 0 when there is none. */
static uint64_t read_key(const char *root, const char *path, const char *key)
{
    char text[FACTS_TEXT_MAX], full[PATH_MAX];
    const size_t length = strlen(key);
    (void)snprintf(full, sizeof full, "%s%s", root, path);
    if (facts_read(full, text, sizeof text))
        return 0;
    for (const char *at = text; at; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (!strncmp(at, key, length) && at[length] == ' ')
            return strtoull(at + length, NULL, 10);
    }
    return 0;
}

/* One control group's file names, as the versions of the interface have them. */
struct group_files {
    const char *controller; /* "": version 2 */
    const char *top, *tasks_max, *tasks_now, *memory_max, *memory_now, *cache;
};

static const struct group_files group_files[] = {
    {"", "/sys/fs/cgroup", "pids.max", "pids.current", "memory.max", "memory.current",
     "file"},
    {"", "/sys/fs/cgroup/unified", "pids.max", "pids.current", "memory.max",
     "memory.current", "file"},
    {"pids", "/sys/fs/cgroup/pids", "pids.max", "pids.current", NULL, NULL, NULL},
    {"memory", "/sys/fs/cgroup/memory", NULL, NULL, "memory.limit_in_bytes",
     "memory.usage_in_bytes", "total_cache"},
};

/* What one group allows beyond what it has; cached files count as free. */
static void read_one_group(const char *root, const struct group_files *files,
                           const char *directory, struct host_limits *limits)
{
    char path[PATH_MAX];
    uint64_t most = 0, now = 0;
    if (files->tasks_max) {
        (void)snprintf(path, sizeof path, "%s/%s", directory, files->tasks_max);
        const bool is_limited = read_number(root, path, &most);
        (void)snprintf(path, sizeof path, "%s/%s", directory, files->tasks_now);
        if (is_limited && read_number(root, path, &now))
            limits_lower(&limits->tasks, less(most, now), "the control group's pids.max");
    }
    if (files->memory_max) {
        (void)snprintf(path, sizeof path, "%s/%s", directory, files->memory_max);
        const bool is_limited = read_number(root, path, &most);
        (void)snprintf(path, sizeof path, "%s/%s", directory, files->memory_now);
        if (!is_limited || !read_number(root, path, &now))
            return;
        (void)snprintf(path, sizeof path, "%s/memory.stat", directory);
        now = less(now, read_key(root, path, files->cache));
        limits_lower(&limits->memory, less(most, now), "the control group's limit");
    }
}

/* Our group and all above it. In a container its path is that of the host, and what we
 * see at the top is ours. */
static void read_groups(const char *root, struct host_limits *limits)
{
    char groups[FACTS_TEXT_MAX], full[PATH_MAX], group[1024];
    (void)snprintf(full, sizeof full, "%s/proc/self/cgroup", root);
    if (facts_read(full, groups, sizeof groups))
        return;
    for (size_t i = 0; i < COUNT_OF(group_files); i++) {
        const struct group_files *files = &group_files[i];
        if (!environment_parse_cgroup_path(groups, files->controller, group,
                                           sizeof group))
            continue;
        for (int depth = 0; depth < GROUP_DEPTH; depth++) {
            char directory[sizeof group + 64];
            char *slash = strrchr(group, '/');
            (void)snprintf(directory, sizeof directory, "%s%s", files->top,
                           strcmp(group, "/") != 0 ? group : "");
            read_one_group(root, files, directory, limits);
            if (!*group || !slash)
                break;
            *slash = '\0';
        }
    }
}

/* "1.54 2.12 1.76 4/105 18174": tasks of the whole system stand after the slash. */
static uint64_t tasks_now(const char *root)
{
    char text[96], full[PATH_MAX];
    (void)snprintf(full, sizeof full, "%s/proc/loadavg", root);
    if (facts_read(full, text, sizeof text))
        return 0;
    const char *slash = strchr(text, '/');
    return slash ? strtoull(slash + 1, NULL, 10) : 0;
}

struct host_limits limits_read_files(const char *root)
{
    struct host_limits limits = HOST_NO_LIMITS;
    char text[FACTS_TEXT_MAX], full[PATH_MAX];
    uint64_t value = 0;
    const uint64_t tasks = tasks_now(root);
    if (read_number(root, "/proc/sys/kernel/threads-max", &value))
        limits_lower(&limits.tasks, less(value, tasks), "kernel.threads-max");
    if (read_number(root, "/proc/sys/kernel/pid_max", &value))
        limits_lower(&limits.tasks, less(value, tasks), "kernel.pid_max");
    if (read_number(root, "/proc/sys/vm/max_map_count", &value))
        limits_lower(&limits.maps, value, "vm.max_map_count");
    (void)snprintf(full, sizeof full, "%s/proc/meminfo", root);
    if (!facts_read(full, text, sizeof text)) {
        char field[48];
        if (environment_parse_field(text, "MemAvailable", field, sizeof field))
            limits_lower(&limits.memory, strtoull(field, NULL, 10) << 10, "this machine");
    }
    read_groups(root, &limits);
    (void)snprintf(full, sizeof full, "%s/proc/sys/net/ipv4/ip_local_port_range", root);
    if (!facts_read(full, text, sizeof text)) {
        char *end = NULL;
        const uint64_t low = strtoull(text, &end, 10), high = strtoull(end, NULL, 10);
        if (high >= low && high > 0)
            limits.ports = high - low + 1;
    }
    return limits;
}

/* The limit of a user's tasks does not hold for a process with the right to exceed it. */
static bool is_exempt(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{0}};
    const unsigned exempt = 1U << CAP_SYS_RESOURCE | 1U << CAP_SYS_ADMIN;
    return getuid() == 0 ||
           (!syscall(SYS_capget, &header, data) && (data[0].effective & exempt));
}

/* Threads of all processes of this user; a task directory has one link for each, and
 * two. */
static uint64_t tasks_of_user(void)
{
    uint64_t count = 0;
    DIR *directory = opendir("/proc");
    for (struct dirent *entry;
         directory &&
         (entry = readdir(directory));) { /* NOLINT(concurrency-mt-unsafe): one thread */
        char path[300];
        struct stat status;
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
            continue;
        (void)snprintf(path, sizeof path, "/proc/%s/task", entry->d_name);
        if (!stat(path, &status) && status.st_uid == getuid() && status.st_nlink > 2)
            count += status.st_nlink - 2;
    }
    if (directory)
        (void)closedir(directory);
    return count;
}

static void read_user_limit(struct host_limits *limits)
{
    struct rlimit tasks;
    if (!getrlimit(RLIMIT_NPROC, &tasks) && tasks.rlim_cur != RLIM_INFINITY &&
        !is_exempt())
        limits_lower(&limits->tasks, less(tasks.rlim_cur, tasks_of_user()),
                     "`ulimit -u`");
}

static void raise_open_files(struct host_limits *limits)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files))
        return;
    const rlim_t wanted =
        files.rlim_max < OPEN_FILES_MAX ? files.rlim_max : OPEN_FILES_MAX;
    if (files.rlim_cur < wanted) {
        files.rlim_cur = wanted;
        (void)setrlimit(RLIMIT_NOFILE, &files); /* what is true is read back below */
    }
    if (!getrlimit(RLIMIT_NOFILE, &files))
        limits->open_files = files.rlim_cur;
}

static void read_cpus(const struct placement *placement, struct host_limits *limits)
{
    struct placement here;
    struct err ignored = {0};
    if (!placement && placement_make(NULL, &here, &ignored))
        return;
    placement = placement ? placement : &here;
    limits->cpus = placement->count;
    limits->runner_cpus = cpus_count(&placement->runner);
}

struct host_limits limits_read(const struct placement *placement)
{
    struct host_limits limits = limits_read_files("");
    read_user_limit(&limits);
    read_cpus(placement, &limits);
    raise_open_files(&limits);
    return limits;
}
