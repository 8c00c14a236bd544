/* quota.c: cpu.max of version 2 and cpu.cfs_quota_us of version 1; see quota.h. In a
 * container the paths may be those of the host, so what cannot be read is passed over. */
#include "common/quota.h"

#include "common/array.h"

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 32

/* Where a version has its groups; the file has quota and period, or period_file does. */
static const struct interface {
    const char *controller; /* "": version 2 */
    const char *top, *file, *period_file;
} interfaces[] = {
    {"", "/sys/fs/cgroup", "cpu.max", NULL},
    {"", "/sys/fs/cgroup/unified", "cpu.max", NULL},
    {"cpu", "/sys/fs/cgroup/cpu", "cpu.cfs_quota_us", "cpu.cfs_period_us"},
};

static int read_numbers(const char *directory, const char *name, double *first,
                        double *second)
{
    char path[PATH_MAX + 32], text[64] = "";
    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "re");
    if (!file)
        return -1;
    const bool has_line = fgets(text, sizeof text, file);
    (void)fclose(file);
    if (!has_line)
        return -1;
    /* NOLINTNEXTLINE(cert-err34-c): what is no number is "max" */
    return sscanf(text, "%lf %lf", first, second);
}

/* INFINITY where none is set, NAN where there is no file. */
static double read_group(const struct interface *interface, const char *directory)
{
    double quota = -1, period = 0;
    const int found = read_numbers(directory, interface->file, &quota, &period);
    if (found < 0)
        return (double)NAN;
    if (interface->period_file)
        (void)read_numbers(directory, interface->period_file, &period, &(double){0});
    return quota > 0 && period > 0 ? quota / period : (double)INFINITY;
}

/* The path of our group: a line of /proc/self/cgroup is "ID:controller,...:path". */
static bool find_group(const char *root, const char *controller, char *out_path,
                       size_t size)
{
    char name[PATH_MAX], line[1024];
    bool is_found = false;
    (void)snprintf(name, sizeof name, "%s/proc/self/cgroup", root);
    FILE *file = fopen(name, "re");
    while (file && !is_found && fgets(line, sizeof line, file)) {
        char *list = strchr(line, ':');
        char *path = list ? strchr(list + 1, ':') : NULL;
        if (!path)
            continue;
        *path++ = '\0';
        path[strcspn(path, "\n")] = '\0';
        is_found = !*controller && !list[1];
        for (char *at = list + 1, *end = NULL; *controller && at && !is_found; at = end) {
            if ((end = strchr(at, ',')))
                *end++ = '\0';
            is_found = !strcmp(at, controller);
        }
        (void)snprintf(out_path, size, "%s", strcmp(path, "/") != 0 ? path : "");
    }
    if (file)
        (void)fclose(file);
    return is_found;
}

double quota_read(const char *root)
{
    double least = (double)NAN;
    for (size_t i = 0; i < COUNT_OF(interfaces); i++) {
        char group[1024], directory[PATH_MAX];
        if (!find_group(root, interfaces[i].controller, group, sizeof group))
            continue;
        for (int depth = 0; depth < DEPTH_MAX; depth++) {
            char *slash = strrchr(group, '/');
            (void)snprintf(directory, sizeof directory, "%s%s%s", root, interfaces[i].top,
                           group);
            least = fmin(least, read_group(&interfaces[i], directory)); /* not the NAN */
            if (!slash)
                break;
            *slash = '\0';
        }
    }
    return least;
}

uint64_t quota_limit(double quota, uint64_t cpus)
{
    if (!(quota > 0) || quota >= (double)cpus)
        return cpus;
    return (uint64_t)ceil(quota);
}
