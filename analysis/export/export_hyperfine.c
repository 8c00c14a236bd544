/* export_hyperfine.c: the keys of `hyperfine --export-json`. Like hyperfine it times
 * whole processes, in seconds. */
#include "analysis/export/export_figures.h"
#include "analysis/export/export_formats.h"
#include "analysis/stats.h"
#include "common/json.h"

#include <math.h>
#include <string.h>

struct times {
    double wall[STATS_N_MAX], user_sum, system_sum;
    size_t n;
    json_t *codes; /* borrowed */
};

static void add_trial(struct times *times, const json_t *trial)
{
    const json_t *code = json_object_get(trial, "exit_code");
    const double wall = json_number_of(trial, "wall_ns") * 1e-9;
    if (!isfinite(wall) || times->n == STATS_N_MAX)
        return;
    times->wall[times->n++] = wall;
    times->user_sum += json_number_of(trial, "cpu_user_ns") * 1e-9;
    times->system_sum += json_number_of(trial, "cpu_system_ns") * 1e-9;
    json_push(times->codes, json_is_integer(code) ? json_incref((json_t *)(uintptr_t)code)
                                                  : json_null());
}

/* The times sorted, as the statistics need no order; the list keeps that of the blocks. */
static void put_times(json_t *entry, const struct times *times)
{
    double sorted[STATS_N_MAX], sum = 0;
    json_t *list = json_array();
    for (size_t i = 0; i < times->n; i++) {
        sorted[i] = times->wall[i];
        sum += times->wall[i];
        json_push(list, json_real(times->wall[i]));
    }
    stats_sort(sorted, times->n);
    const double n = (double)times->n;
    json_put(entry, "mean", json_real_or_null(sum / n));
    json_put(entry, "stddev", json_real_or_null(stats_sd(sorted, times->n)));
    json_put(entry, "median", json_real_or_null(stats_middle(sorted, times->n)));
    json_put(entry, "user", json_real_or_null(times->user_sum / n));
    json_put(entry, "system", json_real_or_null(times->system_sum / n));
    json_put(entry, "min", json_real_or_null(sorted[0]));
    json_put(entry, "max", json_real_or_null(sorted[times->n - 1]));
    json_put(entry, "times", list);
}

static json_t *parameters_of(const struct export_job *job,
                             const struct compare_file *file, const struct cell *cell)
{
    char concurrency[24];
    json_t *parameters = json_object();
    (void)snprintf(concurrency, sizeof concurrency, "%" JSON_INTEGER_FORMAT,
                   cell->concurrency);
    json_put(parameters, "scenario", json_string(cell->scenario));
    json_put(parameters, "model", json_string(cell->model));
    json_put(parameters, "concurrency", json_string(concurrency));
    if (job->set->count > 1)
        json_put(parameters, "run", json_string(file->label));
    return parameters;
}

static void add_cell(const struct export_job *job, const struct compare_file *file,
                     const struct cell *cell, json_t *results)
{
    struct times times = {.n = 0, .codes = json_array()};
    json_t *entry = json_object();
    for (size_t i = 0; i < cell->n; i++)
        add_trial(&times, cell->valid[i]);
    json_put(entry, "exit_codes", times.codes);
    if (times.n == 0) {
        json_decref(entry);
        return;
    }
    put_times(entry, &times);
    json_put(entry, "command", json_string(export_cell_name(job->set, file, cell).s));
    json_put(entry, "parameters", parameters_of(job, file, cell));
    json_push(results, entry);
}

void export_hyperfine(const struct export_job *job, FILE *out)
{
    json_auto_t *all = json_object();
    json_t *results = json_array();
    json_put(all, "results", results);
    for (size_t f = 0; f < job->set->count; f++) {
        const struct compare_file *file = &job->set->files[f];
        for (size_t c = 0; c < file->cell_count; c++)
            add_cell(job, file, &file->cells[c], results);
    }
    export_json(all, out);
}
