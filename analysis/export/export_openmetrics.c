/* export_openmetrics.c: a gauge for each metric, in base units, with a sample for each
 * cell. Samples carry no time: node_exporter's text files allow none. */
#include "analysis/compare/compare_text.h"
#include "analysis/export/export_figures.h"
#include "analysis/export/export_formats.h"
#include "common/json.h"

#include <stdlib.h>
#include <string.h>

static void put_label(FILE *out, const char *name, const char *value)
{
    (void)fprintf(out, "%s=\"", name);
    for (; *value; value++) { /* it is clean: no line breaks */
        if (*value == '"' || *value == '\\')
            (void)fputc('\\', out);
        (void)fputc(*value, out);
    }
    (void)fputc('"', out);
}

static void put_labels(FILE *out, const struct export_job *job,
                       const struct compare_file *file, const struct cell *cell)
{
    (void)fputc('{', out);
    put_label(out, "scenario", cell->scenario);
    put_label(out, ",model", cell->model);
    (void)fprintf(out, ",concurrency=\"%" JSON_INTEGER_FORMAT "\"", cell->concurrency);
    put_label(out, ",host", compare_text_clean(file->host, 64).s);
    if (job->set->count > 1)
        put_label(out, ",run", file->label);
    (void)fputc('}', out);
}

/* "concbench_cpu_per_request_seconds": the unit comes last. */
static void put_name(FILE *out, const char *metric)
{
    const struct export_unit unit = export_unit_of(metric);
    (void)fputs("concbench_", out);
    for (const char *at = unit.stem; *at; at++)
        (void)fputc(*at == '.' ? '_' : *at, out);
    (void)fprintf(out, "%s%s%s", unit.per ? "_per_" : "", unit.per ? unit.per : "",
                  unit.base);
}

/* A unit with a "per" in it is none of OpenMetrics'. */
static void put_head(FILE *out, const char *metric)
{
    const char *unit = export_unit_of(metric).base;
    (void)fputs("# TYPE ", out);
    put_name(out, metric);
    (void)fputs(" gauge\n", out);
    if (*unit && !strstr(unit, "_per_")) {
        (void)fputs("# UNIT ", out);
        put_name(out, metric);
        (void)fprintf(out, " %s\n", unit + 1);
    }
    (void)fputs("# HELP ", out);
    put_name(out, metric);
    (void)fprintf(out, " %s of a cell in results.json.\n", metric);
}

/* {metric: [[file, cell, value]]}: the samples of a family have to stand together. */
static json_t *families_of(const struct export_job *job)
{
    json_t *families = json_object();
    for (size_t f = 0; f < job->set->count; f++) {
        const struct compare_file *file = &job->set->files[f];
        for (size_t c = 0; c < file->cell_count; c++) {
            struct export_figure figures[EXPORT_FIGURES_MAX];
            const size_t count = export_figures(&file->cells[c], figures);
            for (size_t i = 0; i < count; i++) {
                if (!json_object_get(families, figures[i].metric))
                    json_put(families, figures[i].metric, json_array());
                json_push(json_object_get(families, figures[i].metric),
                          json_pack("[iif]", (int)f, (int)c, figures[i].median));
            }
        }
    }
    return families;
}

void export_openmetrics(const struct export_job *job, FILE *out)
{
    json_auto_t *families = families_of(job);
    const char *metric = NULL;
    json_t *samples = NULL, *sample = NULL;
    json_object_foreach (families, metric, samples) {
        size_t i = 0;
        put_head(out, metric);
        json_array_foreach (samples, i, sample) {
            const struct compare_file *file =
                &job->set->files[json_integer_value(json_array_get(sample, 0))];
            const struct cell *cell =
                &file->cells[json_integer_value(json_array_get(sample, 1))];
            put_name(out, metric);
            put_labels(out, job, file, cell);
            (void)fprintf(out, " %.15g\n",
                          json_real_value(json_array_get(sample, 2)) *
                              export_unit_of(metric).scale);
        }
    }
    (void)fputs("# EOF\n", out);
}
