/* traced.c: see traced.h. */
#include "analysis/traced.h"

#include "common/array.h"
#include "common/json.h"

static const struct {
    const char *key, *from; /* of the cell's trace, of the runner's document */
} tables[] = {{"rows", "trace_ns"},
              {"calls", "trace_calls_ns"},
              {"due", "trace_due_ns"},
              {"queue", "trace_queue_ns"}};

static const char *reason_of(const json_t *trial, const json_t *document)
{
    if (!json_is_true(json_object_get(trial, "valid")))
        return "the warm trial is not valid";
    return json_object_get(document, "trace_ns") ? NULL : "its runner takes no --trace";
}

json_t *traced_of(const json_t *trial)
{
    const json_t *document = json_object_get(trial, "document");
    const char *reason = reason_of(trial, document);
    json_t *trace = json_object();
    json_put(trace, "setup_ns",
             reason ? json_null() : json_incref(json_object_get(document, "setup_ns")));
    json_put(trace, "of",
             reason ? json_null() : json_incref(json_object_get(document, "requests")));
    for (size_t i = 0; i < COUNT_OF(tables) && !reason; i++) {
        json_t *rows = json_object_get(document, tables[i].from);
        if (rows)
            json_put(trace, tables[i].key, json_incref(rows));
    }
    if (reason)
        json_put(trace, "rows", json_null());
    json_put(trace, "reason", reason ? json_string(reason) : json_null());
    return trace;
}
