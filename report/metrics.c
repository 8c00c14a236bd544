/* metrics.c: the table of metrics.h. A new metric is one line here and one in the enum.
 */
#include "report/metrics.h"

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
};
