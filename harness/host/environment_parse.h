/* environment_parse: what the files of /proc and /sys say, as pure functions on their
 * text, so that the texts of many machines can be tested on any one.
 *
 * A function that returns bool writes its outputs only when it returns true. */
#ifndef HARNESS_ENVIRONMENT_PARSE_H
#define HARNESS_ENVIRONMENT_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The value of the first line "key <blanks>: value"; the key is matched whole. */
bool environment_parse_field(const char *text, const char *key, char *out_value,
                             size_t size);

/* The value of "KEY=value" in a kernel's configuration; "" quotes are taken off. */
bool environment_parse_config(const char *text, const char *key, char *out_value,
                              size_t size);

struct environment_cpu {
    char vendor[64], model[160], microcode[32]; /* "" when not said */
    uint64_t threads;                           /* processors listed */
    double frequency_hz;                        /* of the first; NaN when not said */
    bool has_flags;                             /* x86: the next is known */
    bool has_hypervisor;                        /* the flag of that name */
};

/* /proc/cpuinfo of x86, ARM (implementer and part become names) or others. */
struct environment_cpu environment_parse_cpuinfo(const char *text);

/* Lines "package core", one per CPU: how many different packages and cores. False when
 * there is no such line or a number is negative (the kernel does not know). */
bool environment_parse_topology(const char *text, uint64_t *out_sockets,
                                uint64_t *out_cores);

/* "48K", "2M", "8388608" into bytes. */
bool environment_parse_size(const char *text, uint64_t *out_bytes);

/* The word in brackets of "always [madvise] never". */
bool environment_parse_choice(const char *text, char *out_word, size_t size);

/* How many numbers a list as "0-3,8" holds. */
bool environment_parse_list_count(const char *text, uint64_t *out_count);

/* "rt", "dynamic, none", "full", "voluntary", "none": from uname's version and the
 * configuration (NULL when it is not known) and what debugfs says of a dynamic one (NULL
 * likewise). NULL when none of them shows it; else a string constant or out_text. */
const char *environment_parse_preemption(const char *version, const char *config,
                                         const char *chosen, char *out_text, size_t size);

/* The path of a v1 controller in /proc/self/cgroup; controller "" is the v2 hierarchy. */
bool environment_parse_cgroup_path(const char *text, const char *controller,
                                   char *out_path, size_t size);

/* "docker", "kubernetes", "lxc", "podman" or "containerd" when a path of /proc/1/cgroup
 * gives it away, else NULL. */
const char *environment_parse_container(const char *text);

enum environment_limit {
    ENVIRONMENT_LIMIT_UNKNOWN,
    ENVIRONMENT_LIMIT_NONE, /* "max", or v1's largest number */
    ENVIRONMENT_LIMIT_SET   /* *out_value is written */
};

/* memory.max, memory.limit_in_bytes, pids.max. */
enum environment_limit environment_parse_limit(const char *text, double *out_value);

/* Lines "type online status" of /sys/class/power_supply, "-" where a file is missing:
 * "mains", "battery", or NULL when no line shows it. */
const char *environment_parse_power(const char *text);

#endif
