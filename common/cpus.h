/* cpus: sets of CPUs as the text that taskset and /proc use: "0", "0-3", "0,2-3". Needs
 * nothing but libc, so the launcher uses it too. */
#ifndef COMMON_CPUS_H
#define COMMON_CPUS_H

#include <sched.h>
#include <stddef.h>

/* Room for any set of CPUs in practice; a longer list is cut after a range. */
#define CPUS_TEXT_SIZE 512

/* Writes set as a list, ascending, "" for the empty set; always terminated. */
void cpus_format(const cpu_set_t *set, char *out_text, size_t size);

/* Reads a list; CPUs from 0 to CPU_SETSIZE - 1. Returns 0, or -1 when text is not a
 * list or is empty; *out_set is written only on success. */
int cpus_parse(const char *text, cpu_set_t *out_set);

#endif
