/* environment_host.c: what the machine runs in (a virtual machine, a container, a control
 * group), its power supply, and the limits that a run meets. */
#include "harness/host/environment_groups.h"

#include "common/array.h"
#include "common/cleanup.h"
#include "common/options.h"
#include "common/quota.h"
#include "harness/host/environment_parse.h"

#include <dirent.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define CGROUPS "/sys/fs/cgroup"
#define POWER   "/sys/class/power_supply"
#define DMI     "/sys/class/dmi/id"

static void first_line(const char *path, char *out_text, size_t size)
{
    (void)facts_read(path, out_text, size);
    out_text[strcspn(out_text, "\n")] = '\0';
}

/* The maker of the machine. For a virtual one it names the hypervisor. Neither the serial
 * number nor the machine's id is read. */
static void put_machine(struct facts *facts)
{
    char vendor[64], product[64], both[132], cpuinfo[FACTS_TEXT_MAX];
    (void)facts_read("/proc/cpuinfo", cpuinfo, sizeof cpuinfo);
    const struct environment_cpu cpu = environment_parse_cpuinfo(cpuinfo);
    first_line(DMI "/sys_vendor", vendor, sizeof vendor);
    first_line(DMI "/product_name", product, sizeof product);
    if (!*vendor)
        first_line("/proc/device-tree/model", vendor, sizeof vendor);
    if (!*vendor)
        first_line("/sys/hypervisor/type", vendor, sizeof vendor);
    (void)snprintf(both, sizeof both, "%s%s%s", vendor, *vendor && *product ? " " : "",
                   product);
    facts_put_bool(facts, "host", "virtual_machine", cpu.has_flags, cpu.has_hypervisor,
                   "this CPU has no flag for it");
    facts_put_text(facts, "host", "machine", both,
                   DMI " and the device tree are not readable");
}

static void put_container(struct facts *facts)
{
    char text[FACTS_TEXT_MAX];
    (void)facts_read("/proc/1/cgroup", text, sizeof text);
    const char *kind = environment_parse_container(text);
    if (!access("/.dockerenv", F_OK))
        kind = kind ? kind : "docker";
    else if (!access("/run/.containerenv", F_OK))
        kind = kind ? kind : "podman";
    else if (!access("/run/systemd/container", F_OK))
        kind = kind ? kind : "systemd";
    facts_put_bool(facts, "host", "container", true, kind != NULL, "");
    facts_put_text(facts, "host", "container_kind", kind, "no sign of a container");
}

/* A file of our own control group: v2's, else v1's; false when neither is there. */
static bool read_group(const char *groups, const char *controller, const char *v1_name,
                       const char *v2_name, char *out_text, size_t size)
{
    char path[PATH_MAX], group[1024];
    if (environment_parse_cgroup_path(groups, "", group, sizeof group)) {
        (void)snprintf(path, sizeof path, CGROUPS "%s/%s", group, v2_name);
        if (!facts_read(path, out_text, size))
            return true;
        if (!facts_read(CGROUPS "/memory.max", path, sizeof path) || !v1_name)
            return false;
    }
    if (!environment_parse_cgroup_path(groups, controller, group, sizeof group))
        return false;
    (void)snprintf(path, sizeof path, CGROUPS "/%s%s/%s", controller, group, v1_name);
    if (!facts_read(path, out_text, size))
        return true; /* in a container the path is that of the host: look at the top */
    (void)snprintf(path, sizeof path, CGROUPS "/%s/%s", controller, v1_name);
    return !facts_read(path, out_text, size);
}

static void put_limit(struct facts *facts, const char *fact, enum environment_limit limit,
                      double value)
{
    facts_put_number(facts, "host", fact,
                     limit == ENVIRONMENT_LIMIT_SET ? value : (double)NAN,
                     limit == ENVIRONMENT_LIMIT_NONE ? "no limit is set"
                                                     : "no such control group file");
}

static void put_group_limits(struct facts *facts)
{
    char groups[FACTS_TEXT_MAX], text[64];
    double value = 0;
    (void)facts_read("/proc/self/cgroup", groups, sizeof groups);
    facts_put_number(facts, "host", "cgroup_version",
                     access(CGROUPS "/cgroup.controllers", F_OK) ? 1 : 2, "");
    const double cpus = quota_read("");
    enum environment_limit limit = isnan(cpus)   ? ENVIRONMENT_LIMIT_UNKNOWN
                                   : isinf(cpus) ? ENVIRONMENT_LIMIT_NONE
                                                 : ENVIRONMENT_LIMIT_SET;
    put_limit(facts, "cgroup_cpus", limit, cpus);
    limit = read_group(groups, "memory", "memory.limit_in_bytes", "memory.max", text,
                       sizeof text)
                ? environment_parse_limit(text, &value)
                : ENVIRONMENT_LIMIT_UNKNOWN;
    put_limit(facts, "cgroup_memory_bytes", limit, value);
    limit = read_group(groups, "pids", "pids.max", "pids.max", text, sizeof text)
                ? environment_parse_limit(text, &value)
                : ENVIRONMENT_LIMIT_UNKNOWN;
    put_limit(facts, "cgroup_processes", limit, value);
}

static void put_power(struct facts *facts)
{
    char list[2048] = "";
    size_t used = 0;
    DIR *directory = opendir(POWER);
    for (struct dirent *entry;
         directory &&
         (entry = readdir(directory));) { /* NOLINT(concurrency-mt-unsafe): one thread */
        char path[512], type[16], online[8], status[24];
        if (entry->d_name[0] == '.' || used + 64 > sizeof list)
            continue;
        (void)snprintf(path, sizeof path, POWER "/%s/type", entry->d_name);
        first_line(path, type, sizeof type);
        (void)snprintf(path, sizeof path, POWER "/%s/online", entry->d_name);
        first_line(path, online, sizeof online);
        (void)snprintf(path, sizeof path, POWER "/%s/status", entry->d_name);
        first_line(path, status, sizeof status);
        used += (size_t)snprintf(list + used, sizeof list - used, "%s %s %s\n",
                                 *type ? type : "-", *online ? online : "-",
                                 *status ? status : "-");
    }
    if (directory)
        (void)closedir(directory);
    facts_put_text(facts, "host", "power_source", environment_parse_power(list),
                   "no power supply is listed, as on most servers and virtual machines");
}

void environment_put_host(struct facts *facts)
{
    char name[65] = "";
    facts_put_text(facts, "host", "name",
                   gethostname(name, sizeof name - 1) ? NULL : name,
                   "gethostname does not say");
    put_machine(facts);
    put_container(facts);
    put_group_limits(facts);
    put_power(facts);
    facts_put_file_number(facts, "host", "uptime_s", "/proc/uptime");
}

/* Ours, which a job script sets, before Slurm's. Absent facts are no unknown ones: most
 * runs are no jobs. Slurm does not count the first attempt. */
void environment_put_job(struct facts *facts)
{
    static const struct {
        const char *fact, *ours, *slurm;
    } known[] = {{"node", "CONCBENCH_NODE", "SLURMD_NODENAME"},
                 {"id", "CONCBENCH_JOB", "SLURM_JOB_ID"}};
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        const char *ours = getenv(known[i].ours);
        const char *text = ours && *ours ? ours : getenv(known[i].slurm);
        if (text && *text)
            facts_put_text(facts, "job", known[i].fact, text, "");
    }
    const char *ours = getenv("CONCBENCH_ATTEMPT"),
               *count = getenv("SLURM_RESTART_COUNT");
    const char *text = ours ? ours : count ? count : getenv("SLURM_JOB_ID") ? "0" : "";
    uint64_t attempt = 0;
    if (!options_parse_uint(text, &attempt))
        facts_put_number(facts, "job", "attempt", (double)attempt, "");
}

static void put_rlimit(struct facts *facts, const char *fact, int resource)
{
    struct rlimit limit = {0};
    const bool is_read = !getrlimit((__rlimit_resource_t)resource, &limit);
    const bool is_set = is_read && limit.rlim_cur != RLIM_INFINITY;
    facts_put_number(facts, "limits", fact, is_set ? (double)limit.rlim_cur : (double)NAN,
                     is_read ? "no limit is set" : "getrlimit does not say");
}

void environment_put_limits(struct facts *facts)
{
    put_rlimit(facts, "open_files", RLIMIT_NOFILE);
    put_rlimit(facts, "processes", RLIMIT_NPROC);
    put_rlimit(facts, "stack_bytes", RLIMIT_STACK);
    facts_put_file_number(facts, "limits", "pid_max", "/proc/sys/kernel/pid_max");
    facts_put_file_number(facts, "limits", "threads_max", "/proc/sys/kernel/threads-max");
    facts_put_file_number(facts, "limits", "memory_maps_max",
                          "/proc/sys/vm/max_map_count");
    facts_put_file_number(facts, "limits", "listen_backlog_max",
                          "/proc/sys/net/core/somaxconn");
    facts_put_line(facts, "limits", "local_ports",
                   "/proc/sys/net/ipv4/ip_local_port_range");
}
