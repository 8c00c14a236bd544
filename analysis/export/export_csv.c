/* export_csv.c: the long form that pandas and R take: one value in a row. */
#include "analysis/compare/compare_text.h"
#include "analysis/export/export_figures.h"
#include "analysis/export/export_formats.h"
#include "common/blocks.h"
#include "common/csv.h"
#include "common/json.h"

#include <math.h>

struct row {
    const struct compare_file *file;
    const struct cell *cell;
    const json_t *trial; /* NULL: the value is the cell's, as memory is */
    const char *metric;
    double value;
};

static void put_row(FILE *out, const struct row *row)
{
    const char *const texts[] = {row->file->label,
                                 compare_text_clean(row->file->host, 64).s,
                                 row->cell->scenario, row->cell->model};
    if (!isfinite(row->value))
        return;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        csv_put(out, texts[i]);
        (void)fputc(',', out);
    }
    (void)fprintf(out, "%" JSON_INTEGER_FORMAT ",%" JSON_INTEGER_FORMAT ",",
                  row->cell->concurrency, row->cell->requests);
    csv_put_number(out, json_number_of(row->trial, "block"));
    (void)fputc(',', out);
    csv_put_number(out, json_number_of(row->trial, "attempt"));
    (void)fprintf(out, ",%s,%s,%s,",
                  !row->trial                       ? ""
                  : blocks_is_disturbed(row->trial) ? "true"
                                                    : "false",
                  row->metric, export_unit_of(row->metric)->name);
    csv_put_number(out, row->value);
    (void)fputs("\r\n", out);
}

static void put_cell(FILE *out, const struct compare_file *file, const struct cell *cell)
{
    for (size_t t = 0; t < cell->n; t++) {
        for (size_t i = 0; i < metrics_count; i++) {
            const struct metric *metric = &metrics_table[i];
            struct row row = {file, cell, cell->valid[t], metric->name, (double)NAN};
            if (!(metric->flags & METRIC_ONCE))
                row.value = metric->of_trial(metric, cell->valid[t], &file->context);
            put_row(out, &row);
        }
    }
    put_row(out,
            &(struct row){file, cell, NULL, "tree_memory_bytes", cell->memory_bytes});
}

void export_csv(const struct export_job *job, FILE *out)
{
    (void)fputs("run,host,scenario,model,concurrency,requests,block,attempt,disturbed,"
                "metric,unit,value\r\n",
                out);
    for (size_t f = 0; f < job->set->count; f++) {
        const struct compare_file *file = &job->set->files[f];
        for (size_t c = 0; c < file->cell_count; c++)
            put_cell(out, file, &file->cells[c]);
    }
}
