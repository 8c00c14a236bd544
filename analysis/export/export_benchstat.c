/* export_benchstat.c: Go's benchmark format (golang.org/design/14313-benchmark-format):
 * what `benchstat` compares, one file for each run. */
#include "analysis/compare/compare_text.h"
#include "analysis/export/export_figures.h"
#include "analysis/export/export_formats.h"
#include "common/json.h"

#include <math.h>
#include <string.h>

struct unit_name {
    char s[96];
};

/* "cpu-ns/op" for cpu_per_request_ns, "latency-p50-ns/turn" for latency_p50_ns_per_turn. A
 * rate is named as others name it. */
static struct unit_name unit_of(const char *metric)
{
    struct export_unit unit = export_unit_of(metric);
    struct unit_name name;
    for (char *at = unit.stem; *at; at++)
        *at = *at == '_' || *at == '.' ? '-' : *at;
    (void)snprintf(name.s, sizeof name.s, "%.70s%s%s%s",
                   strcmp(metric, "throughput_per_s") ? unit.stem : "req", unit.go,
                   unit.per ? "/" : "",
                   !unit.per                     ? ""
                   : strcmp(unit.per, "request") ? unit.per
                                                 : "op");
    return name;
}

/* Memory is measured once, so it is no sample; what depends on the number of requests is
 * no figure of an operation, unless it is what the scenario asks for. */
static bool is_wanted(const struct metric *metric, const struct headline *headline)
{
    const bool is_asked = headline && !strcmp(metric->name, headline->metric.name);
    return !(metric->flags & METRIC_ONCE) &&
           (is_asked ||
            (metric->flags & METRIC_COMPARED && !(metric->flags & METRIC_PER_TRIAL)));
}

/* A line needs a time first: that of an operation, in which all workers share. */
static void put_trial(FILE *out, const struct compare_file *file, const struct cell *cell,
                      const struct headline *headline, const json_t *trial)
{
    const struct metric *rate = metrics_find("throughput_per_s"), *metric = NULL;
    const double per_s = rate->of_trial(rate, trial, &file->context);
    if (!isfinite(per_s) || per_s <= 0)
        return;
    (void)fprintf(out,
                  "BenchmarkScenario/name=%s/model=%s/c=%" JSON_INTEGER_FORMAT
                  "-%ld\t%" JSON_INTEGER_FORMAT "\t%.15g ns/op",
                  cell->scenario, cell->model, cell->concurrency, export_cpu_count(file),
                  cell->requests, 1e9 / per_s);
    for (size_t i = 0; (metric = export_metric(headline, i)); i++) {
        const double value = is_wanted(metric, headline)
                                 ? metric->of_trial(metric, trial, &file->context)
                                 : (double)NAN;
        if (isfinite(value))
            (void)fprintf(out, "\t%.15g %s", value, unit_of(metric->name).s);
    }
    (void)fputc('\n', out);
}

static void put_directions(FILE *out)
{
    for (size_t i = 0; i < metrics_count; i++) {
        const struct metric *metric = &metrics_table[i];
        if (is_wanted(metric, NULL) && metric->flags & METRIC_MORE)
            (void)fprintf(out, "Unit %s better=higher\n", unit_of(metric->name).s);
    }
}

/* benchstat makes a table of its own for each value of such a line, so only the machine
 * is in them, and the run only where a file has several. */
static void put_file(FILE *out, const struct export_job *job,
                     const struct compare_file *file)
{
    const json_t *cpu = json_object_get(file->environment, "cpu");
    (void)fputs("pkg: concbench\n", out);
    (void)fprintf(out, "cpu: %s\n", compare_text_clean(json_text_of(cpu, "model"), 80).s);
    if (job->set->count > 1)
        (void)fprintf(out, "run: %s\n", file->label);
    for (size_t c = 0; c < file->cell_count; c++) {
        const struct cell *cell = &file->cells[c];
        struct headline headline;
        export_headline(file, cell, &headline);
        for (size_t t = 0; t < cell->n; t++)
            put_trial(out, file, cell, &headline, cell->valid[t]);
    }
}

void export_benchstat(const struct export_job *job, FILE *out)
{
    put_directions(out);
    for (size_t f = 0; f < job->set->count; f++)
        put_file(out, job, &job->set->files[f]);
}
