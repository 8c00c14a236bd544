/* noise_floor.c: see noise_floor.h. */
#include "analysis/noise_floor.h"

#include "analysis/margin.h"
#include "analysis/metrics.h"
#include "analysis/stats.h"
#include "common/cleanup.h"
#include "common/file.h"
#include "common/json.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define FILE_BYTES_MAX (1U << 20)

static const struct {
    const char *key, *group, *fact;
} fingerprint_facts[] = {
    {"host_name", "host", "name"},
    {"cpu_model", "cpu", "model"},
    {"cpu_count", "cpu", "count"},
    {"kernel_release", "kernel", "release"},
};

/* The facts that must be the same for a floor to apply. New. */
static json_t *fingerprint_json(const json_t *environment, const char *build_type)
{
    json_t *all = json_object();
    for (size_t i = 0; i < COUNT_OF(fingerprint_facts); i++) {
        json_t *value =
            json_object_get(json_object_get(environment, fingerprint_facts[i].group),
                            fingerprint_facts[i].fact);
        json_put(all, fingerprint_facts[i].key, value ? json_incref(value) : json_null());
    }
    json_put(all, "build_type", json_string(build_type ? build_type : ""));
    return all;
}

static double larger(double a, double b)
{
    return fmax(a, b); /* drops a NaN */
}

/* Adds a control's row to the metric's numbers. */
static void add_row(json_t *metrics, const json_t *control, const json_t *row)
{
    static const char *const kept[] = {"ratio", "low", "high", "verdict"};
    const char *name = json_string_value(json_object_get(row, "metric"));
    double ratio = log(json_number_of(row, "ratio"));
    double half =
        (log(json_number_of(row, "high")) - log(json_number_of(row, "low"))) / 2;
    if (!name || !isfinite(half))
        return;
    json_t *metric = json_object_get(metrics, name);
    if (!metric) {
        metric = json_object();
        json_put(metric, "arms", json_array());
        json_put(metrics, name, metric);
    }
    double floor_ratio =
        larger(expm1(larger(half, fabs(ratio))), json_number_of(metric, "floor_ratio"));
    double sd = larger(json_number_of(row, "log_ratio_sd"),
                       json_number_of(metric, "log_ratio_sd"));
    double margin = larger(floor_ratio, margin_value(NULL, name));
    double shown = stats_smallest_shown(sd, margin, NOISE_FLOOR_BLOCKS);
    json_put(metric, "floor_ratio", json_real_or_null(floor_ratio));
    json_put(metric, "log_ratio_sd", json_real_or_null(sd));
    json_put(metric, "smallest_shown_ratio", json_real_or_null(shown));
    json_t *arm = json_object();
    json_put(arm, "model", json_incref(json_object_get(control, "model")));
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        json_put(arm, kept[i], json_incref(json_object_get(row, kept[i])));
    json_push(json_object_get(metric, "arms"), arm);
}

json_t *noise_floor_make(const json_t *results)
{
    const json_t *run = json_object_get(results, "run");
    json_t *document = json_object(), *metrics = json_object();
    json_t *control = NULL, *row = NULL;
    size_t i = 0, j = 0;
    json_array_foreach (json_object_get(results, "controls"), i, control) {
        json_array_foreach (json_object_get(control, "comparisons"), j, row)
            add_row(metrics, control, row);
    }
    json_put(document, "floor_version", json_integer(1));
    json_put(document, "measured", json_incref(json_object_get(run, "finished")));
    json_put(document, "run", json_incref(json_object_get(run, "id")));
    json_put(document, "suite_version",
             json_incref(json_object_get(run, "suite_version")));
    json_put(document, "blocks", json_incref(json_object_get(run, "blocks")));
    json_put(document, "fingerprint",
             fingerprint_json(json_object_get(results, "environment"),
                              json_string_value(json_object_get(run, "build_type"))));
    json_put(document, "metrics", metrics);
    return document;
}

int noise_floor_is_measured(const json_t *document)
{
    return json_object_size(json_object_get(document, "metrics")) > 0;
}

static int path_of(const char *out, char *out_path, struct err *err)
{
    int length = snprintf(out_path, PATH_MAX, "%s/" NOISE_FLOOR_FILE, out);
    if (length < 0 || length >= PATH_MAX)
        return err_set(err, EXIT_CODE_UNFIT, "results directory: path too long");
    return 0;
}

int noise_floor_write(const char *out, const json_t *document, struct err *err)
{
    char path[PATH_MAX];
    if (path_of(out, path, err))
        return -1;
    return file_write_json(path, document, err);
}

json_t *noise_floor_read(const char *out, const json_t *environment,
                         const char *build_type)
{
    char path[PATH_MAX];
    json_auto_t *document = NULL, *here = fingerprint_json(environment, build_type);
    if (path_of(out, path, NULL) || json_load_path(path, FILE_BYTES_MAX, &document, NULL))
        return NULL;
    json_t *metrics = json_object_get(document, "metrics");
    if (!json_equal(json_object_get(document, "fingerprint"), here) ||
        !json_is_object(metrics))
        return NULL;
    return json_incref(metrics);
}
