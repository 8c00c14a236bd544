/* environment.c: puts the groups of facts together; see environment.h. The groups are
 * environment_*.c's. */
#include "harness/host/environment.h"

#include "common/cpus.h"
#include "common/json.h"
#include "harness/host/environment_groups.h"

#include <math.h>

static void put_placement(struct facts *facts, const struct placement *placement,
                          uint64_t origin_threads)
{
    char text[CPUS_TEXT_SIZE];
    cpus_format(&placement->runner, text, sizeof text);
    facts_put_text(facts, "placement", "runner_cpus", text, "no CPU");
    cpus_format(&placement->origin, text, sizeof text);
    facts_put_text(facts, "placement", "origin_cpus", text,
                   "the origin is on another host");
    facts_put_number(facts, "placement", "origin_threads",
                     origin_threads ? (double)origin_threads : (double)NAN,
                     "the server is not concbench's origin");
    facts_put_bool(facts, "placement", "shared", true, placement->is_shared, "");
    if (*placement->warning)
        facts_put_text(facts, "placement", "warning", placement->warning, "");
}

json_t *environment_make(const struct placement *placement, uint64_t origin_threads)
{
    struct facts facts = facts_begin();
    const struct machine *machine = NULL;
    struct err ignored = {0};
    environment_put_host(&facts);
    environment_put_job(&facts);
    environment_put_cpu(&facts, placement);
    environment_put_kernel(&facts);
    environment_put_software(&facts);
    environment_put_limits(&facts);
    put_placement(&facts, placement, origin_threads);
    json_t *all = facts_finish(&facts);
    if (!machine_here(&machine, &ignored))
        json_put(json_object_get(all, "placement"), "machine",
                 placement_json(machine, placement));
    return all;
}
