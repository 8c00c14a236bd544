/* health.c: three numbers of /proc; see health.h. */
#include "harness/health.h"

#include "common/json.h"
#include "common/owners.h"

#include <fcntl.h>
#include <string.h>

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

/* The number-th number (from 1) on the line that starts with name. */
static bool find_number(const char *text, const char *name, int number, uint64_t *out)
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

struct health health_read(void)
{
    char text[16384];
    struct health h = {0};
    uint64_t swapped_in = 0;
    uint64_t swapped_out = 0;
    /* cpu user nice system idle iowait irq softirq steal */
    if (read_text("/proc/stat", text, sizeof text))
        h.has_steal = find_number(text, "cpu ", 8, &h.steal_ticks);
    if (read_text("/proc/loadavg", text, sizeof text)) {
        char *end = NULL;
        h.load1 = strtod(text, &end);
        h.has_load = end != text;
    }
    if (read_text("/proc/vmstat", text, sizeof text)) {
        h.has_swap = find_number(text, "pswpin ", 1, &swapped_in) &&
                     find_number(text, "pswpout ", 1, &swapped_out);
        h.swapped_pages = swapped_in + swapped_out;
    }
    return h;
}

static json_t *difference(bool known, uint64_t before, uint64_t after)
{
    return known && after >= before ? json_integer((json_int_t)(after - before))
                                    : json_null();
}

json_t *health_json(const struct health *before, const struct health *after)
{
    json_t *json = json_object();
    json_put(json, "steal_ticks",
             difference(before->has_steal && after->has_steal, before->steal_ticks,
                        after->steal_ticks));
    json_put(json, "load1",
             before->has_load ? json_real_or_null(before->load1) : json_null());
    json_put(json, "swapped_pages",
             difference(before->has_swap && after->has_swap, before->swapped_pages,
                        after->swapped_pages));
    return json;
}
