/* environment.c: puts the groups of facts together, and reads what limits a plan; see
 * environment.h. The groups are environment_*.c's. */
#include "harness/host/environment.h"

#include "common/owners.h"
#include "harness/host/environment_groups.h"
#include "harness/trial/cpus.h"

#include <math.h>
#include <stdio.h>
#include <sys/resource.h>

#define OPEN_FILES_MAX UINT64_C(1048576) /* more only makes tables larger */

static void put_placement(struct facts *facts, const struct placement *placement,
                          uint64_t origin_threads)
{
    char text[CPUS_TEXT_SIZE];
    cpus_format(&placement->runner, text, sizeof text);
    facts_put_text(facts, "placement", "runner_cpus", text, "no CPU");
    cpus_format(&placement->origin, text, sizeof text);
    facts_put_text(facts, "placement", "origin_cpus", text, "no CPU");
    facts_put_number(facts, "placement", "origin_threads",
                     origin_threads ? (double)origin_threads : (double)NAN,
                     "the server is not ours");
    facts_put_bool(facts, "placement", "shared", true, placement->shared, "");
}

json_t *environment_make(const struct placement *placement, uint64_t origin_threads)
{
    struct facts facts = facts_begin();
    environment_put_host(&facts);
    environment_put_cpu(&facts, placement);
    environment_put_kernel(&facts);
    environment_put_software(&facts);
    environment_put_limits(&facts);
    put_placement(&facts, placement, origin_threads);
    return facts_finish(&facts);
}

struct plan_limits environment_limits(void)
{
    struct plan_limits limits = {UINT64_MAX, UINT64_MAX};
    struct rlimit files;
    if (!getrlimit(RLIMIT_NOFILE, &files)) {
        rlim_t wanted = files.rlim_max < OPEN_FILES_MAX ? files.rlim_max : OPEN_FILES_MAX;
        if (files.rlim_cur < wanted) {
            files.rlim_cur = wanted;
            (void)setrlimit(RLIMIT_NOFILE, &files); /* what is true is read back below */
        }
        if (!getrlimit(RLIMIT_NOFILE, &files))
            limits.open_files = files.rlim_cur;
    }
    AUTO_FILE FILE *ports = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
    char text[64];
    if (ports && fgets(text, sizeof text, ports)) {
        char *end = NULL;
        uint64_t low = strtoull(text, &end, 10), high = strtoull(end, NULL, 10);
        if (high >= low && high > 0)
            limits.ports = high - low + 1;
    }
    return limits;
}
