/* export.c: the table of the formats; each lives in its own export_*.c. */
#include "analysis/export/export.h"

#include "analysis/export/export_formats.h"

#include <string.h>

static const struct export_format formats[] = {
    {"csv-long", export_csv, false, false},
    {"benchmark-action", export_action, false, true},
    {"junit", export_junit, true, false},
    {"openmetrics", export_openmetrics, false, false},
    {"benchstat", export_benchstat, false, false},
    {"hyperfine", export_hyperfine, false, false},
};

const struct export_format *export_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        if (!strcmp(formats[i].name, name))
            return &formats[i];
    }
    return NULL;
}
