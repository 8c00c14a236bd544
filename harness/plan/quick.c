/* quick.c: see quick.h. */
#include "harness/plan/quick.h"

#include "common/json.h"
#include "harness/plan/estimate.h"

int quick_take(json_t *json, bool is_wanted, struct err *err)
{
    json_t *quick = NULL;
    if (json_get_object(json, "", QUICK_NAME, &quick, err))
        return -1;
    if (quick && json_object_get(quick, QUICK_NAME))
        return err_set(err, EXIT_CODE_USAGE, QUICK_NAME "." QUICK_NAME ": not known");
    json_auto_t *kept = json_incref(quick);
    (void)json_object_del(json, QUICK_NAME);
    if (kept && is_wanted && json_object_update_recursive(json, kept))
        return err_set(err, EXIT_CODE_INTERNAL, "out of memory");
    return 0;
}

void quick_fit(struct plan *plan, size_t scenario_count, bool has_blocks)
{
    plan->warm_limit_s = QUICK_WARM_S;
    if (has_blocks)
        return;
    plan->blocks = QUICK_BLOCKS;
    while (plan->blocks > QUICK_BLOCKS_LEAST &&
           estimate_seconds(plan) > QUICK_SCENARIO_S * (double)scenario_count)
        plan->blocks--;
}
