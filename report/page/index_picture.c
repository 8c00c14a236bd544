/* index_picture.c: the small picture of each entry: the headline of its scenario. */
#include "report/page/index.h"

#include "common/cleanup.h"
#include "common/memory.h"

#include <stdio.h>
#include <stdlib.h>

/* Keeps the first panel, that of the headline. */
static void keep_first(struct chart *chart)
{
    for (size_t p = 1; p < chart->panel_count; p++)
        panel_done(&chart->panels[p]);
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
        keep_first(chart);
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
