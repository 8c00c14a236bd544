/* health.c: numbers of /proc and /sys before and after a trial, and the rules by which
 * they count as a disturbance; see health.h.
 *
 * Only what comes from outside is a rule. Pressure on the CPU is recorded but is no rule,
 * because a model with many threads causes it itself. */
#include "harness/trial/health.h"

#include "common/cleanup.h"
#include "common/json.h"
#include "harness/host/cgroup.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TICKS_PER_S 100.0 /* USER_HZ, the unit of /proc/stat */

/* These files have no size, so they are read until the buffer is full; what is wanted
 * stands in the first 16 KiB. */
static const char *read_text(const char *path, char *text, size_t size)
{
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = 0;
    size_t used = 0;
    while (fd >= 0 && used + 1 < size &&
           (got = read(fd, text + used, size - 1 - used)) > 0)
        used += (size_t)got;
    text[used] = '\0';
    return used ? text : NULL;
}

bool health_find_number(const char *text, const char *name, int number, uint64_t *out)
{
    const size_t length = strlen(name);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, length) != 0)
            continue;
        const char *p = line + length;
        for (int i = 0; i < number; i++) {
            char *end = NULL;
            *out = strtoull(p, &end, 10);
            if (end == p)
                return false;
            p = end;
        }
        return true;
    }
    return false;
}

bool health_find_pressure(const char *text, uint64_t *out_us)
{
    const char *line = strstr(text, "some ");
    const char *total = line ? strstr(line, "total=") : NULL;
    char *end = NULL;
    if (!total)
        return false;
    *out_us = strtoull(total + strlen("total="), &end, 10);
    return end != total + strlen("total=");
}

/* One of the counts below /sys/devices/system/cpu/cpuN/thermal_throttle, if it is there.
 */
static bool add_throttle_count(const char *cpu, const char *file, uint64_t *sum)
{
    char path[300], text[32], *end = NULL;
    (void)snprintf(path, sizeof path,
                   "/sys/devices/system/cpu/%.200s/thermal_throttle/%s", cpu, file);
    if (!read_text(path, text, sizeof text))
        return false;
    *sum += strtoull(text, &end, 10);
    return end != text;
}

static bool read_thermal(uint64_t *out)
{
    uint64_t sum = 0;
    if (!add_throttle_count("cpu0", "core_throttle_count", &sum))
        return false;
    DIR *dir = opendir("/sys/devices/system/cpu");
    const struct dirent *entry = NULL;
    sum = 0;
    while (dir && (entry = readdir(dir))) {
        if (strncmp(entry->d_name, "cpu", 3) != 0)
            continue;
        (void)add_throttle_count(entry->d_name, "core_throttle_count", &sum);
        (void)add_throttle_count(entry->d_name, "package_throttle_count", &sum);
    }
    if (dir)
        (void)closedir(dir);
    *out = sum;
    return true;
}

static bool read_throttled(uint64_t *out)
{
    static const char *const controllers[] = {"cpu", ""};
    char directory[PATH_MAX - 16], path[PATH_MAX], text[1024];
    for (size_t i = 0; i < COUNT_OF(controllers); i++) {
        if (cgroup_own_directory(controllers[i], directory, sizeof directory))
            continue;
        (void)snprintf(path, sizeof path, "%s/cpu.stat", directory);
        if (read_text(path, text, sizeof text) &&
            health_find_number(text, "nr_throttled", 1, out))
            return true;
    }
    return false;
}

static bool read_pressure(const char *path, uint64_t *out)
{
    char text[256];
    return read_text(path, text, sizeof text) && health_find_pressure(text, out);
}

static void read_memory(struct health *h, char *text, size_t size)
{
    uint64_t in = 0;
    uint64_t out = 0;
    if (!read_text("/proc/vmstat", text, size))
        return;
    h->has[HEALTH_SWAPPED] = health_find_number(text, "pswpin ", 1, &in) &&
                             health_find_number(text, "pswpout ", 1, &out);
    h->values[HEALTH_SWAPPED] = in + out;
}

/* "0.31 0.25 0.20 3/412 9876": averages, runnable/all, the newest pid */
static void read_load(struct health *h, char *text, size_t size)
{
    char *end = NULL;
    if (!read_text("/proc/loadavg", text, size))
        return;
    h->load1 = strtod(text, &end);
    h->has_load = end != text;
    const char *slash = strchr(text, '/');
    while (slash && slash > text && slash[-1] >= '0' && slash[-1] <= '9')
        slash--;
    h->has[HEALTH_RUNNING] = slash && *slash != '/';
    if (h->has[HEALTH_RUNNING])
        h->values[HEALTH_RUNNING] = strtoull(slash, NULL, 10);
}

struct health health_read(void)
{
    char text[16384];
    struct health h = {.has_load = false};
    uint64_t *v = h.values;
    /* cpu user nice system idle iowait irq softirq steal */
    h.has[HEALTH_STEAL] = read_text("/proc/stat", text, sizeof text) &&
                          health_find_number(text, "cpu ", 8, &v[HEALTH_STEAL]);
    read_memory(&h, text, sizeof text);
    read_load(&h, text, sizeof text);
    h.has[HEALTH_THROTTLED] = read_throttled(&v[HEALTH_THROTTLED]);
    h.has[HEALTH_THERMAL] = read_thermal(&v[HEALTH_THERMAL]);
    h.has[HEALTH_PSI_CPU] = read_pressure("/proc/pressure/cpu", &v[HEALTH_PSI_CPU]);
    h.has[HEALTH_PSI_MEMORY] =
        read_pressure("/proc/pressure/memory", &v[HEALTH_PSI_MEMORY]);
    h.has[HEALTH_PSI_IO] = read_pressure("/proc/pressure/io", &v[HEALTH_PSI_IO]);
    if (read_text("/proc/net/sockstat", text, sizeof text)) {
        const char *tw = strstr(text, " tw ");
        h.has[HEALTH_TIME_WAIT] =
            tw && health_find_number(tw, " tw ", 1, &v[HEALTH_TIME_WAIT]);
    }
    return h;
}

/* Computes the difference; false when it is not known. */
static bool change(const struct health *before, const struct health *after,
                   enum health_number number, uint64_t *out)
{
    const bool is_known = before->has[number] && after->has[number] &&
                          after->values[number] >= before->values[number];
    if (is_known)
        *out = after->values[number] - before->values[number];
    return is_known;
}

static void put(json_t *json, json_t *reasons, const char *key, bool is_known,
                uint64_t value, const char *reason)
{
    json_put(json, key, is_known ? json_uint(value) : json_null());
    if (!is_known)
        json_put(reasons, key, json_string(reason));
}

json_t *health_json(const struct health *before, const struct health *after)
{
    static const char no_psi[] = "no pressure information (PSI) in this kernel";
    static const struct {
        const char *key, *reason;
        enum health_number number;
        bool is_moment; /* key_before and key_after, no difference */
    } rows[] = {
        {"steal_ticks", "/proc/stat does not say", HEALTH_STEAL, false},
        {"swapped_pages", "/proc/vmstat does not say", HEALTH_SWAPPED, false},
        {"throttled_count", "no CPU quota accounting in our control group",
         HEALTH_THROTTLED, false},
        {"thermal_throttled_count", "no thermal throttle counts on this machine",
         HEALTH_THERMAL, false},
        {"pressure_cpu_us", no_psi, HEALTH_PSI_CPU, false},
        {"pressure_memory_us", no_psi, HEALTH_PSI_MEMORY, false},
        {"pressure_io_us", no_psi, HEALTH_PSI_IO, false},
        {"running_count", "/proc/loadavg does not say", HEALTH_RUNNING, true},
        {"time_wait_count", "/proc/net/sockstat does not say", HEALTH_TIME_WAIT, true},
    };
    json_t *json = json_object(), *reasons = json_object();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const enum health_number n = rows[i].number;
        char key[64];
        uint64_t value = 0;
        if (!rows[i].is_moment) {
            bool is_known = change(before, after, n, &value);
            put(json, reasons, rows[i].key, is_known, value, rows[i].reason);
            continue;
        }
        (void)snprintf(key, sizeof key, "%s_before", rows[i].key);
        put(json, reasons, key, before->has[n], before->values[n], rows[i].reason);
        (void)snprintf(key, sizeof key, "%s_after", rows[i].key);
        put(json, reasons, key, after->has[n], after->values[n], rows[i].reason);
    }
    json_put(json, "load1",
             before->has_load ? json_real_or_null(before->load1) : json_null());
    json_put(json, "reasons", reasons);
    return json;
}

static double stolen_ratio(uint64_t ticks, uint64_t wall_ns, unsigned cpus)
{
    /* one tick is a sample, not 10 ms: in a short trial it means nothing */
    return ticks > 1 ? (double)ticks / TICKS_PER_S / ((double)wall_ns * 1e-9 * cpus) : 0;
}

static double as_count(uint64_t count, uint64_t wall_ns, unsigned cpus)
{
    (void)wall_ns;
    (void)cpus;
    return (double)count;
}

static double waiting_ratio(uint64_t us, uint64_t wall_ns, unsigned cpus)
{
    (void)cpus;
    return (double)us * 1e3 / (double)wall_ns;
}

static double per_cpu(uint64_t running, uint64_t wall_ns, unsigned cpus)
{
    (void)wall_ns;
    /* without ourselves, and without one that is just about to sleep: the origin that has
     * answered, a kernel thread that has written the journal */
    return running > 2 ? (double)(running - 2) / cpus : 0;
}

json_t *health_disturbed(const struct health *before, const struct health *after,
                         uint64_t wall_ns, unsigned cpus)
{
    static const struct {
        const char *reason;
        enum health_number number;
        bool is_moment; /* judged by what it was before: nothing of ours runs then */
        double (*value)(uint64_t number, uint64_t wall_ns, unsigned cpus);
        double limit; /* above it the trial is disturbed */
    } rules[] = {
        {"steal", HEALTH_STEAL, false, stolen_ratio, 0.02},
        {"throttled", HEALTH_THROTTLED, false, as_count, 0},
        {"thermal", HEALTH_THERMAL, false, as_count, 0},
        {"swap", HEALTH_SWAPPED, false, as_count, 0},
        {"memory-pressure", HEALTH_PSI_MEMORY, false, waiting_ratio, 0.02},
        {"run-queue", HEALTH_RUNNING, true, per_cpu, 0.49},
    };
    json_t *list = json_array();
    for (size_t i = 0; i < COUNT_OF(rules) && wall_ns && cpus; i++) {
        uint64_t number = before->values[rules[i].number];
        const bool is_known = rules[i].is_moment
                                  ? before->has[rules[i].number]
                                  : change(before, after, rules[i].number, &number);
        const double value = is_known ? rules[i].value(number, wall_ns, cpus) : 0;
        if (value <= rules[i].limit)
            continue;
        json_t *found = json_object();
        json_put(found, "reason", json_string(rules[i].reason));
        json_put(found, "value", json_real_or_null(value));
        json_put(found, "limit", json_real(rules[i].limit));
        json_push(list, found);
    }
    return list;
}
