/* cpus.c: CPU sets to text and back; see cpus.h. Which CPUs to use is decided elsewhere.
 */
#include "common/cpus.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool cpus_has(const struct cpus *set, size_t cpu)
{
    return CPU_ISSET_S(cpu, sizeof *set, set->parts);
}

void cpus_add(struct cpus *set, size_t cpu)
{
    CPU_SET_S(cpu, sizeof *set, set->parts);
}

void cpus_add_all(struct cpus *set, const struct cpus *more)
{
    CPU_OR_S(sizeof *set, set->parts, set->parts, more->parts);
}

void cpus_remove_all(struct cpus *set, const struct cpus *less)
{
    struct cpus both;
    CPU_AND_S(sizeof both, both.parts, set->parts, less->parts);
    CPU_XOR_S(sizeof *set, set->parts, set->parts, both.parts);
}

uint64_t cpus_count(const struct cpus *set)
{
    return (uint64_t)CPU_COUNT_S(sizeof *set, set->parts);
}

bool cpus_is_equal(const struct cpus *a, const struct cpus *b)
{
    return !memcmp(a, b, sizeof *a);
}

bool cpus_overlap(const struct cpus *a, const struct cpus *b)
{
    struct cpus both;
    CPU_AND_S(sizeof both, both.parts, a->parts, b->parts);
    return cpus_count(&both) > 0;
}

size_t cpus_first(const struct cpus *set)
{
    size_t cpu = 0;
    while (cpu < CPUS_MAX && !cpus_has(set, cpu))
        cpu++;
    return cpu;
}

/* The kernel wants room for all CPUs it is built for, and reads no more than those. */
int cpus_read(pid_t thread, struct cpus *out_set)
{
    return sched_getaffinity(thread, sizeof *out_set, out_set->parts) ? -errno : 0;
}

int cpus_use(pid_t thread, const struct cpus *set)
{
    return sched_setaffinity(thread, sizeof *set, set->parts) ? -errno : 0;
}

void cpus_format(const struct cpus *set, char *out_text, size_t size)
{
    size_t used = 0;
    out_text[0] = '\0';
    for (int cpu = 0; cpu < CPUS_MAX; cpu++) {
        if (!cpus_has(set, (size_t)cpu))
            continue;
        int last = cpu;
        while (last + 1 < CPUS_MAX && cpus_has(set, (size_t)last + 1))
            last++;
        char range[32];
        int length = last > cpu ? snprintf(range, sizeof range, "%d-%d", cpu, last)
                                : snprintf(range, sizeof range, "%d", cpu);
        if (length < 0 || used + (size_t)length + 2 > size)
            return;
        used += (size_t)snprintf(out_text + used, size - used, "%s%s", used ? "," : "",
                                 range);
        cpu = last;
    }
}

/* Reads digits at *text and moves it behind them; -1 when there is no CPU number. */
static int parse_cpu(const char **text)
{
    if (**text < '0' || **text > '9')
        return -1;
    char *end = NULL;
    unsigned long number = strtoul(*text, &end, 10);
    *text = end;
    return number < CPUS_MAX ? (int)number : -1;
}

int cpus_parse(const char *text, struct cpus *out_set)
{
    struct cpus set = {0};
    for (;;) {
        int first = parse_cpu(&text);
        int last = first;
        if (*text == '-') {
            text++;
            last = parse_cpu(&text);
        }
        if (first < 0 || last < first)
            return -1;
        for (int cpu = first; cpu <= last; cpu++)
            cpus_add(&set, (size_t)cpu);
        if (*text != ',')
            break;
        text++;
    }
    if (*text)
        return -1;
    *out_set = set;
    return 0;
}
