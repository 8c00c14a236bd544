/* export_figures: what the formats share: the figures of a cell as results.json has them,
 * and the unit in a metric's name. */
#ifndef ANALYSIS_EXPORT_FIGURES_H
#define ANALYSIS_EXPORT_FIGURES_H

#include "analysis/compare/compare_file.h"
#include "analysis/headline.h"

#include <stddef.h>
#include <stdio.h>

#define EXPORT_FIGURES_MAX 96

struct export_figure {
    char metric[72];  /* a metric of cell.summary, or "latency_p50_ns" and its like */
    double median;    /* finite */
    double low, high; /* NaN: no interval */
    size_t n;         /* trials */
};

/* The figures of the cell that have a value, at most EXPORT_FIGURES_MAX. Names that are
 * no metric's are left out. Returns their number. */
size_t export_figures(const struct cell *cell, struct export_figure *out_figures);

/* A metric's name, taken apart: "cpu_per_request_ns" and "latency_p50_ns_per_turn" are
 * nanoseconds per something. */
struct export_unit {
    char stem[72];    /* without unit and divisor: "cpu" */
    const char *per;  /* what it is divided by: "request"; NULL: nothing */
    char name[24];    /* "ns/request" */
    const char *base; /* "_seconds": as OpenMetrics ends its names; "" for none */
    double scale;     /* a value in the base unit is the value times this */
    const char *go;   /* "-ns": as Go's benchmarks end their units */
};

struct export_unit export_unit_of(const char *metric);

/* The metric that answers the question of the cell's scenario. */
void export_headline(const struct compare_file *file, const struct cell *cell,
                     struct headline *out_headline);

/* The metrics of a trial: those of the table, and last the headline where it is none of
 * them. NULL after the last. */
const struct metric *export_metric(const struct headline *headline, size_t index);

struct export_name {
    char s[520];
};

/* "scenario/model/concurrency" of a cell, before it the run where there are several. */
struct export_name export_cell_name(const struct compare_set *set,
                                    const struct compare_file *file,
                                    const struct cell *cell);

/* Writes json as json_show does, its numbers with the 15 digits that all formats have. */
void export_json(const json_t *json, FILE *out);

/* The CPUs of the machine of the file, at least 1. */
long export_cpu_count(const struct compare_file *file);

#endif
