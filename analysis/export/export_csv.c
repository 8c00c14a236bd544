/* export_csv.c: the long form that pandas and R take: one value in a row. */
#include "analysis/cell_memory.h"
#include "analysis/compare/compare_text.h"
#include "analysis/export/export_figures.h"
#include "analysis/export/export_formats.h"
#include "common/blocks.h"
#include "common/csv.h"
#include "common/json.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

struct row {
    const struct compare_file *file;
    const struct cell *cell;
    const json_t *trial; /* NULL: the value is the cell's, as memory is */
    const char *metric;
    bool is_headline;
    double value;
};

static void put_row(FILE *out, const struct row *row)
{
    const char *const texts[] = {row->file->label,
                                 compare_text_clean(row->file->host, 64).s,
                                 row->cell->scenario, row->cell->model};
    if (!isfinite(row->value))
        return;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        csv_put(out, texts[i]);
        (void)fputc(',', out);
    }
    (void)fprintf(out, "%" JSON_INTEGER_FORMAT ",%" JSON_INTEGER_FORMAT ",",
                  row->cell->concurrency, row->cell->requests);
    csv_put_number(out, json_number_of(row->trial, "block"));
    (void)fputc(',', out);
    csv_put_number(out, json_number_of(row->trial, "attempt"));
    (void)fprintf(out, ",%s,%s,%s,%s,",
                  !row->trial                       ? ""
                  : blocks_is_disturbed(row->trial) ? "true"
                                                    : "false",
                  row->metric, row->is_headline ? "true" : "false",
                  export_unit_of(row->metric).name);
    csv_put_number(out, row->value);
    (void)fputs("\r\n", out);
}

/* What is measured once per cell has no trial: memory, whole and divided. */
static void put_cell(FILE *out, const struct compare_file *file, const struct cell *cell)
{
    struct headline headline;
    const struct metric *metric = NULL;
    export_headline(file, cell, &headline);
    for (size_t t = 0; t <= cell->n; t++) {
        for (size_t i = 0; (metric = export_metric(&headline, i)); i++) {
            const bool is_once = metric->flags & METRIC_ONCE;
            struct row row = {.file = file, .cell = cell, .metric = metric->name};
            row.is_headline = !strcmp(metric->name, headline.metric.name);
            if (is_once != (t == cell->n))
                continue;
            row.trial = is_once ? NULL : cell->valid[t];
            row.value = is_once ? cell_memory_value(cell, metric)
                                : metric->of_trial(metric, row.trial, &file->context);
            put_row(out, &row);
        }
    }
}

void export_csv(const struct export_job *job, FILE *out)
{
    (void)fputs("run,host,scenario,model,concurrency,requests,block,attempt,disturbed,"
                "metric,headline,unit,value\r\n",
                out);
    for (size_t f = 0; f < job->set->count; f++) {
        const struct compare_file *file = &job->set->files[f];
        for (size_t c = 0; c < file->cell_count; c++)
            put_cell(out, file, &file->cells[c]);
    }
}
