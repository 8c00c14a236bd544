/* summary_csv.c: one line per cell; see summary.h. */
#include "report/page/summary.h"

#include "common/csv.h"
#include "common/json.h"
#include "common/memory.h"
#include "report/data/load_index.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void put_number(FILE *out, double value)
{
    (void)fputc(',', out);
    if (isfinite(value))
        (void)fprintf(out, "%.10g", value);
}

/* In what the headline's values are given, one unit for all cells of the scenario. */
struct column {
    double size;
    char unit[160];
};

static struct column headline_column(const struct scenario *s)
{
    const struct metric_spec *spec = load_spec(s, METRIC_HEADLINE);
    double most = 0;
    const char *name = "";
    struct column column;
    for (size_t i = 0; i < s->cell_count; i++)
        most = fmax(most, s->cells[i].metrics[METRIC_HEADLINE].median);
    column.size = format_axis_unit(most, spec->unit, &name);
    if (spec->unit == UNIT_RATIO) {
        column.size = .01;
        name = "%";
    } else if (spec->unit != UNIT_NS && spec->unit != UNIT_BYTES) {
        name = "";
    }
    (void)snprintf(column.unit, sizeof column.unit, "%s%s%.120s", name, *name ? ", " : "",
                   spec->name);
    return column;
}

static void put_cell(FILE *out, const struct results *r, const struct cell *cell,
                     const struct column *column)
{
    const char *host = json_text_or_null(json_object_get(r->environment, "host"), "name");
    csv_put(out, cell->scenario);
    (void)fputc(',', out);
    csv_put(out, cell->model);
    (void)fprintf(out, ",%" PRIu64, cell->concurrency);
    put_number(out, cell->metrics[METRIC_HEADLINE].median / column->size);
    (void)fputc(',', out);
    csv_put(out, column->unit);
    put_number(out, cell->metrics[METRIC_THROUGHPUT].median);
    put_number(out, cell->metrics[METRIC_CPU_PER_REQUEST].median / 1e3);
    put_number(out, cell->metrics[METRIC_TREE_MEMORY].median / (1 << 20));
    put_number(out, cell->has_summary ? cell->latency.p99_ns / 1e6 : (double)NAN);
    (void)fprintf(out, ",%" PRIu64 ",", cell->metrics[METRIC_WALL].n);
    csv_put(out, host);
    (void)fputc(',', out);
    csv_put(out, r->run_id);
    (void)fputs("\r\n", out);
}

void summary_csv(const struct results *results, char **out_text, size_t *out_size)
{
    FILE *out = memory_stream(out_text, out_size);
    (void)fputs("scenario,model,concurrency,headline,headline_unit,requests_per_s,"
                "cpu_us_per_request,memory_MiB,p99_ms,blocks,host,run\r\n",
                out);
    for (size_t s = 0; s < results->scenario_count; s++) {
        const struct scenario *scenario = &results->scenarios[s];
        const struct column column = headline_column(scenario);
        for (size_t i = 0; i < scenario->cell_count; i++)
            put_cell(out, results, &scenario->cells[i], &column);
    }
    memory_stream_close(out, out_text);
}
