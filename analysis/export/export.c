/* export.c: the table of the formats; each lives in its own export_*.c. */
#include "analysis/export/export.h"

#include "analysis/export/export_formats.h"

#include <string.h>

static const struct export_format formats[] = {
    {"csv-long", export_csv, false, false, false},
    {"benchmark-action", export_action, false, true, false},
    {"junit", export_junit, true, false, false},
    {"openmetrics", export_openmetrics, false, false, false},
    {"benchstat", export_benchstat, false, false, false},
    {"hyperfine", export_hyperfine, false, false, false},
    {"chrome-trace", export_chrome, false, false, true},
};

const struct export_format *export_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        if (!strcmp(formats[i].name, name))
            return &formats[i];
    }
    return NULL;
}

bool export_has_trace(const struct compare_set *set)
{
    for (size_t f = 0; f < set->count; f++) {
        for (size_t c = 0; c < set->files[f].cell_count; c++) {
            const json_t *trace = json_object_get(set->files[f].cells[c].json, "trace");
            if (json_array_size(json_object_get(trace, "rows")) > 0)
                return true;
        }
    }
    return false;
}
