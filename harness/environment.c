/* environment.c: facts from /proc, /sys, uname and the build; see environment.h. */
#include "harness/environment.h"

#include "common/json.h"
#include "common/owners.h"
#include "harness/cpus.h"
#include "harness_git.h" /* made by the build */

#include <ctype.h>
#include <gnu/libc-version.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#define OPEN_FILES_MAX UINT64_C(1048576) /* more only makes tables larger */

/* The first line of a small file in /proc or /sys, without its end; false when there is
 * none. */
static bool read_line(const char *path, char *out_text, size_t size)
{
    AUTO_FILE FILE *file = fopen(path, "re");
    if (!file || !fgets(out_text, (int)size, file))
        return false;
    out_text[strcspn(out_text, "\n")] = '\0';
    return *out_text != '\0';
}

/* The text after "key" and a colon in a file of such lines. */
static bool read_field(const char *path, const char *key, char *out_text, size_t size)
{
    AUTO_FILE FILE *file = fopen(path, "re");
    char line[8192]; /* the CPU's flags are long */
    size_t length = strlen(key);
    while (file && fgets(line, sizeof line, file)) {
        const char *colon = strchr(line, ':');
        if (!colon || strncmp(line, key, length) != 0 ||
            !strchr(" \t:", (unsigned char)line[length]))
            continue;
        const char *value = colon + 1 + strspn(colon + 1, " \t");
        (void)snprintf(out_text, size, "%.*s", (int)strcspn(value, "\n"), value);
        return *out_text != '\0';
    }
    return false;
}

/* json_string of text from outside, or null: a tab is a blank, and what is not printable
 * ASCII is a '?'. */
static json_t *fact_text(bool known, char *text)
{
    for (unsigned char *p = (unsigned char *)text; known && *p; p++) {
        if (!isprint(*p))
            *p = *p == '\t' ? ' ' : '?';
    }
    return known ? json_string(text) : json_null();
}

static json_t *fact_line(const char *path)
{
    char text[256];
    return fact_text(read_line(path, text, sizeof text), text);
}

static json_t *fact_number(const char *path)
{
    char text[64];
    uint64_t value = 0;
    if (!read_line(path, text, sizeof text) ||
        sscanf(text, "%" SCNu64, &value) != 1) /* NOLINT(cert-err34-c): range is moot */
        return json_null();
    return json_integer((json_int_t)value);
}

static json_t *fact_kib(const char *key)
{
    char text[64];
    unsigned long long kib = 0;
    if (!read_field("/proc/meminfo", key, text, sizeof text))
        return json_null();
    kib = strtoull(text, NULL, 10);
    return json_integer((json_int_t)(kib * 1024));
}

static json_t *load_now(void)
{
    double load = 0;
    return getloadavg(&load, 1) == 1 ? json_real(load) : json_null();
}

static json_t *cpu_facts(const struct placement *placement)
{
    char text[256];
    json_t *cpu = json_object();
    bool known = read_field("/proc/cpuinfo", "model name", text, sizeof text);
    json_put(cpu, "model", fact_text(known, text));
    json_put(cpu, "count", json_integer((json_int_t)placement->count));
    json_put(cpu, "online", json_integer(sysconf(_SC_NPROCESSORS_ONLN)));
    known = read_field("/proc/cpuinfo", "cpu cores", text, sizeof text);
    json_put(cpu, "cores_per_socket", fact_text(known, text));
    json_put(cpu, "thread_siblings_of_cpu0",
             fact_line("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list"));
    json_put(cpu, "smt", fact_line("/sys/devices/system/cpu/smt/control"));
    json_put(cpu, "governor",
             fact_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"));
    json_put(cpu, "load1_at_start", load_now());
    return cpu;
}

static json_t *memory_facts(void)
{
    json_t *memory = json_object();
    json_put(memory, "total_bytes", fact_kib("MemTotal"));
    json_put(memory, "available_bytes", fact_kib("MemAvailable"));
    json_put(memory, "swap_total_bytes", fact_kib("SwapTotal"));
    json_put(memory, "page_bytes", json_integer(sysconf(_SC_PAGESIZE)));
    json_put(memory, "huge_pages",
             fact_line("/sys/kernel/mm/transparent_hugepage/enabled"));
    return memory;
}

static json_t *kernel_facts(void)
{
    struct utsname name;
    json_t *kernel = json_object();
    bool known = !uname(&name);
    json_put(kernel, "name", fact_text(known, name.sysname));
    json_put(kernel, "release", fact_text(known, name.release));
    json_put(kernel, "machine", fact_text(known, name.machine));
    json_put(
        kernel, "clock_source",
        fact_line("/sys/devices/system/clocksource/clocksource0/current_clocksource"));
    return kernel;
}

static json_t *host_facts(void)
{
    char flags[8192], name[65] = "";
    json_t *host = json_object();
    json_put(host, "name", fact_text(!gethostname(name, sizeof name - 1), name));
    bool known = read_field("/proc/cpuinfo", "flags", flags, sizeof flags);
    json_put(host, "virtual_machine",
             known ? json_boolean(strstr(flags, " hypervisor") != NULL) : json_null());
    bool container = !access("/.dockerenv", F_OK) ||
                     !access("/run/.containerenv", F_OK) ||
                     !access("/run/systemd/container", F_OK);
    json_put(host, "container", json_boolean(container));
    json_put(host, "cgroup_version",
             json_integer(access("/sys/fs/cgroup/cgroup.controllers", F_OK) ? 1 : 2));
    json_put(host, "cgroup_cpu_limit", fact_line("/sys/fs/cgroup/cpu.max"));
    return host;
}

static json_t *library_facts(void)
{
    json_t *libraries = json_object();
    json_put(libraries, "libc", json_string(gnu_get_libc_version()));
    json_put(libraries, "jansson", json_string(jansson_version_str()));
    json_put(libraries, "libcurl", json_null()); /* known when a runner has said it */
    json_put(libraries, "libevent", json_string(HARNESS_LIBEVENT_VERSION));
    return libraries;
}

static json_t *build_facts(void)
{
    json_t *build = json_object();
    json_put(build, "type", json_string(CONCBENCH_BUILD_TYPE));
    json_put(build, "compiler", json_string(HARNESS_COMPILER));
    json_put(build, "sanitizers", json_string(HARNESS_SANITIZERS));
    json_put(build, "suite_version", json_string(CONCBENCH_VERSION));
    return build;
}

static json_t *limit_of(int resource)
{
    struct rlimit limit;
    if (getrlimit((__rlimit_resource_t)resource, &limit) ||
        limit.rlim_cur == RLIM_INFINITY)
        return json_null();
    return json_integer((json_int_t)limit.rlim_cur);
}

static json_t *limit_facts(void)
{
    json_t *limits = json_object();
    json_put(limits, "open_files", limit_of(RLIMIT_NOFILE));
    json_put(limits, "processes", limit_of(RLIMIT_NPROC));
    json_put(limits, "stack_bytes", limit_of(RLIMIT_STACK));
    json_put(limits, "threads_max", fact_number("/proc/sys/kernel/threads-max"));
    json_put(limits, "memory_maps_max", fact_number("/proc/sys/vm/max_map_count"));
    json_put(limits, "listen_backlog_max", fact_number("/proc/sys/net/core/somaxconn"));
    json_put(limits, "local_ports", fact_line("/proc/sys/net/ipv4/ip_local_port_range"));
    return limits;
}

json_t *environment_make(const struct placement *placement, uint64_t origin_threads)
{
    char text[CPUS_TEXT_SIZE];
    json_t *place = json_object(), *all = json_object();
    cpus_format(&placement->runner, text, sizeof text);
    json_put(place, "runner_cpus", json_string(text));
    cpus_format(&placement->origin, text, sizeof text);
    json_put(place, "origin_cpus", json_string(text));
    json_put(place, "origin_threads",
             origin_threads ? json_integer((json_int_t)origin_threads) : json_null());
    json_put(place, "shared", json_boolean(placement->shared));
    json_put(all, "host", host_facts());
    json_put(all, "cpu", cpu_facts(placement));
    json_put(all, "memory", memory_facts());
    json_put(all, "kernel", kernel_facts());
    json_put(all, "libraries", library_facts());
    json_put(all, "build", build_facts());
    json_put(all, "limits", limit_facts());
    json_put(all, "placement", place);
    return all;
}

struct plan_limits environment_limits(void)
{
    struct plan_limits limits = {UINT64_MAX, UINT64_MAX};
    struct rlimit files;
    if (!getrlimit(RLIMIT_NOFILE, &files)) {
        rlim_t wanted = files.rlim_max < OPEN_FILES_MAX ? files.rlim_max : OPEN_FILES_MAX;
        if (files.rlim_cur < wanted) {
            files.rlim_cur = wanted;
            (void)setrlimit(RLIMIT_NOFILE, &files); /* what is true is read back below */
        }
        if (!getrlimit(RLIMIT_NOFILE, &files))
            limits.open_files = files.rlim_cur;
    }
    AUTO_FILE FILE *ports = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
    char text[64];
    if (ports && fgets(text, sizeof text, ports)) {
        char *end = NULL;
        uint64_t low = strtoull(text, &end, 10), high = strtoull(end, NULL, 10);
        if (high >= low && high > 0)
            limits.ports = high - low + 1;
    }
    return limits;
}

json_t *environment_git_commit(void)
{
    return *HARNESS_GIT_COMMIT ? json_string(HARNESS_GIT_COMMIT) : json_null();
}

json_t *environment_git_dirty(void)
{
    return *HARNESS_GIT_COMMIT ? json_boolean(HARNESS_GIT_DIRTY) : json_null();
}
