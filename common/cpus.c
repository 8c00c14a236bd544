/* cpus.c: CPU sets to text and back; see cpus.h. Which CPUs to use is decided elsewhere.
 */
#include "common/cpus.h"

#include <stdio.h>
#include <stdlib.h>

void cpus_format(const cpu_set_t *set, char *out_text, size_t size)
{
    size_t used = 0;
    out_text[0] = '\0';
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, set))
            continue;
        int last = cpu;
        while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, set))
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
    return number < CPU_SETSIZE ? (int)number : -1;
}

int cpus_parse(const char *text, cpu_set_t *out_set)
{
    cpu_set_t set;
    CPU_ZERO(&set);
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
            CPU_SET(cpu, &set);
        if (*text != ',')
            break;
        text++;
    }
    if (*text)
        return -1;
    *out_set = set;
    return 0;
}
