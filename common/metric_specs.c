/* metric_specs.c: see metric_specs.h. A new metric is one line here and one in the enum. */
#include "common/metric_specs.h"

#include <string.h>

const struct metric_spec metric_specs[METRIC_COUNT] = {
    [METRIC_THROUGHPUT] = {"throughput_per_s", "requests per second", UNIT_PER_S},
    [METRIC_CPU_PER_REQUEST] = {"cpu_per_request_ns", "CPU per request", UNIT_NS},
    [METRIC_TREE_MEMORY] = {"tree_memory_bytes", "tree memory", UNIT_BYTES},
    [METRIC_MAX_RSS] = {"max_rss_bytes", "largest process", UNIT_BYTES},
    [METRIC_WALL] = {"wall_ns", "wall time", UNIT_NS},
    [METRIC_MEASURED] = {"measured_ns", "measured time", UNIT_NS},
    [METRIC_SETUP] = {"setup_ns", "set-up time", UNIT_NS},
    [METRIC_CPU_TOTAL] = {"cpu_total_ns", "CPU, whole process", UNIT_NS},
    [METRIC_CPU_USER] = {"cpu_user_ns", "user CPU", UNIT_NS},
    [METRIC_CPU_SYSTEM] = {"cpu_system_ns", "system CPU", UNIT_NS},
    [METRIC_CPU_STARTUP] = {"cpu_startup_ns", "start-up CPU", UNIT_NS},
    [METRIC_VOLUNTARY] = {"voluntary_switches_per_request",
                          "voluntary switches per request", UNIT_COUNT},
    [METRIC_INVOLUNTARY] = {"involuntary_switches_per_request",
                            "involuntary switches per request", UNIT_COUNT},
    [METRIC_MINOR_FAULTS] = {"minor_faults_per_request", "minor faults per request",
                             UNIT_COUNT},
    [METRIC_ORIGIN_CPU] = {"origin_cpu_ratio", "origin busy", UNIT_RATIO},
    [METRIC_RUNNER_CPU] = {"runner_cpu_ratio", "runner busy", UNIT_RATIO},
    [METRIC_RESPONSE_P50] = {"response_p50_ns", "50 % response time", UNIT_NS},
    [METRIC_RESPONSE_P99] = {"response_p99_ns", "99 % response time", UNIT_NS},
    [METRIC_LAG_P99] = {"lag_p99_ns", "99 % start lag", UNIT_NS},
    [METRIC_INSTRUCTIONS] = {"instructions_per_request", "instructions per request",
                             UNIT_COUNT},
    [METRIC_CYCLES] = {"cycles_per_request", "cycles per request", UNIT_COUNT},
    [METRIC_CACHE_MISSES] = {"cache_misses_per_request", "cache misses per request",
                             UNIT_COUNT},
    [METRIC_BRANCH_MISSES] = {"branch_misses_per_request", "branch misses per request",
                              UNIT_COUNT},
    [METRIC_ENERGY] = {"energy_per_request_uj", "energy per request, µJ", UNIT_COUNT},
    [METRIC_LATENCY_P50] = {"latency_p50_ns", "50 % latency", UNIT_NS},
    [METRIC_LATENCY_P99] = {"latency_p99_ns", "99 % latency", UNIT_NS},
    [METRIC_FAILED] = {"failed_ratio", "failed requests", UNIT_RATIO},
    [METRIC_PRODUCER_WAITS] = {"task.producer_waits", "waits of producers", UNIT_COUNT},
    [METRIC_CONSUMER_WAITS] = {"task.consumer_waits", "waits of consumers", UNIT_COUNT},
    [METRIC_PRODUCER_WAIT_RATIO] = {"task.producer_wait_ratio",
                                    "numbers whose producer waits", UNIT_RATIO},
    [METRIC_CONSUMER_WAIT_RATIO] = {"task.consumer_wait_ratio",
                                    "numbers that a consumer waits for", UNIT_RATIO},
    [METRIC_LATE] = {"task.late_ns", "the last was late by", UNIT_NS},
    [METRIC_HEADLINE] = {"", "headline", UNIT_COUNT},
};

struct metric_spec metric_spec_of(const char *key)
{
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        if (!strcmp(metric_specs[i].key, key))
            return metric_specs[i];
    }
    return (struct metric_spec){key, key, format_unit_of(key)};
}
