/* health: what else the machine was doing while a trial ran, and whether that disturbed
 * it. */
#ifndef HARNESS_HEALTH_H
#define HARNESS_HEALTH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The numbers of one moment. Each is a row of the table in health.c, which says where it
 * is read and how it becomes JSON. */
enum health_number {
    HEALTH_STEAL,      /* ticks of 10 ms, all CPUs, since boot */
    HEALTH_SWAPPED,    /* pages in and out, since boot */
    HEALTH_THROTTLED,  /* periods in which our control group ran out of CPU quota */
    HEALTH_THERMAL,    /* times a core or package was throttled by heat, since boot */
    HEALTH_PSI_CPU,    /* microseconds in which some task waited for a CPU, */
    HEALTH_PSI_MEMORY, /* ... for memory, */
    HEALTH_PSI_IO,     /* ... for a disk; since boot */
    HEALTH_RUNNING,    /* runnable tasks now, we among them */
    HEALTH_TIME_WAIT,  /* TCP sockets in TIME_WAIT now */
    HEALTH_NUMBERS
};

struct health {
    bool has[HEALTH_NUMBERS]; /* false: the machine does not show it */
    uint64_t values[HEALTH_NUMBERS];
    bool has_load;
    double load1; /* runnable tasks, averaged over a minute */
};

struct health health_read(void);

/* The number-th number (from 1) after the first occurrence of name at the start of a
 * line. False when there is none. */
bool health_find_number(const char *text, const char *name, int number, uint64_t *out);

/* The "total=" of the line "some" of a file of /proc/pressure. */
bool health_find_pressure(const char *text, uint64_t *out_us);

/* The trial's `health`, new: differences over the trial, moments before and after, and
 * `reasons` {key: why it is null}. */
json_t *health_json(const struct health *before, const struct health *after);

/* The trial's `disturbed`, new: [{reason, value, limit}], empty when nothing was found.
 * wall_ns is the trial's duration, cpus the machine's number of them. The reasons and
 * limits are in docs/trials.md. */
json_t *health_disturbed(const struct health *before, const struct health *after,
                         uint64_t wall_ns, unsigned cpus);

#endif
