/* cgroup: where control groups are mounted, which one is ours, and a fresh one for one
 * trial, for its memory or for a CPU quota. Both versions; everything is tried. */
#ifndef HARNESS_CGROUP_H
#define HARNESS_CGROUP_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* controller "" is version 2's single tree. Finds the mount point in the text of
 * /proc/self/mounts. 0 or -ENOENT. */
int cgroup_find_mount(const char *mounts, const char *controller, char *out_path,
                      size_t size);

/* The directory of our group: mount + own, or the mount when that path is not to be seen
 * from here (a container). 0 or -ENOENT. */
int cgroup_own_directory(const char *controller, char *out_path, size_t size);

struct cgroup {
    int version;                         /* 1 or 2; 0: there is none */
    char path[PATH_MAX];                 /* its directory */
    char reason_v2[160], reason_v1[160]; /* why it is not used; "" where it is */
};

/* Makes a group that accounts for memory, version 2 first. Groups that dead harnesses
 * left behind are removed on the way. *out is always set; it must go to cgroup_remove. */
void cgroup_make(struct cgroup *out);

/* The same for a group whose processes get the time of so many CPUs and no more. */
void cgroup_make_quota(uint64_t cpus, struct cgroup *out);

/* Writes such a quota into the files of group. 0 or -errno. */
int cgroup_write_quota(const struct cgroup *group, uint64_t cpus);

/* "cgroup-v2-peak", "cgroup-v1-peak". */
const char *cgroup_source(int version);

/* The most memory it has held, kernel memory and page cache included. 0 or -errno. */
int cgroup_peak_bytes(const struct cgroup *group, uint64_t *out_bytes);

/* Removes the group; nothing must run in it any more. Without one it does nothing. */
void cgroup_remove(const struct cgroup *group);

/* Removes the groups in parent whose harness is dead: "concbench-PID-N". */
void cgroup_remove_stale(const char *parent);

#endif
