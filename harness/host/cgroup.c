/* cgroup.c: see cgroup.h.
 *
 * A group for a trial is tried below our own and then beside it: version 2 lets a group
 * either hold processes or hand controllers to its children, so below a group that holds
 * the harness there is no memory controller, but beside it there may be. */
#include "harness/host/cgroup.h"

#include "common/list.h"
#include "harness/host/environment_parse.h"

#include "common/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME      "concbench-"
#define PERIOD_US 100000 /* of a quota; the kernel's own default */

int cgroup_find_mount(const char *mounts, const char *controller, char *out_path,
                      size_t size)
{
    /* device path type options 0 0 */
    for (const char *line = mounts; *line; line += strcspn(line, "\n"), line += !!*line) {
        const char *path = line + strcspn(line, " \n");
        path += *path == ' ';
        const char *type = path + strcspn(path, " \n");
        const size_t path_size = (size_t)(type - path);
        type += *type == ' ';
        const char *options = type + strcspn(type, " \n");
        const char *wanted = *controller ? "cgroup " : "cgroup2 ";
        options += *options == ' ';
        if (strncmp(type, wanted, strlen(wanted)) != 0 || path_size >= size ||
            (*controller && !list_has(options, strcspn(options, " \n"), ",", controller)))
            continue;
        (void)snprintf(out_path, size, "%.*s", (int)path_size, path);
        return 0;
    }
    return -ENOENT;
}

/* A small file of /proc or /sys, terminated; -errno. */
static int read_text(const char *path, char *text, size_t size)
{
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t used = 0;
    ssize_t got = 0;
    text[0] = '\0';
    if (fd < 0)
        return -errno;
    while (used + 1 < size && (got = read(fd, text + used, size - 1 - used)) > 0)
        used += (size_t)got;
    text[used] = '\0';
    return got < 0 ? -errno : 0;
}

int cgroup_own_directory(const char *controller, char *out_path, size_t size)
{
    char text[65536], mount[PATH_MAX / 2], own[PATH_MAX / 2], path[PATH_MAX];
    if (read_text("/proc/self/mounts", text, sizeof text) ||
        cgroup_find_mount(text, controller, mount, sizeof mount) ||
        read_text("/proc/self/cgroup", text, sizeof text) ||
        !environment_parse_cgroup_path(text, controller, own, sizeof own))
        return -ENOENT;
    (void)snprintf(path, sizeof path, "%s%s", mount, strcmp(own, "/") != 0 ? own : "");
    const char *found = access(path, F_OK) ? mount : path;
    if (strlen(found) >= size)
        return -ENOENT;
    memcpy(out_path, found, strlen(found) + 1);
    return 0;
}

static const char *peak_file(int version)
{
    return version == 2 ? "memory.peak" : "memory.max_usage_in_bytes";
}

static const char *quota_file(int version)
{
    return version == 2 ? "cpu.max" : "cpu.cfs_quota_us";
}

static int write_line(const struct cgroup *group, const char *name, const char *text)
{
    char path[PATH_MAX + 32];
    (void)snprintf(path, sizeof path, "%s/%s", group->path, name);
    AUTO_FD int fd = open(path, O_WRONLY | O_CLOEXEC);
    return fd >= 0 && dprintf(fd, "%s", text) > 0 ? 0 : -errno;
}

/* A group counts as one beside each process that is in none: without the weight, the
 * neighbours would limit it and not the quota. */
int cgroup_write_quota(const struct cgroup *group, uint64_t cpus)
{
    const bool is_new = group->version == 2;
    char text[48];
    (void)snprintf(text, sizeof text, is_new ? "%" PRIu64 " %d" : "%" PRIu64,
                   cpus * PERIOD_US, PERIOD_US);
    (void)write_line(group, is_new ? "cpu.weight" : "cpu.shares",
                     is_new ? "10000" : "262144");
    return write_line(group, quota_file(group->version), text);
}

const char *cgroup_source(int version)
{
    return version == 2 ? "cgroup-v2-peak" : "cgroup-v1-peak";
}

int cgroup_peak_bytes(const struct cgroup *group, uint64_t *out_bytes)
{
    char path[PATH_MAX + 32], text[64], *end = NULL;
    (void)snprintf(path, sizeof path, "%s/%s", group->path, peak_file(group->version));
    int status = read_text(path, text, sizeof text);
    if (status)
        return status;
    uint64_t bytes = strtoull(text, &end, 10);
    if (end == text)
        return -EINVAL;
    *out_bytes = bytes;
    return 0;
}

void cgroup_remove_stale(const char *parent)
{
    DIR *dir = opendir(parent);
    const struct dirent *entry = NULL;
    while (dir && (entry = readdir(dir))) {
        char *end = NULL;
        if (strncmp(entry->d_name, NAME, strlen(NAME)) != 0)
            continue;
        long pid = strtol(entry->d_name + strlen(NAME), &end, 10);
        /* one that is in use after all is busy and stays */
        if (*end == '-' && pid > 0 && kill((pid_t)pid, 0) && errno == ESRCH)
            (void)unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
    }
    if (dir)
        (void)closedir(dir);
}

/* Makes the group below parent, with a quota, or accounting for memory. 0 or -errno. */
static int try_parent(const char *parent, uint64_t cpus, struct cgroup *group)
{
    static unsigned count;
    uint64_t bytes = 0;
    cgroup_remove_stale(parent);
    int size = snprintf(group->path, sizeof group->path, "%s/" NAME "%d-%u", parent,
                        (int)getpid(), count++);
    if (size < 0 || (size_t)size >= sizeof group->path)
        return -ENAMETOOLONG;
    if (mkdir(group->path, 0755))
        return -errno;
    int status =
        cpus ? cgroup_write_quota(group, cpus) : cgroup_peak_bytes(group, &bytes);
    if (status)
        (void)rmdir(group->path);
    return status;
}

static bool try_version(int version, uint64_t cpus, struct cgroup *out, char *reason,
                        size_t size)
{
    const char *controller = version == 2 ? "" : cpus ? "cpu" : "memory";
    struct cgroup group = {.version = version};
    char parent[PATH_MAX];
    if (cgroup_own_directory(controller, parent, sizeof parent)) {
        (void)snprintf(reason, size, "no version %d %s groups are mounted", version,
                       cpus ? "CPU" : "memory");
        return false;
    }
    int status = try_parent(parent, cpus, &group);
    char *slash = strrchr(parent, '/');
    if (status && slash && slash != parent) {
        *slash = '\0';
        if (try_parent(parent, cpus, &group) == 0)
            status = 0;
    }
    if (status) {
        (void)snprintf(reason, size, "no group with %s can be made: %s",
                       cpus ? quota_file(version) : peak_file(version),
                       strerror(-status));
        return false;
    }
    out->version = version;
    memcpy(out->path, group.path, sizeof out->path);
    return true;
}

void cgroup_make_quota(uint64_t cpus, struct cgroup *out)
{
    *out = (struct cgroup){.version = 0};
    if (try_version(2, cpus, out, out->reason_v2, sizeof out->reason_v2))
        (void)snprintf(out->reason_v1, sizeof out->reason_v1, "version 2 is used");
    else
        (void)try_version(1, cpus, out, out->reason_v1, sizeof out->reason_v1);
}

void cgroup_make(struct cgroup *out)
{
    cgroup_make_quota(0, out);
}

void cgroup_remove(const struct cgroup *group)
{
    if (group->version)
        (void)rmdir(group->path);
}
