/* delta.c: see delta.h. */
#include "harness/analysis/delta.h"

#include "common/json.h"
#include "harness/analysis/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double delta_value(const json_t *run, const char *metric)
{
    const json_t *entry = json_object_get(json_object_get(run, "delta"), metric);
    double value = metrics_number(entry, "value");
    return value > 0 && value < 1 ? value : DELTA_DEFAULT;
}

json_t *delta_json(double option, const json_t *floors)
{
    json_t *all = json_object();
    for (size_t i = 0; i < metrics_count; i++) {
        const char *name = metrics_table[i].name;
        if (!metrics_table[i].compared)
            continue;
        double floor_ratio = metrics_number(json_object_get(floors, name), "floor_ratio");
        const char *source = option > 0                    ? "option"
                             : floor_ratio > DELTA_DEFAULT ? "floor"
                                                           : "default";
        double value = option > 0                    ? option
                       : floor_ratio > DELTA_DEFAULT ? fmin(floor_ratio, .5)
                                                     : DELTA_DEFAULT;
        json_t *entry = json_object();
        json_put(entry, "value", json_real_or_null(value));
        json_put(entry, "source", json_string(source));
        json_put(all, name, entry);
    }
    return all;
}

int delta_parse(const char *text, double *out_delta, struct err *err)
{
    char *end = NULL;
    const size_t digits = strspn(text, "0123456789.");
    const bool is_number = digits > 0 && digits < 16;
    double percent = is_number ? strtod(text, &end) : 0;
    if (is_number && !*end)
        return err_set(err, EXIT_CODE_USAGE,
                       "--delta: '%s' has no unit; write %s%%, of one hundred", text,
                       text);
    if (!is_number || end != text + digits || strcmp(end, "%") != 0 ||
        !(percent >= .01 && percent <= 50))
        return err_set(
            err, EXIT_CODE_USAGE,
            "--delta: '%.40s' is not a percentage from 0.01%% to 50%%, such as "
            "2.5%%",
            text);
    *out_delta = percent / 100;
    return 0;
}
