/* quota: the CPU time that the control groups of this process allow it, in CPUs. */
#ifndef COMMON_QUOTA_H
#define COMMON_QUOTA_H

#include <stdint.h>

/* The least of our group and all above it, as 1.5; INFINITY: none is set; NAN: there is
 * no such file to read. root is put before /proc and /sys: "" except in tests. */
double quota_read(const char *root);

/* How many of these CPUs a quota can keep busy: at most cpus, at least 1, the quota
 * rounded up. */
uint64_t quota_limit(double quota, uint64_t cpus);

#endif
