/* compare_metric.c: see compare_metric.h. */
#include "analysis/compare/compare_metric.h"

#include "common/array.h"

#include <stddef.h>
#include <string.h>

bool compare_metric_is_rising(const char *metric)
{
    return !strncmp(metric, "throughput", 10);
}

bool compare_metric_decides(const char *metric)
{
    static const char *const others[] = {"wall_ns", "tree_memory_bytes", "measured_ns",
                                         "task."};
    bool decides = true;
    for (size_t i = 0; i < COUNT_OF(others); i++)
        decides = decides && strncmp(metric, others[i], strlen(others[i])) != 0;
    return decides;
}
