/* cpus: sets of CPUs, also of more than the 1,024 of a cpu_set_t, and as the text that
 * taskset and /proc use: "0", "0-3", "0,2-3". Needs nothing but libc, so the launcher
 * uses it too. */
#ifndef COMMON_CPUS_H
#define COMMON_CPUS_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CPUS_MAX 8192 /* the most that a Linux kernel is built for */

/* Room for any set as text: every other CPU of CPUS_MAX. */
#define CPUS_TEXT_SIZE ((size_t)CPUS_MAX * 5 / 2)

/* Copied and zeroed as a value; {0} is the empty set. */
struct cpus {
    cpu_set_t parts[CPUS_MAX / CPU_SETSIZE];
};

bool cpus_has(const struct cpus *set, size_t cpu); /* false from CPUS_MAX on */
void cpus_add(struct cpus *set, size_t cpu);       /* nothing from CPUS_MAX on */
void cpus_add_all(struct cpus *set, const struct cpus *more);
void cpus_remove_all(struct cpus *set, const struct cpus *less);
uint64_t cpus_count(const struct cpus *set);
bool cpus_is_equal(const struct cpus *a, const struct cpus *b);
bool cpus_overlap(const struct cpus *a, const struct cpus *b);
size_t cpus_first(const struct cpus *set); /* the lowest; CPUS_MAX: empty */

/* The CPUs that a thread (0: this one) may use, read or changed. 0 or -errno. */
int cpus_read(pid_t thread, struct cpus *out_set);
int cpus_use(pid_t thread, const struct cpus *set);

/* Writes set as a list, ascending, "" for the empty set; always terminated; cut after a
 * range where size is too small. */
void cpus_format(const struct cpus *set, char *out_text, size_t size);

/* Reads a list; CPUs from 0 to CPUS_MAX - 1. Returns 0, or -1 when text is not a list or
 * is empty; *out_set is written only on success. */
int cpus_parse(const char *text, struct cpus *out_set);

#endif
