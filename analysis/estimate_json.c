/* estimate_json.c: see estimate_json.h. */
#include "analysis/estimate_json.h"

#include "common/json.h"

json_t *estimate_json(const struct stats_estimate *e, const char *reason)
{
    json_t *m = json_object();
    json_put(m, "median", json_real_or_null(e->value));
    json_put(m, "low", e->is_bounded ? json_real_or_null(e->low) : json_null());
    json_put(m, "high", e->is_bounded ? json_real_or_null(e->high) : json_null());
    json_put(m, "coverage", e->is_bounded ? json_real_or_null(e->coverage) : json_null());
    json_put(m, "n", json_uint(e->n));
    json_put(m, "reason", reason ? json_string(reason) : json_null());
    return m;
}
