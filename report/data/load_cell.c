/* load_cell.c: a cell, its summary and its trials; see load_cell.h. */
#include "report/data/load_cell.h"

#include "common/blocks.h"
#include "common/json.h"
#include "common/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX 1000000

static const char *const phase_keys[LOAD_PHASES] = {"dns", "connect", "tls",
                                                    "first_byte"};

struct path {
    char text[128];
};

static struct path inside(const char *at, const char *key)
{
    struct path path;
    (void)snprintf(path.text, sizeof path.text, "%.90s.%.32s", at, key);
    return path;
}

int load_number(const json_t *object, const char *at, const char *key, double *out_value,
                struct err *err)
{
    *out_value = NAN;
    if (json_is_null(json_object_get(object, key)))
        return 0;
    int status = json_get_real(object, at, key, out_value, err);
    if (!status && isfinite(*out_value) && fabs(*out_value) > 1e18)
        return err_set(err, EXIT_CODE_USAGE, "%s.%s: out of range", at, key);
    return status;
}

static int read_metric(const json_t *summary, const char *at, const char *key,
                       struct metric *out, struct err *err)
{
    json_t *json = NULL;
    struct path path = inside(at, key);
    *out = (struct metric){NAN, NAN, NAN, NAN, false, 0, "not in the results"};
    if (json_is_null(json_object_get(summary, key)))
        return 0;
    if (json_get_object(summary, at, key, &json, err))
        return -1;
    if (!json)
        return 0;
    out->reason = json_text_or_null(json, "reason");
    if (load_number(json, path.text, "median", &out->median, err) ||
        load_number(json, path.text, "low", &out->low, err) ||
        load_number(json, path.text, "high", &out->high, err) ||
        load_number(json, path.text, "coverage", &out->coverage, err) ||
        json_get_uint(json, path.text, "n", 0, UINT32_MAX, &out->n, err))
        return -1;
    if (out->median < 0)
        return err_set(err, EXIT_CODE_USAGE, "%s.median: is negative", path.text);
    out->has_interval = isfinite(out->low) && isfinite(out->high);
    return 0;
}

static int read_spectrum(const json_t *json, const char *at, struct latency *out,
                         struct err *err)
{
    json_t *list = NULL;
    if (json_get_array(json, at, "spectrum", 4096, &list, err))
        return -1;
    out->spectrum = memory_calloc(json_array_size(list) + 1, sizeof *out->spectrum);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *pair = json_array_get(list, i);
        double q = json_number_value(json_array_get(pair, 0));
        double value = json_number_value(json_array_get(pair, 1));
        if (json_array_size(pair) != 2 || !json_is_number(json_array_get(pair, 0)) ||
            !json_is_number(json_array_get(pair, 1)) || q < 0 || q > 1 || value < 0)
            return err_set(err, EXIT_CODE_USAGE,
                           "%s.spectrum[%zu]: expected [quantile, value]", at, i);
        if (q < 1) /* the maximum has no place on an axis of nines */
            out->spectrum[out->spectrum_count++] = (struct quantile_point){q, value};
    }
    return 0;
}

/* The intervals of the percentiles, which older files lack. */
static int read_between(const json_t *json, const char *at, struct latency *out,
                        struct err *err)
{
    static const char *const names[LOAD_QUANTILES] = {"p50", "p90", "p99", "p999"};
    for (size_t i = 0; i < LOAD_QUANTILES; i++) {
        char low[16], high[16];
        (void)snprintf(low, sizeof low, "%s_low", names[i]);
        (void)snprintf(high, sizeof high, "%s_high", names[i]);
        if (load_number(json, at, low, &out->low_ns[i], err) ||
            load_number(json, at, high, &out->high_ns[i], err))
            return -1;
    }
    return 0;
}

static int read_latency(const json_t *summary, const char *at, const char *key,
                        struct latency *out, struct err *err)
{
    const struct {
        const char *key;
        double *value;
    } numbers[] = {
        {"mean", &out->mean_ns}, {"min", &out->min_ns}, {"max", &out->max_ns},
        {"p50", &out->p50_ns},   {"p90", &out->p90_ns}, {"p99", &out->p99_ns},
        {"p999", &out->p999_ns},
    };
    json_t *json = NULL;
    struct path path = inside(at, key);
    bool is_null = json_is_null(json_object_get(summary, key));
    if (!is_null && json_get_object(summary, at, key, &json, err))
        return -1;
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        if (load_number(json, path.text, numbers[i].key, numbers[i].value, err))
            return -1;
    if (read_between(json, path.text, out, err))
        return -1;
    if (!json)
        return 0;
    out->reason = json_text_or_null(json, "reason");
    if (json_get_uint(json, path.text, "count", 0, INT64_MAX, &out->count, err) ||
        json_get_uint(json, path.text, "overflow", 0, INT64_MAX, &out->overflow, err))
        return -1;
    return read_spectrum(json, path.text, out, err);
}

/* Older files have the percentiles in the histogram's object alone. */
static void fill_percentiles(struct cell *cell)
{
    const struct latency *l = cell->is_open ? &cell->service : &cell->latency;
    static const enum metric_id ids[] = {METRIC_LATENCY_P50, METRIC_LATENCY_P99};
    static const size_t places[] = {0, 2}; /* in low_ns and high_ns */
    const double values[] = {l->p50_ns, l->p99_ns};
    for (size_t i = 0; i < 2; i++) {
        struct metric *m = &cell->metrics[ids[i]];
        if (isfinite(m->median) || !isfinite(values[i]))
            continue;
        *m = (struct metric){.median = values[i],
                             .low = l->low_ns[places[i]],
                             .high = l->high_ns[places[i]],
                             .coverage = .95,
                             .n = cell->metrics[METRIC_WALL].n};
        m->has_interval = isfinite(m->low) && isfinite(m->high);
    }
}

static int read_summary(const json_t *summary, const char *at, const char *headline,
                        struct cell *cell, struct err *err)
{
    cell->has_summary = true;
    cell->bound = json_text_or_null(summary, "bound");
    for (size_t i = 0; i < METRIC_COUNT; i++)
        if (read_metric(summary, at,
                        i == METRIC_HEADLINE ? headline : metric_specs[i].key,
                        &cell->metrics[i], err))
            return -1;
    cell->is_open = json_is_object(json_object_get(summary, "response_ns"));
    if (cell->is_open && read_latency(summary, at, "response_ns", &cell->latency, err))
        return -1;
    if (read_latency(summary, at, "latency_ns",
                     cell->is_open ? &cell->service : &cell->latency, err))
        return -1;
    fill_percentiles(cell);
    const json_t *phases = json_object_get(summary, "phases_ns");
    struct path path = inside(at, "phases_ns");
    for (size_t i = 0; i < LOAD_PHASES; i++)
        if (load_number(phases, path.text, phase_keys[i], &cell->phases_ns[i], err))
            return -1;
    const char *source = json_text_or_null(
        json_object_get(summary, metric_specs[METRIC_TREE_MEMORY].key), "source");
    cell->memory_source = source ? source : cell->memory_source;
    return 0;
}

/* Divides only: a trial's own requests per second and CPU per request. */
static void read_trial_values(const json_t *json, struct trial *trial)
{
    const json_t *document = json_object_get(json, "document");
    double ok = json_number_value(json_object_get(document, "ok"));
    double measured = json_number_value(json_object_get(document, "measured_ns"));
    double cpu = json_number_value(json_object_get(document, "cpu_measured_ns"));
    double requests = json_number_value(json_object_get(document, "requests"));
    trial->values[0] = measured > 0 ? ok / measured * 1e9 : (double)NAN;
    trial->values[1] = requests > 0 ? cpu / requests : (double)NAN;
}

static int by_address(const void *a, const void *b)
{
    const json_t *x = *(const json_t *const *)a, *y = *(const json_t *const *)b;
    return (x > y) - (x < y);
}

/* Marks one attempt of each block as the one that counts, as everywhere. */
static void mark_counting(const json_t *list, struct cell *cell)
{
    struct blocks blocks;
    blocks_of(list, &blocks);
    const json_t **counting = memory_calloc(blocks.count + 1, sizeof *counting);
    size_t count = 0;
    for (size_t i = 0; i < blocks.count; i++)
        if (blocks.items[i].counting)
            counting[count++] = blocks.items[i].counting;
    qsort(counting, count, sizeof *counting, by_address);
    for (size_t i = 0; i < cell->trial_count; i++) {
        const json_t *trial = json_array_get(list, i);
        cell->trials[i].is_counting =
            bsearch(&trial, counting, count, sizeof *counting, by_address) != NULL;
    }
    free(counting);
    blocks_done(&blocks);
}

static int read_trials(const json_t *json, const char *at, struct cell *cell,
                       struct err *err)
{
    json_t *list = NULL;
    if (json_get_array(json, at, "trials", ITEMS_MAX, &list, err))
        return -1;
    cell->trials = memory_calloc(json_array_size(list) + 1, sizeof *cell->trials);
    for (size_t i = 0; i < json_array_size(list); i++) {
        char place[128];
        (void)snprintf(place, sizeof place, "%.90s.trials[%zu]", at, i);
        const json_t *item = json_array_get(list, i);
        struct trial *trial = &cell->trials[cell->trial_count++];
        if (!json_is_object(item))
            return err_set(err, EXIT_CODE_USAGE, "%s: expected an object", place);
        if (load_number(item, place, "started_s", &trial->started_s, err) ||
            json_get_bool(item, place, "valid", &trial->is_valid, err))
            return -1;
        const json_t *disturbed = json_object_get(item, "disturbed");
        trial->has_disturbed = json_is_array(disturbed);
        trial->is_disturbed = json_array_size(disturbed) > 0;
        trial->invalid_text =
            json_text_or_null(json_object_get(item, "invalid_reason"), "text");
        const json_t *command = json_object_get(item, "command");
        trial->command = json_is_array(command) ? command : NULL;
        read_trial_values(item, trial);
    }
    mark_counting(list, cell);
    return 0;
}

int load_cell_read(const json_t *json, const char *at, const char *headline,
                   struct cell *cell, struct err *err)
{
    for (size_t i = 0; i < METRIC_COUNT; i++)
        cell->metrics[i] = (struct metric){NAN, NAN, NAN, NAN, false, 0, NULL};
    for (size_t i = 0; i < LOAD_PHASES; i++)
        cell->phases_ns[i] = NAN;
    cell->reason = json_text_or_null(json, "reason");
    const json_t *memory = json_object_get(json, "memory");
    cell->memory_source = json_text_or_null(memory, "source");
    cell->is_memory_least = json_is_false(json_object_get(memory, "is_on_plateau")) &&
                            !strcmp(json_text_of(memory, "source"), "pss-sampled");
    if (json_need_string(json, at, "scenario", 1, 64, &cell->scenario, err) ||
        json_need_string(json, at, "model", 1, 256, &cell->model, err) ||
        json_need_string(json, at, "status", 1, 64, &cell->status, err) ||
        json_need_uint(json, at, "concurrency", 1, UINT32_MAX, &cell->concurrency, err) ||
        json_get_uint(json, at, "requests", 0, INT64_MAX, &cell->requests, err))
        return -1;
    const json_t *syscalls = json_object_get(json, "syscalls");
    const json_t *counters = json_object_get(json, "counters");
    cell->syscalls = json_is_object(syscalls) ? syscalls : NULL;
    cell->trace = json_object_get(json, "trace");
    cell->counters = json_is_object(counters) ? counters : NULL;
    cell->has_counters = counters != NULL;
    json_t *summary = NULL;
    struct path path = inside(at, "summary");
    bool is_null = json_is_null(json_object_get(json, "summary"));
    if (!is_null && json_get_object(json, at, "summary", &summary, err))
        return -1;
    if (summary && read_summary(summary, path.text, headline, cell, err))
        return -1;
    return read_trials(json, at, cell, err);
}

void load_cell_done(struct cell *cell)
{
    free(cell->latency.spectrum);
    free(cell->service.spectrum);
    free(cell->trials);
}
