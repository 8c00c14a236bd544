/* counts.c: counters as JSON, and why one is missing; see counts.h. Counting itself is
 * the launcher's (launch/counters.c). */
#include "harness/trial/counts.h"

#include "common/json.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>

/* The reason in words; text is used when it needs a number. */
static const char *reason_for(const struct counters_spec *spec, int error,
                              const char *paranoid, char *text, size_t size)
{
    switch (error) {
    case ENOENT:
    case ENODEV:
    case EOPNOTSUPP:
    case EINVAL:
        return spec->type == PERF_TYPE_HARDWARE ? "no hardware counters on this machine"
                                                : "this kernel does not count it";
    case ENOSYS:
        return "this kernel was built without perf events";
    case EACCES:
    case EPERM:
        (void)snprintf(text, size,
                       "counting user and kernel mode is refused "
                       "(kernel.perf_event_paranoid is %.*s)",
                       paranoid ? (int)strcspn(paranoid, "\n") : 7,
                       paranoid ? paranoid : "unknown");
        return text;
    default:
        (void)snprintf(text, size, "cannot be counted: %s", strerror(error));
        return text;
    }
}

static json_t *one_json(const struct counters_spec *spec, const struct counters_value *v,
                        const char *paranoid)
{
    char text[160];
    const char *reason = NULL;
    if (v->error)
        reason = reason_for(spec, v->error, paranoid, text, sizeof text);
    else if (v->running_ns == 0)
        reason = "never got a counter of the processor";
    json_t *json = json_object();
    json_put(json, "value", reason ? json_null() : json_uint(v->value));
    json_put(json, "running_ratio",
             reason || v->enabled_ns == 0
                 ? json_null()
                 : json_real_or_null((double)v->running_ns / (double)v->enabled_ns));
    json_put(json, "reason", reason ? json_string(reason) : json_null());
    return json;
}

json_t *counts_json(const struct counters_value *values, const char *paranoid)
{
    json_t *json = json_object();
    for (size_t i = 0; i < COUNTERS_COUNT; i++)
        json_put(json, counters_table[i].name,
                 one_json(&counters_table[i], &values[i], paranoid));
    return json;
}
