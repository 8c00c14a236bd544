/* target.c: see target.h. */
#include "harness/trial/target.h"

struct target trial_target(const struct trial_context *context,
                           const struct scenario *scenario)
{
    struct target target = {0};
    const struct servers_need need = tasks_servers(scenario);
    if (context->servers)
        target = servers_target(context->servers, &need);
    else if (need.needs_http && context->origin)
        target = (struct target){.origin = context->origin,
                                 .base_url = origin_control_url(context->origin)};
    return target;
}

struct origin_control *trial_origin(const struct trial_context *context,
                                    const struct scenario *scenario)
{
    return trial_target(context, scenario).origin;
}
