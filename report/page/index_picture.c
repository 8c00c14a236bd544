/* index_picture.c: the small picture of each entry: the timeline of a scenario that is
 * about waiting, else its headline. */
#include "report/page/index.h"

#include "common/cleanup.h"
#include "common/memory.h"

#include <stdio.h>
#include <stdlib.h>

#define WAIT_PART           0.75 /* of the time of every model's requests */
#define TIMELINE_HEIGHT_MAX 520U /* of a small picture, in pixels */

/* Keeps the first panel, that of the headline. */
static void keep_first(struct chart *chart)
{
    for (size_t p = 1; p < chart->panel_count; p++)
        panel_done(&chart->panels[p]);
    chart->panels[0].size = PANEL_SMALL;
    chart->panel_count = 1;
}

/* Whether the timeline says more than the headline: most of it is waiting, and it fits. */
static bool is_about_waiting(const struct chart *timeline)
{
    const struct panel *panel = &timeline->panels[0];
    if (timeline->panel_count == 0 || panel_height(panel) > TIMELINE_HEIGHT_MAX)
        return false;
    for (size_t s = 0; s < panel->series_count; s++) {
        const double *sum_ns = panel->series[s].timeline.sum_ns;
        const double idle_ns = sum_ns[TRACE_WAIT] + sum_ns[TRACE_BLOCKED];
        if (idle_ns < WAIT_PART * (idle_ns + sum_ns[TRACE_WORK]))
            return false;
    }
    return true;
}

static void build(struct index_page *page, size_t index)
{
    const struct index_entry *entry = &page->entries[index];
    struct chart *chart = &page->charts[index];
    if (!entry->scenario)
        return;
    const struct chart_source source = {entry->results, &page->palette, entry->scenario};
    chart_build(&chart_specs[CHART_TIMELINE], &source, chart);
    if (!is_about_waiting(chart)) {
        chart_done(chart);
        chart_build(&chart_specs[CHART_HEADLINE], &source, chart);
    }
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
