/* target.c: see target.h. */
#include "harness/trial/target.h"

struct target trial_target(const struct trial_site *site, const struct scenario *scenario)
{
    struct target target = {0};
    const struct servers_need need = tasks_servers(scenario);
    if (site->servers)
        target = servers_target(site->servers, &need);
    else if (need.http && site->origin)
        target = (struct target){.origin = site->origin,
                                 .base_url = origin_control_url(site->origin)};
    return target;
}

struct origin_control *trial_origin(const struct trial_site *site,
                                    const struct scenario *scenario)
{
    return trial_target(site, scenario).origin;
}
