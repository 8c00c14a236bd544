/* environment_parse.c: see environment_parse.h. The CPU's own file is cpuinfo below;
 * where the texts come from is environment_*.c's. */
#include "harness/host/environment_parse.h"

#include "common/array.h"
#include "common/list.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define V1_NO_LIMIT                                                                      \
    9.2e18 /* memory.limit_in_bytes of a group without one, less a page                  \
            */
#define TOPOLOGY_MAX  4096
#define BYTES_IN_KILO UINT64_C(1024)

/* The next line; NULL after the last. */
static const char *next_line(const char *line)
{
    const char *end = strchr(line, '\n');
    return end && end[1] ? end + 1 : NULL;
}

static bool copy_line(const char *from, char *out_text, size_t size)
{
    size_t length = strcspn(from, "\n");
    while (length > 0 && strchr(" \t\r", from[length - 1]))
        length--;
    if (length == 0)
        return false;
    (void)snprintf(out_text, size, "%.*s", (int)length, from);
    return true;
}

/* The text after "key <blanks> separator" on a line, or NULL. */
static const char *value_of(const char *line, const char *key, char separator)
{
    size_t length = strlen(key);
    if (strncmp(line, key, length) != 0)
        return NULL;
    const char *at = line + length + strspn(line + length, " \t");
    if (*at != separator)
        return NULL;
    return at + 1 + strspn(at + 1, " \t");
}

bool environment_parse_field(const char *text, const char *key, char *out_value,
                             size_t size)
{
    for (const char *line = text; line; line = next_line(line)) {
        const char *value = value_of(line, key, ':');
        if (value)
            return copy_line(value, out_value, size);
    }
    return false;
}

bool environment_parse_config(const char *text, const char *key, char *out_value,
                              size_t size)
{
    for (const char *line = text; line; line = next_line(line)) {
        const char *value = value_of(line, key, '=');
        if (!value || !copy_line(value + (*value == '"'), out_value, size))
            continue;
        out_value[strcspn(out_value, "\"")] = '\0';
        return *out_value != '\0';
    }
    return false;
}

static const struct {
    unsigned long implementer;
    const char *name;
} implementers[] = {{0x41, "ARM"},     {0x42, "Broadcom"},  {0x43, "Cavium"},
                    {0x46, "Fujitsu"}, {0x48, "HiSilicon"}, {0x4e, "NVIDIA"},
                    {0x50, "APM"},     {0x51, "Qualcomm"},  {0x53, "Samsung"},
                    {0x61, "Apple"},   {0x6d, "Microsoft"}, {0xc0, "Ampere"}};

static const struct {
    unsigned long implementer, part;
    const char *name;
} parts[] = {{0x41, 0xd03, "Cortex-A53"},  {0x41, 0xd05, "Cortex-A55"},
             {0x41, 0xd07, "Cortex-A57"},  {0x41, 0xd08, "Cortex-A72"},
             {0x41, 0xd0b, "Cortex-A76"},  {0x41, 0xd0c, "Neoverse-N1"},
             {0x41, 0xd40, "Neoverse-V1"}, {0x41, 0xd49, "Neoverse-N2"},
             {0x41, 0xd4f, "Neoverse-V2"}, {0xc0, 0xac3, "Ampere-1"},
             {0xc0, 0xac4, "Ampere-1a"}};

/* ARM gives two numbers, of which the known ones become names. */
static void name_arm(const char *text, struct environment_cpu *cpu)
{
    char field[32];
    if (!environment_parse_field(text, "CPU implementer", field, sizeof field))
        return;
    const unsigned long implementer = strtoul(field, NULL, 0);
    (void)snprintf(cpu->vendor, sizeof cpu->vendor, "implementer %s", field);
    for (size_t i = 0; i < COUNT_OF(implementers); i++) {
        if (implementers[i].implementer == implementer)
            (void)snprintf(cpu->vendor, sizeof cpu->vendor, "%s", implementers[i].name);
    }
    if (*cpu->model || !environment_parse_field(text, "CPU part", field, sizeof field))
        return;
    const unsigned long part = strtoul(field, NULL, 0);
    (void)snprintf(cpu->model, sizeof cpu->model, "%s part %s", cpu->vendor, field);
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (parts[i].implementer == implementer && parts[i].part == part)
            (void)snprintf(cpu->model, sizeof cpu->model, "%s", parts[i].name);
    }
}

struct environment_cpu environment_parse_cpuinfo(const char *text)
{
    struct environment_cpu cpu = {.frequency_hz = (double)NAN};
    char field[64];
    (void)environment_parse_field(text, "model name", cpu.model, sizeof cpu.model);
    (void)environment_parse_field(text, "vendor_id", cpu.vendor, sizeof cpu.vendor);
    (void)environment_parse_field(text, "microcode", cpu.microcode, sizeof cpu.microcode);
    if (environment_parse_field(text, "cpu MHz", field, sizeof field))
        cpu.frequency_hz = round(strtod(field, NULL) * 1e6);
    for (const char *line = text; line; line = next_line(line)) {
        const char *flags = value_of(line, "flags", ':');
        cpu.threads += value_of(line, "processor", ':') != NULL;
        if (flags && !cpu.has_flags) {
            cpu.has_flags = true;
            cpu.has_hypervisor = list_has(flags, strcspn(flags, "\n"), " ", "hypervisor");
        }
    }
    name_arm(text, &cpu);
    return cpu;
}

bool environment_parse_topology(const char *text, uint64_t *out_sockets,
                                uint64_t *out_cores)
{
    long packages[TOPOLOGY_MAX], cores[TOPOLOGY_MAX];
    size_t count = 0;
    uint64_t socket_count = 0;
    for (const char *line = text; line && *line && count < TOPOLOGY_MAX;
         line = next_line(line)) {
        char *end = NULL;
        const long package = strtol(line, &end, 10), core = strtol(end, NULL, 10);
        bool is_new_package = true, is_new_core = true;
        if (package < 0 || core < 0)
            return false;
        for (size_t i = 0; i < count; i++) {
            is_new_package = is_new_package && packages[i] != package;
            is_new_core = is_new_core && (packages[i] != package || cores[i] != core);
        }
        socket_count += is_new_package;
        packages[count] = package;
        cores[count] = core;
        count += is_new_core;
    }
    if (count == 0)
        return false;
    *out_sockets = socket_count;
    *out_cores = count;
    return true;
}

bool environment_parse_size(const char *text, uint64_t *out_bytes)
{
    char *end = NULL;
    uint64_t value = strtoull(text, &end, 10);
    if (end == text || *text == '-')
        return false;
    if (*end == 'K')
        value *= BYTES_IN_KILO;
    else if (*end == 'M')
        value *= BYTES_IN_KILO * BYTES_IN_KILO;
    else if (*end == 'G')
        value *= BYTES_IN_KILO * BYTES_IN_KILO * BYTES_IN_KILO;
    *out_bytes = value;
    return true;
}

bool environment_parse_choice(const char *text, char *out_word, size_t size)
{
    const char *open = strchr(text, '[');
    const size_t length = open ? strcspn(open + 1, "]\n") : 0;
    if (length == 0 || open[1 + length] != ']')
        return false;
    (void)snprintf(out_word, size, "%.*s", (int)length, open + 1);
    return true;
}

bool environment_parse_list_count(const char *text, uint64_t *out_count)
{
    uint64_t count = 0;
    for (const char *at = text;; at++) {
        char *end = NULL;
        const unsigned long first = strtoul(at, &end, 10);
        if (end == at)
            return false;
        const unsigned long last = *end == '-' ? strtoul(end + 1, &end, 10) : first;
        if (last < first)
            return false;
        count += last - first + 1;
        at = end;
        if (*at != ',')
            break;
    }
    *out_count = count;
    return true;
}

const char *environment_parse_preemption(const char *version, const char *config,
                                         const char *chosen, char *out_text, size_t size)
{
    static const struct {
        const char *key, *name;
    } builds[] = {{"CONFIG_PREEMPT_RT", "rt"},
                  {"CONFIG_PREEMPT_LAZY", "lazy"},
                  {"CONFIG_PREEMPT", "full"},
                  {"CONFIG_PREEMPT_VOLUNTARY", "voluntary"},
                  {"CONFIG_PREEMPT_NONE", "none"}};
    const char *built = NULL;
    char value[8];
    for (size_t i = 0; config && !built && i < COUNT_OF(builds); i++) {
        if (environment_parse_config(config, builds[i].key, value, sizeof value))
            built = builds[i].name;
    }
    if (strstr(version, "PREEMPT_RT"))
        return "rt";
    if (strstr(version, "PREEMPT_DYNAMIC")) {
        if (!chosen)
            chosen = built ? built : "set at boot, not readable";
        (void)snprintf(out_text, size, "dynamic, %s", chosen);
        return out_text;
    }
    if (strstr(version, "PREEMPT"))
        return built ? built : "full";
    return built;
}

bool environment_parse_cgroup_path(const char *text, const char *controller,
                                   char *out_path, size_t size)
{
    for (const char *line = text; line && *line; line = next_line(line)) {
        const char *list = strchr(line, ':');
        const char *path = list ? strchr(list + 1, ':') : NULL;
        if (!path || path > line + strcspn(line, "\n"))
            continue;
        bool is_found = !*controller && path == list + 1 && line[0] == '0';
        for (const char *at = list + 1; *controller && at < path;) {
            const size_t length = strcspn(at, ",:");
            is_found = is_found ||
                       (length == strlen(controller) && !strncmp(at, controller, length));
            at += length + 1;
        }
        if (is_found)
            return copy_line(path + 1, out_path, size);
    }
    return false;
}

const char *environment_parse_container(const char *text)
{
    static const struct {
        const char *sign, *name;
    } signs[] = {{"kubepods", "kubernetes"},
                 {"libpod", "podman"},
                 {"docker", "docker"},
                 {"/lxc", "lxc"},
                 {"cri-containerd", "containerd"}};
    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        if (strstr(text, signs[i].sign))
            return signs[i].name;
    }
    return NULL;
}

enum environment_limit environment_parse_limit(const char *text, double *out_value)
{
    char *end = NULL;
    if (!strncmp(text, "max", 3))
        return ENVIRONMENT_LIMIT_NONE;
    const double value = strtod(text, &end);
    if (end == text || value < 0)
        return ENVIRONMENT_LIMIT_UNKNOWN;
    if (value >= V1_NO_LIMIT)
        return ENVIRONMENT_LIMIT_NONE;
    *out_value = value;
    return ENVIRONMENT_LIMIT_SET;
}

const char *environment_parse_power(const char *text)
{
    const char *found = NULL;
    for (const char *line = text; line && *line; line = next_line(line)) {
        char type[16], online[8], status[24];
        if (sscanf(line, "%15s %7s %23s", type, online, status) != 3)
            continue;
        if ((!strcmp(type, "Mains") || !strncmp(type, "USB", 3)) && !strcmp(online, "1"))
            return "mains";
        if (!strcmp(type, "Battery"))
            found = strcmp(status, "Discharging") != 0 && !found ? "mains" : "battery";
    }
    return found;
}
