/* index_picture.c: the small picture of each entry: one panel of the report's first
 * figure, the one that the scenario's first prediction is about. */
#include "report/page/index.h"

#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"

#include <stdlib.h>
#include <string.h>

#define CPU_PANEL    "CPU per request"
#define MEMORY_PANEL "Memory of the whole tree"

/* Metrics whose panel is not the first one. */
static const struct {
    const char *metric, *panel;
} shown[] = {
    {"cpu_per_request_ns", CPU_PANEL},
    {"cpu_total_ns", CPU_PANEL},
    {"tree_memory_bytes", MEMORY_PANEL},
    {"max_rss_bytes", MEMORY_PANEL},
};

static size_t wanted_panel(const struct chart *chart, const struct results *results)
{
    const json_t *list = json_object_get(results->json, "expectations");
    const char *metric = json_text_or_null(json_array_get(list, 0), "metric");
    for (size_t i = 0; metric && i < sizeof shown / sizeof *shown; i++) {
        if (strcmp(shown[i].metric, metric) != 0)
            continue;
        for (size_t p = 0; p < chart->panel_count; p++)
            if (!strcmp(chart->panels[p].name, shown[i].panel))
                return p;
    }
    return 0;
}

static void keep_panel(struct chart *chart, size_t kept)
{
    struct panel panel = chart->panels[kept];
    for (size_t p = 0; p < chart->panel_count; p++)
        if (p != kept)
            panel_done(&chart->panels[p]);
    chart->panels[0] = panel;
    chart->panels[0].size = PANEL_SMALL;
    chart->panel_count = 1;
}

static void build(struct index_page *page, size_t index)
{
    const struct index_entry *entry = &page->entries[index];
    struct chart *chart = &page->charts[index];
    if (!entry->scenario)
        return;
    const struct chart_source source = {entry->results, &page->palette, entry->scenario};
    chart_build(&chart_specs[0], &source, chart);
    (void)snprintf(chart->prefix, sizeof chart->prefix, "%zu", index);
    if (chart->panel_count > 0)
        keep_panel(chart, wanted_panel(chart, entry->results));
}

/* A model looks the same in every picture, so one palette knows them all. */
static void choose_styles(struct index_page *page)
{
    AUTO_FREE struct scenario *all = calloc(page->count + 1, sizeof *all);
    struct results view = {.scenarios = all};
    if (!all)
        memory_exhausted();
    for (size_t i = 0; i < page->count; i++)
        if (page->entries[i].scenario)
            all[view.scenario_count++] = *page->entries[i].scenario;
    palette_init(&page->palette, &view);
    for (size_t i = 0; i < page->count; i++)
        if (page->entries[i].results)
            palette_group(&page->palette, page->entries[i].results);
}

int index_draw(struct index_page *page, struct err *err)
{
    page->charts = calloc(page->count + 1, sizeof *page->charts);
    page->drawings = calloc(page->count + 1, sizeof *page->drawings);
    if (!page->charts || !page->drawings)
        memory_exhausted();
    choose_styles(page);
    for (size_t i = 0; i < page->count; i++)
        build(page, i);
    return render_charts(page->charts, page->count, false, page->drawings, err);
}
