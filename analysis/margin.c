/* margin.c: see margin.h. */
#include "analysis/margin.h"

#include "analysis/metrics.h"
#include "common/json.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

double margin_value(const json_t *run, const char *metric)
{
    const json_t *all = json_object_get(run, "delta");
    const json_t *entry = json_object_get(all, metric);
    const struct metric *row = metrics_find(metric);
    if (!entry) /* compared in this scenario alone: the machine is as noisy as ever */
        entry = json_object_get(all, "throughput_per_s");
    double value = json_number_of(entry, "value");
    value = value > 0 && value < 1 ? value : MARGIN_DEFAULT;
    return row ? fmax(value, row->resolution) : value;
}

/* One metric's {value, source}: what was asked for, else what the machine can show; but
 * never finer than the metric is measured. New. */
static json_t *entry_json(const struct metric *metric, double option, double floor_ratio)
{
    const bool is_floor = floor_ratio > MARGIN_DEFAULT;
    double value = is_floor ? fmin(floor_ratio, .5) : MARGIN_DEFAULT;
    const char *source = is_floor ? "floor" : "default";
    if (option > 0) {
        value = option;
        source = "option";
    }
    if (value < metric->resolution) {
        value = metric->resolution;
        source = "resolution";
    }
    json_t *entry = json_object();
    json_put(entry, "value", json_real_or_null(value));
    json_put(entry, "source", json_string(source));
    return entry;
}

json_t *margin_json(double option, const json_t *floors)
{
    json_t *all = json_object();
    for (size_t i = 0; i < metrics_count; i++) {
        const struct metric *metric = &metrics_table[i];
        double floor_ratio =
            json_number_of(json_object_get(floors, metric->name), "floor_ratio");
        if ((metric->flags & METRIC_COMPARED) && !(metric->flags & METRIC_ONCE))
            json_put(all, metric->name, entry_json(metric, option, floor_ratio));
    }
    return all;
}

int margin_parse(const char *option, const char *text, double *out_margin,
                 struct err *err)
{
    char *end = NULL;
    const size_t digits = strspn(text, "0123456789.");
    const bool is_number = digits > 0 && digits < 16;
    double percent = is_number ? strtod(text, &end) : 0;
    if (is_number && !*end)
        return err_set(err, EXIT_CODE_USAGE,
                       "%s: '%s' has no unit; write %s%%, of one hundred", option, text,
                       text);
    if (!is_number || end != text + digits || strcmp(end, "%") != 0 ||
        !(percent >= .01 && percent <= 50))
        return err_set(
            err, EXIT_CODE_USAGE,
            "%s: '%.40s' is not a percentage from 0.01%% to 50%%, such as 2.5%%", option,
            text);
    *out_margin = percent / 100;
    return 0;
}
