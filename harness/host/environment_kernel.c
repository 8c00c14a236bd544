/* environment_kernel.c: the kernel, its memory management and its mitigations. */
#include "harness/host/environment_groups.h"

#include "common/cleanup.h"
#include "common/memory.h"
#include "common/paths.h"
#include "harness/host/environment_parse.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#define VULNERABILITIES "/sys/devices/system/cpu/vulnerabilities"
#define CONFIG_MAX      ((size_t)512 << 10) /* a distribution's is some 280 KB */
#define NO_CONFIG       "/proc/config.gz and /boot/config are not there"

/* The configuration it was built with; false when it is nowhere. gzip reads the packed
 * one: a library for it would be one more dependency for three facts. */
static bool read_config(const char *release, char *out_text, size_t size)
{
    char path[160];
    (void)snprintf(path, sizeof path, "/boot/config-%s", release);
    if (!facts_read(path, out_text, size))
        return true;
    if (access("/proc/config.gz", R_OK) || !paths_find("gzip", path, sizeof path))
        return false;
    const char *const argv[] = {path, "-dc", "/proc/config.gz", NULL};
    return !facts_capture(argv, out_text, size);
}

static void put_preemption(struct facts *facts, const char *version, const char *config)
{
    char line[64], chosen[32], made[64];
    const bool is_known =
        !facts_read("/sys/kernel/debug/sched/preempt", line, sizeof line);
    /* there it is in parentheses */
    for (char *at = line; *at; at++)
        *at = *at == '(' ? '[' : *at == ')' ? ']' : *at;
    const bool is_chosen =
        is_known && environment_parse_choice(line, chosen, sizeof chosen);
    facts_put_text(facts, "kernel", "preemption",
                   environment_parse_preemption(
                       version, config, is_chosen ? chosen : NULL, made, sizeof made),
                   NO_CONFIG);
}

static void put_aslr(struct facts *facts)
{
    static const char *const words[] = {"off", "partial", "full"};
    char text[8];
    const bool is_known =
        !facts_read("/proc/sys/kernel/randomize_va_space", text, sizeof text) &&
        *text >= '0' && *text <= '2';
    facts_put_text(facts, "kernel", "aslr", is_known ? words[*text - '0'] : NULL,
                   "/proc/sys/kernel/randomize_va_space cannot be read");
}

static void put_kernel(struct facts *facts)
{
    struct utsname name;
    char hz[16];
    AUTO_FREE char *text = memory_calloc(1, CONFIG_MAX);
    (void)uname(&name); /* cannot fail with such a buffer */
    const char *config = read_config(name.release, text, CONFIG_MAX) ? text : NULL;
    const bool is_known =
        config && environment_parse_config(config, "CONFIG_HZ", hz, sizeof hz);
    facts_put_text(facts, "kernel", "name", name.sysname, "uname does not say");
    facts_put_text(facts, "kernel", "release", name.release, "uname does not say");
    facts_put_text(facts, "kernel", "version", name.version, "uname does not say");
    facts_put_text(facts, "kernel", "machine", name.machine, "uname does not say");
    facts_put_number(facts, "kernel", "tick_hz",
                     is_known ? strtod(hz, NULL) : (double)NAN, NO_CONFIG);
    facts_put_number(facts, "kernel", "user_tick_hz", (double)sysconf(_SC_CLK_TCK), "");
    put_preemption(facts, name.version, config);
    put_aslr(facts);
    facts_put_line(facts, "kernel", "clock_source",
                   "/sys/devices/system/clocksource/clocksource0/current_clocksource");
}

static void put_kib(struct facts *facts, const char *fact, const char *meminfo,
                    const char *key)
{
    char value[48], reason[64];
    const bool is_known = environment_parse_field(meminfo, key, value, sizeof value);
    (void)snprintf(reason, sizeof reason, "/proc/meminfo has no %s", key);
    facts_put_number(facts, "memory", fact,
                     is_known ? strtod(value, NULL) * 1024.0 : (double)NAN, reason);
}

static void put_memory(struct facts *facts)
{
    char text[FACTS_TEXT_MAX], word[32];
    uint64_t nodes = 0;
    (void)facts_read("/proc/meminfo", text, sizeof text);
    put_kib(facts, "total_bytes", text, "MemTotal");
    put_kib(facts, "available_bytes", text, "MemAvailable");
    put_kib(facts, "swap_total_bytes", text, "SwapTotal");
    put_kib(facts, "swap_free_bytes", text, "SwapFree");
    facts_put_number(facts, "memory", "page_bytes", (double)sysconf(_SC_PAGESIZE), "");
    const bool is_known =
        !facts_read("/sys/kernel/mm/transparent_hugepage/enabled", text, sizeof text) &&
        environment_parse_choice(text, word, sizeof word);
    facts_put_text(facts, "memory", "huge_pages", is_known ? word : NULL,
                   "the kernel has no transparent huge pages");
    const bool is_counted =
        !facts_read("/sys/devices/system/node/online", text, sizeof text) &&
        environment_parse_list_count(text, &nodes);
    facts_put_number(facts, "memory", "numa_nodes",
                     is_counted ? (double)nodes : (double)NAN,
                     "the kernel shows no nodes");
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* One fact per vulnerability, in alphabetical order, because readdir's order would
 * change. */
static void put_mitigations(struct facts *facts)
{
    struct dirent **entries = NULL;
    const int count = scandir(VULNERABILITIES, &entries, is_visible, alphasort);
    for (int i = 0; i < count; i++) {
        char path[sizeof VULNERABILITIES + 260];
        (void)snprintf(path, sizeof path, VULNERABILITIES "/%s", entries[i]->d_name);
        facts_put_line(facts, "mitigations", entries[i]->d_name, path);
        free(entries[i]);
    }
    free(entries);
    if (count <= 0)
        facts_put_text(facts, "mitigations", "all", NULL,
                       "the kernel does not list vulnerabilities");
}

void environment_put_kernel(struct facts *facts)
{
    put_kernel(facts);
    put_memory(facts);
    put_mitigations(facts);
}
