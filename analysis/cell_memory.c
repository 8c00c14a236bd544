/* cell_memory.c: see cell_memory.h. */
#include "analysis/cell_memory.h"

#include "analysis/estimate_json.h"
#include "common/json.h"

#include <math.h>

/* Why an estimate of so many memory passes has no interval. */
static const char *few_passes(const struct stats_estimate *e)
{
    return e->is_bounded ? NULL
           : e->n == 1
               ? "one memory pass per cell: no interval"
               : "fewer than the 6 memory passes that an exact 95 % interval needs";
}

json_t *cell_memory_json(const struct cell *cell, const json_t *memory)
{
    double known[CELLS_PASSES_MAX];
    size_t n = 0;
    const char *source = json_string_value(json_object_get(memory, "source"));
    const char *why = json_string_value(json_object_get(memory, "reason"));
    const char *reason = why ? why : "the memory pass was not run";
    for (size_t i = 0; i < cell->pass_count; i++) {
        if (isfinite(cell->passes[i]))
            known[n++] = cell->passes[i];
    }
    const struct stats_estimate e = stats_median_estimate(known, n);
    json_t *m = estimate_json(&e, n ? few_passes(&e) : reason);
    json_put(m, "source", source && n ? json_string(source) : json_null());
    return m;
}

/* A worker does not give memory back: what lies below 0 is noise. */
json_t *cell_memory_further(const struct cell *cell)
{
    struct stats_estimate e = cell->further;
    const char *source = cell->memory_source;
    const char *why = e.n ? "nothing that shows: memory did not grow up to here"
                          : "no cell of the model has fewer workers and a memory pass";
    if (!(e.value > 0))
        e = (struct stats_estimate){.value = (double)NAN};
    e.low = fmax(e.low, 0);
    json_t *m = estimate_json(&e, e.n ? few_passes(&e) : why);
    json_put(m, "source", source && *source && e.n ? json_string(source) : json_null());
    return m;
}

double cell_memory_value(const struct cell *cell, const struct metric *metric)
{
    return metric->per == METRIC_FURTHER
               ? cell->further.value
               : cell->memory_bytes / metrics_divisor(metric, (double)cell->requests,
                                                      (double)cell->concurrency);
}
