/* export_action.c: an array of {name, unit, value, range, extra}, which
 * github-action-benchmark reads as customSmallerIsBetter or customBiggerIsBetter. A file
 * of its has one direction, so it takes two files to give it all. */
#include "analysis/compare/compare_text.h"
#include "analysis/export/export_figures.h"
#include "analysis/export/export_formats.h"
#include "common/json.h"

#include <math.h>
#include <string.h>

static void set_text(json_t *entry, const char *key, const char *text)
{
    json_put(entry, key, json_string(text));
}

/* The interval is not symmetric; the longer side is what the action draws on both. */
static void put_range(json_t *entry, const struct export_figure *figure)
{
    char text[64];
    const double side = fmax(figure->high - figure->median, figure->median - figure->low);
    if (!isfinite(figure->low) || !isfinite(figure->high))
        return;
    (void)snprintf(text, sizeof text, "± %.4g", side);
    set_text(entry, "range", text);
}

static json_t *entry_of(const struct export_job *job, const struct compare_file *file,
                        const struct cell *cell, const struct export_figure *figure)
{
    char name[640], extra[560], interval[80] = "";
    json_t *entry = json_object();
    (void)snprintf(name, sizeof name, "%.500s %.120s",
                   export_cell_name(job->set, file, cell).s, figure->metric);
    if (isfinite(figure->low) && isfinite(figure->high))
        (void)snprintf(interval, sizeof interval, ", 95 %% interval %.6g to %.6g",
                       figure->low, figure->high);
    (void)snprintf(extra, sizeof extra, "from %zu trial%s%s\nrun %s\nhost %s", figure->n,
                   figure->n == 1 ? "" : "s", interval,
                   compare_text_clean(file->run_id, 64).s,
                   compare_text_clean(file->host, 64).s);
    set_text(entry, "name", name);
    set_text(entry, "unit", export_unit_of(figure->metric).name);
    json_put(entry, "value", json_real(figure->median));
    put_range(entry, figure);
    set_text(entry, "extra", extra);
    return entry;
}

/* Whether the action may alert on it: what is compared, and what the question is about. */
static bool is_wanted(const struct export_job *job, const struct headline *headline,
                      const char *name)
{
    const bool is_headline = !strcmp(name, headline->metric.name);
    const struct metric *metric = is_headline ? &headline->metric : metrics_find(name);
    return metric && (is_headline || metric->flags & METRIC_COMPARED) &&
           !(metric->flags & METRIC_NEUTRAL) &&
           job->is_rising == !!(metric->flags & METRIC_MORE);
}

static void add_cell(const struct export_job *job, const struct compare_file *file,
                     const struct cell *cell, json_t *entries)
{
    struct export_figure figures[EXPORT_FIGURES_MAX];
    struct headline headline;
    const size_t count = export_figures(cell, figures);
    export_headline(file, cell, &headline);
    for (size_t i = 0; i < count; i++) {
        if (is_wanted(job, &headline, figures[i].metric))
            json_push(entries, entry_of(job, file, cell, &figures[i]));
    }
}

void export_action(const struct export_job *job, FILE *out)
{
    json_auto_t *entries = json_array();
    for (size_t f = 0; f < job->set->count; f++) {
        const struct compare_file *file = &job->set->files[f];
        for (size_t c = 0; c < file->cell_count; c++)
            add_cell(job, file, &file->cells[c], entries);
    }
    export_json(entries, out);
}
