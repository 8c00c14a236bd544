/* compare_chart.c: the charts of a comparison: per scenario and metric a panel for each
 * model, and in each panel a line or a bar for each run. */
#include "report/page/compare.h"

#include "common/json.h"
#include "common/memory.h"
#include "report/data/format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MODELS_MAX 64

static const struct {
    const char *metric, *title, *panel; /* panel: after the model's name */
} shown[] = {{"throughput_per_s", "Throughput", "throughput"},
             {"cpu_per_request_ns", "CPU per request", "CPU per request"},
             {"tree_memory_bytes", "Memory of the whole tree", "memory"},
             {"latency_p50_ns", "Latency, the median request", "median latency"},
             {"latency_p99_ns", "Latency, 99 % of the requests", "p99 latency"},
             {"response_p99_ns", "Response time, 99 % of the requests", "p99 response"}};

struct models {
    const char *items[MODELS_MAX];
    size_t count;
};

/* The models of a scenario, in the order in which its cells have them. */
static struct models models_of(const struct comparison_page *page, const char *scenario)
{
    struct models models = {.count = 0};
    size_t i = 0;
    json_t *cell = NULL;
    json_array_foreach (compare_part(page, "cells"), i, cell) {
        const char *model = json_text_of(cell, "model");
        bool is_known = strcmp(json_text_of(cell, "scenario"), scenario) != 0;
        for (size_t m = 0; m < models.count; m++)
            is_known = is_known || !strcmp(models.items[m], model);
        if (!is_known && models.count < MODELS_MAX)
            models.items[models.count++] = model;
    }
    return models;
}

static int by_x(const void *a, const void *b)
{
    double left = ((const struct panel_point *)a)->x;
    double right = ((const struct panel_point *)b)->x;
    return (left > right) - (left < right);
}

static void add_points(const struct comparison_page *page, struct panel_series *series,
                       const char *label, const char *scenario, const char *model,
                       const char *metric)
{
    size_t i = 0;
    json_t *cell = NULL;
    json_array_foreach (compare_part(page, "cells"), i, cell) {
        if (strcmp(json_text_of(cell, "file"), label) != 0 ||
            strcmp(json_text_of(cell, "scenario"), scenario) != 0 ||
            strcmp(json_text_of(cell, "model"), model) != 0)
            continue;
        const json_t *value = json_object_get(json_object_get(cell, "metrics"), metric);
        double flight = json_number_of(cell, "concurrency");
        if (!(flight >= 1))
            continue;
        panel_add_point(series,
                        (struct panel_point){flight, json_number_of(value, "median"),
                                             json_number_of(value, "low"),
                                             json_number_of(value, "high"), true});
    }
    if (series->count > 1)
        qsort(series->points, series->count, sizeof *series->points, by_x);
}

/* Bars where there is one concurrency, lines over several. */
static void shape_panel(struct panel *panel)
{
    double x = NAN;
    bool is_sweep = false;
    for (size_t s = 0; s < panel->series_count; s++) {
        struct panel_series *series = &panel->series[s];
        for (size_t i = 0; i < series->count; i++) {
            is_sweep = is_sweep || (isfinite(x) && series->points[i].x != x);
            x = series->points[i].x;
        }
        if (series->count > 0)
            series->concurrency = (uint64_t)series->points[0].x;
    }
    panel->kind = is_sweep ? PANEL_LINES : PANEL_ROWS;
}

static void add_panel(const struct comparison_page *page, struct chart *chart,
                      const char *scenario, const char *model, size_t which)
{
    const char *metric = shown[which].metric;
    struct panel *panel = &chart->panels[chart->panel_count];
    *panel = (struct panel){.x_name = "requests in flight",
                            .unit = metric_spec_of(metric).unit};
    (void)snprintf(panel->id, sizeof panel->id, "%zu", chart->panel_count);
    (void)snprintf(panel->name, sizeof panel->name, "%.80s: %s", model,
                   shown[which].panel);
    for (size_t i = 0; i < page->count; i++) {
        struct panel_series *series =
            panel_add_series(panel, page->runs[i].in_chart.s,
                             palette_style(&page->palette, page->runs[i].in_chart.s));
        add_points(page, series, page->runs[i].label, scenario, model, metric);
    }
    if (panel_count(panel) == 0) {
        panel_done(panel);
        return;
    }
    shape_panel(panel);
    chart->panel_count++;
}

/* The caption: how many rows of a metric have each verdict. */
static char *caption_of(const struct comparison_page *page, const char *scenario,
                        const char *metric)
{
    static const char *const words[] = {"different", "small", "same", "inconclusive"};
    size_t counts[4] = {0}, i = 0, size = 0, rows = 0;
    json_t *row = NULL;
    char *text = NULL;
    json_array_foreach (compare_part(page, "comparisons"), i, row) {
        if (strcmp(json_text_of(row, "scenario"), scenario) != 0 ||
            strcmp(json_text_of(row, "metric"), metric) != 0)
            continue;
        rows++;
        for (size_t w = 0; w < 4; w++)
            counts[w] += !strcmp(json_text_of(row, "verdict"), words[w]);
    }
    FILE *out = memory_stream(&text, &size);
    if (rows == 0)
        (void)fputs("Not compared.", out);
    else if (counts[0] + counts[1] + counts[2] + counts[3] == 0)
        (void)fputs("Measured once, or too few trials: not judged.", out);
    else
        (void)fprintf(out,
                      "Of %zu ratios %zu %s different, %zu small, %zu the same, %zu "
                      "inconclusive.",
                      rows, counts[0], counts[0] == 1 ? "is" : "are", counts[1],
                      counts[2], counts[3]);
    (void)fputs(" Each panel has its own scale.", out);
    memory_stream_close(out, &text);
    return text;
}

/* One metric of one scenario: as many charts as its models need. */
static void add_metric(struct comparison_page *page, size_t scenario, size_t which)
{
    const char *name =
        json_text_of(json_array_get(compare_part(page, "scenarios"), scenario), "name");
    struct models models = models_of(page, name);
    for (size_t first = 0; first < models.count; first += CHART_PANELS_MAX) {
        struct chart *chart = &page->charts[page->chart_count];
        *chart = (struct chart){.title = shown[which].title};
        (void)snprintf(chart->prefix, sizeof chart->prefix, "%zu", page->chart_count);
        for (size_t m = first; m < models.count && m < first + CHART_PANELS_MAX; m++)
            add_panel(page, chart, name, models.items[m], which);
        if (chart->panel_count == 0)
            continue;
        chart->caption = caption_of(page, name, shown[which].metric);
        page->chart_scenario[page->chart_count++] = scenario;
    }
}

void compare_charts(struct comparison_page *page)
{
    size_t scenarios = json_array_size(compare_part(page, "scenarios"));
    scenarios = scenarios < LOAD_SCENARIOS_MAX ? scenarios : LOAD_SCENARIOS_MAX;
    size_t room = scenarios * COUNT_OF(shown) * (MODELS_MAX / CHART_PANELS_MAX + 1) + 1;
    page->charts = calloc(room, sizeof *page->charts);
    page->chart_scenario = calloc(room, sizeof *page->chart_scenario);
    if (!page->charts || !page->chart_scenario)
        memory_exhausted();
    for (size_t s = 0; s < scenarios; s++) {
        for (size_t i = 0; i < COUNT_OF(shown); i++)
            add_metric(page, s, i);
    }
}
