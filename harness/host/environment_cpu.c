/* environment_cpu.c: the processor: what it is, how many, how fast it may run. */
#include "harness/host/environment_groups.h"

#include "common/cleanup.h"
#include "common/memory.h"
#include "harness/host/environment_parse.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define CPUS        "/sys/devices/system/cpu"
#define CPUFREQ     CPUS "/cpu0/cpufreq"
#define CPUINFO_MAX ((size_t)1 << 16) /* the first CPUs; they are alike */
#define CACHES_MAX  8
#define HZ_PER_KHZ  1000.0

/* "package core" of every CPU that has a topology, one line each. */
static void list_topology(char *out_text, size_t size)
{
    size_t used = 0;
    *out_text = '\0';
    for (int cpu = 0; cpu < CPUS_MAX && used + 32 < size; cpu++) {
        char path[96], package[16], core[16];
        (void)snprintf(path, sizeof path, CPUS "/cpu%d/topology/physical_package_id",
                       cpu);
        if (facts_read(path, package, sizeof package))
            continue; /* an offline CPU leaves a hole */
        (void)snprintf(path, sizeof path, CPUS "/cpu%d/topology/core_id", cpu);
        if (facts_read(path, core, sizeof core))
            continue;
        used += (size_t)snprintf(out_text + used, size - used, "%ld %ld\n",
                                 strtol(package, NULL, 10), strtol(core, NULL, 10));
    }
}

static void put_topology(struct facts *facts, uint64_t threads)
{
    static const char reason[] = "the kernel shows no topology";
    static const char control[] = CPUS "/smt/active";
    char text[FACTS_TEXT_MAX], active[8];
    uint64_t sockets = 0, cores = 0;
    list_topology(text, sizeof text);
    const bool is_known = environment_parse_topology(text, &sockets, &cores);
    facts_put_number(facts, "cpu", "sockets", is_known ? (double)sockets : (double)NAN,
                     reason);
    facts_put_number(facts, "cpu", "cores", is_known ? (double)cores : (double)NAN,
                     reason);
    facts_put_number(facts, "cpu", "threads", threads ? (double)threads : (double)NAN,
                     "/proc/cpuinfo lists no processor");
    if (!facts_read(control, active, sizeof active))
        facts_put_bool(facts, "cpu", "smt", true, *active == '1', "");
    else
        facts_put_bool(facts, "cpu", "smt", is_known, threads > cores, reason);
}

/* cache_l1d_bytes, cache_l1i_bytes, cache_l2_bytes, ... of CPU 0. */
static void put_caches(struct facts *facts)
{
    int found = 0;
    for (int i = 0; i < CACHES_MAX; i++) {
        char path[96], level[8], type[24], size[24], fact[40];
        uint64_t bytes = 0;
        (void)snprintf(path, sizeof path, CPUS "/cpu0/cache/index%d/level", i);
        if (facts_read(path, level, sizeof level))
            break;
        (void)snprintf(path, sizeof path, CPUS "/cpu0/cache/index%d/type", i);
        (void)facts_read(path, type, sizeof type);
        (void)snprintf(path, sizeof path, CPUS "/cpu0/cache/index%d/size", i);
        const bool is_known =
            !facts_read(path, size, sizeof size) && environment_parse_size(size, &bytes);
        const char *kind = !strncmp(type, "Data", 4)          ? "d"
                           : !strncmp(type, "Instruction", 4) ? "i"
                                                              : "";
        level[strspn(level, "0123456789")] = '\0';
        (void)snprintf(fact, sizeof fact, "cache_l%s%s_bytes", level, kind);
        facts_put_number(facts, "cpu", fact, is_known ? (double)bytes : (double)NAN,
                         "the kernel does not say the size");
        found++;
    }
    if (!found)
        facts_put_text(facts, "cpu", "caches", NULL, "the kernel shows no caches");
}

/* The cpufreq files are in kHz. */
static void put_frequency(struct facts *facts, const char *fact, const char *path,
                          double otherwise_hz)
{
    char text[32], reason[160], *end = text;
    const int status = facts_read(path, text, sizeof text);
    const double khz = strtod(text, &end);
    (void)snprintf(reason, sizeof reason, "%s: %s", path,
                   status ? strerror(-status) : "no number");
    facts_put_number(facts, "cpu", fact, end == text ? otherwise_hz : khz * HZ_PER_KHZ,
                     reason);
}

/* intel_pstate reports the opposite of the others. */
static void put_boost(struct facts *facts)
{
    char text[8];
    if (!facts_read(CPUS "/intel_pstate/no_turbo", text, sizeof text))
        facts_put_bool(facts, "cpu", "boost", true, *text == '0', "");
    else
        facts_put_bool(facts, "cpu", "boost",
                       !facts_read(CPUS "/cpufreq/boost", text, sizeof text),
                       *text == '1', "the kernel shows no switch for it");
}

void environment_put_cpu(struct facts *facts, const struct placement *placement)
{
    static const char not_said[] = "/proc/cpuinfo does not say";
    AUTO_FREE char *text = memory_calloc(1, CPUINFO_MAX);
    (void)facts_read("/proc/cpuinfo", text, CPUINFO_MAX);
    const struct environment_cpu cpu = environment_parse_cpuinfo(text);
    const double online = (double)sysconf(_SC_NPROCESSORS_ONLN);
    double load = 0;
    facts_put_text(facts, "cpu", "model", cpu.model, not_said);
    facts_put_text(facts, "cpu", "vendor", cpu.vendor, not_said);
    facts_put_text(facts, "cpu", "microcode", cpu.microcode, not_said);
    facts_put_number(facts, "cpu", "count", (double)placement->count, "");
    facts_put_number(facts, "cpu", "online", online > 0 ? online : (double)NAN,
                     "sysconf does not say");
    put_topology(facts, online > 0 ? (uint64_t)online : cpu.threads);
    put_caches(facts);
    facts_put_line(facts, "cpu", "governor", CPUFREQ "/scaling_governor");
    facts_put_line(facts, "cpu", "scaling_driver", CPUFREQ "/scaling_driver");
    put_boost(facts);
    put_frequency(facts, "frequency_min_hz", CPUFREQ "/cpuinfo_min_freq", (double)NAN);
    put_frequency(facts, "frequency_max_hz", CPUFREQ "/cpuinfo_max_freq", (double)NAN);
    put_frequency(facts, "frequency_at_start_hz", CPUFREQ "/scaling_cur_freq",
                  cpu.frequency_hz);
    facts_put_number(facts, "cpu", "load1_at_start",
                     getloadavg(&load, 1) == 1 ? load : (double)NAN,
                     "getloadavg does not say");
}
