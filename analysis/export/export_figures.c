/* export_figures.c: see export_figures.h. The summary is taken as it stands in the file,
 * so every format shows what the report shows. */
#include "analysis/export/export_figures.h"

#include "common/clean.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *ending, *name, *base;
    double scale;
    const char *go;
} units[] = {
    {"_per_s", "1/s", "_per_second", 1, "/s"},
    {"_ns", "ns", "_seconds", 1e-9, "-ns"},
    {"_bytes", "bytes", "_bytes", 1, "-B"},
    {"_uj", "uJ", "_joules", 1e-6, "-uJ"},
    {"_ratio", "ratio", "_ratio", 1, "-ratio"},
    {"", "1", "", 1, ""}, /* a count; it fits all */
};

static bool cut_ending(char *text, const char *ending)
{
    const size_t length = strlen(text), cut = strlen(ending);
    if (length < cut || strcmp(text + length - cut, ending) != 0)
        return false;
    text[length - cut] = '\0';
    return true;
}

static const char *cut_divisor(char *stem)
{
    for (enum metric_per per = METRIC_REQUEST; per <= METRIC_FURTHER; per++) {
        char ending[24];
        (void)snprintf(ending, sizeof ending, "_per_%s", metrics_per_word(per));
        if (cut_ending(stem, ending))
            return metrics_per_word(per);
    }
    return NULL;
}

struct export_unit export_unit_of(const char *metric)
{
    struct export_unit unit = {.per = NULL};
    size_t i = 0;
    (void)snprintf(unit.stem, sizeof unit.stem, "%s", metric);
    unit.per = cut_divisor(unit.stem);
    while (!cut_ending(unit.stem, units[i].ending))
        i++;
    if (!unit.per)
        unit.per = cut_divisor(unit.stem);
    unit.base = units[i].base;
    unit.scale = units[i].scale;
    unit.go = units[i].go;
    (void)snprintf(unit.name, sizeof unit.name, "%s%s%s", units[i].name,
                   unit.per ? "/" : "", unit.per ? unit.per : "");
    return unit;
}

void export_headline(const struct compare_file *file, const struct cell *cell,
                     struct headline *out_headline)
{
    headline_of(compare_scenario(file, cell->scenario), out_headline);
}

const struct metric *export_metric(const struct headline *headline, size_t index)
{
    if (index < metrics_count)
        return &metrics_table[index];
    return index == metrics_count && headline->metric.base ? &headline->metric : NULL;
}

static void add(struct export_figure *figures, size_t *count, const char *metric,
                const struct export_figure *values)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_.";
    struct export_figure *figure = &figures[*count];
    if (*count == EXPORT_FIGURES_MAX || !isfinite(values->median) ||
        strlen(metric) >= sizeof figure->metric || strspn(metric, "0123456789") > 0 ||
        strspn(metric, letters) != strlen(metric))
        return;
    *figure = *values;
    (void)snprintf(figure->metric, sizeof figure->metric, "%s", metric);
    ++*count;
}

/* Percentiles of all requests of a cell. Those of response times are metrics of their own
 * in an open loop. */
static void add_latencies(const json_t *latency, struct export_figure *figures,
                          size_t *count)
{
    static const char *const keys[] = {"p50", "p90", "p99", "p999"};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        char low[16], high[16], metric[32];
        (void)snprintf(low, sizeof low, "%s_low", keys[i]);
        (void)snprintf(high, sizeof high, "%s_high", keys[i]);
        (void)snprintf(metric, sizeof metric, "latency_%s_ns", keys[i]);
        const struct export_figure values = {.median = json_number_of(latency, keys[i]),
                                             .low = json_number_of(latency, low),
                                             .high = json_number_of(latency, high)};
        add(figures, count, metric, &values);
    }
}

size_t export_figures(const struct cell *cell, struct export_figure *out_figures)
{
    json_t *summary = json_object_get(cell->json, "summary"), *metric = NULL;
    const char *name = NULL;
    size_t count = 0;
    json_object_foreach (summary, name, metric) {
        const json_int_t n = json_integer_value(json_object_get(metric, "n"));
        const struct export_figure values = {.median = json_number_of(metric, "median"),
                                             .low = json_number_of(metric, "low"),
                                             .high = json_number_of(metric, "high"),
                                             .n = n > 0 ? (size_t)n : 0};
        add(out_figures, &count, name, &values);
    }
    const size_t first = count;
    add_latencies(json_object_get(summary, "latency_ns"), out_figures, &count);
    for (size_t i = first; i < count; i++)
        out_figures[i].n = cell->n;
    return count;
}

struct export_name export_cell_name(const struct compare_set *set,
                                    const struct compare_file *file,
                                    const struct cell *cell)
{
    struct export_name name;
    (void)snprintf(name.s, sizeof name.s, "%s%s%s/%s/%" JSON_INTEGER_FORMAT,
                   set->count > 1 ? file->label : "", set->count > 1 ? "/" : "",
                   cell->scenario, cell->model, cell->concurrency);
    return name;
}

void export_json(const json_t *json, FILE *out)
{
    AUTO_FREE char *text = memory_must(
        json_dumps(json, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_REAL_PRECISION(15)));
    clean_json(out, text);
    (void)fputc('\n', out);
}

long export_cpu_count(const struct compare_file *file)
{
    const double count =
        json_number_of(json_object_get(file->environment, "cpu"), "count");
    return count >= 1 && count < 1e6 ? (long)count : 1;
}
