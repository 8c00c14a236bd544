/* summary_csv.c: one line per cell; see summary.h. */
#include "report/page/summary.h"

#include "common/csv.h"
#include "common/memory.h"

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

static void put_header(FILE *out)
{
    (void)fputs("scenario,model,concurrency,requests,status,reason,trials,bound", out);
    for (size_t i = 0; i < METRIC_COUNT; i++)
        (void)fprintf(out, ",%s,%s_low,%s_high", metric_specs[i].key, metric_specs[i].key,
                      metric_specs[i].key);
    (void)fputs(",tree_memory_source,latency_count,latency_mean_ns,latency_min_ns,"
                "latency_p50_ns,latency_p90_ns,latency_p99_ns,latency_p999_ns,"
                "latency_max_ns,dns_ns,connect_ns,tls_ns,first_byte_ns\r\n",
                out);
}

static void put_cell(FILE *out, const struct cell *cell)
{
    const struct latency *l = cell->is_open ? &cell->service : &cell->latency;
    const double latencies[] = {l->mean_ns, l->min_ns,  l->p50_ns, l->p90_ns,
                                l->p99_ns,  l->p999_ns, l->max_ns};
    csv_put(out, cell->scenario);
    (void)fputc(',', out);
    csv_put(out, cell->model);
    (void)fprintf(out, ",%" PRIu64 ",%" PRIu64 ",", cell->concurrency, cell->requests);
    csv_put(out, cell->status);
    (void)fputc(',', out);
    csv_put(out, cell->reason);
    (void)fprintf(out, ",%" PRIu64 ",", cell->metrics[METRIC_WALL].n);
    csv_put(out, cell->bound);
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        put_number(out, cell->metrics[i].median);
        put_number(out, cell->metrics[i].low);
        put_number(out, cell->metrics[i].high);
    }
    (void)fputc(',', out);
    csv_put(out, cell->memory_source);
    put_number(out, cell->has_summary ? (double)l->count : (double)NAN);
    for (size_t i = 0; i < sizeof latencies / sizeof *latencies; i++)
        put_number(out, cell->has_summary ? latencies[i] : (double)NAN);
    for (size_t i = 0; i < LOAD_PHASES; i++)
        put_number(out, cell->phases_ns[i]);
    (void)fputs("\r\n", out);
}

void summary_csv(const struct results *results, char **out_text, size_t *out_size)
{
    FILE *out = memory_stream(out_text, out_size);
    put_header(out);
    for (size_t i = 0; i < results->cell_count; i++)
        put_cell(out, &results->cells[i]);
    memory_stream_close(out, out_text);
}
