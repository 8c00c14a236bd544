/* chart_parts.c: the charts of memory, of the run in order and of a request's phases; see
 * chart_parts.h. */
#include "report/draw/chart_parts.h"

#include "report/data/caption.h"
#include "report/data/load_index.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const char *source_words(const char *source)
{
    if (source && !strcmp(source, "pss-sampled"))
        return "summed proportional set sizes (pss-sampled)";
    if (source && !strncmp(source, "cgroup-", 7))
        return "peak of a control group of its own, kernel memory included (cgroup)";
    if (source && !strcmp(source, "largest-process"))
        return "the largest process only (largest-process), too little for many "
               "processes";
    return source ? source : "not named in the results";
}

/* Whether the largest process alone seems to need more than its whole tree. */
static bool is_part_larger(const struct scenario *s)
{
    for (size_t m = 0; m < s->model_count; m++) {
        const struct cell *cell = load_cell(s, s->models[m], s->concurrency_max);
        if (cell && cell->metrics[METRIC_MAX_RSS].median >
                        cell->metrics[METRIC_TREE_MEMORY].median)
            return true;
    }
    return false;
}

void chart_build_memory(const struct chart_source *in, struct chart *chart, FILE *caption)
{
    const struct scenario *s = in->scenario;
    if (s->concurrency_count > 1)
        (void)chart_add_rows(in, chart, "memory-bars", "Memory of the whole tree",
                             METRIC_TREE_MEMORY);
    (void)chart_add_rows(in, chart, "largest-process", "Largest process alone",
                         METRIC_MAX_RSS);
    caption_extremes(caption, in->results, s, METRIC_TREE_MEMORY);
    const char *source = NULL;
    for (size_t i = 0; i < s->cell_count && !source; i++)
        source = s->cells[i].memory_source;
    (void)fprintf(
        caption,
        " One memory pass per cell, source: %s. The largest process: its max RSS.",
        source_words(source));
    if (is_part_larger(s))
        (void)fputs(
            " It can be more than the whole tree: max RSS counts pages shared with "
            "other processes in full, while the sum counts only the tree's share "
            "of them.",
            caption);
}

static void add_order(const struct chart_source *in, struct chart *chart, const char *id,
                      const char *name, enum unit unit, size_t which)
{
    const struct scenario *s = in->scenario;
    struct panel *panel = chart_add_panel(chart, PANEL_ORDER, id, name, unit);
    for (size_t m = 0; m < s->model_count; m++) {
        const struct cell *cell = load_cell(s, s->models[m], s->concurrency_max);
        if (!cell || cell->trial_count == 0)
            continue;
        struct panel_series *series =
            panel_add_series(panel, cell->model, palette_style(in->palette, cell->model));
        series->concurrency = cell->concurrency;
        for (size_t i = 0; i < cell->trial_count; i++)
            if (cell->trials[i].is_counting)
                panel_add_point(series,
                                (struct panel_point){cell->trials[i].started_s,
                                                     cell->trials[i].values[which], NAN,
                                                     NAN, true});
    }
}

void chart_build_order(const struct chart_source *in, struct chart *chart, FILE *caption)
{
    add_order(in, chart, "throughput-in-order", "Throughput in order", UNIT_PER_S, 0);
    add_order(in, chart, "cpu-in-order", "CPU per request in order", UNIT_NS, 1);
    (void)fprintf(caption,
                  "Each dot is a trial that counts, at %" PRIu64
                  " in flight: one per block, %" PRIu64
                  " block%s. Models take turns, so a drift of the machine shows in all "
                  "of them.",
                  in->scenario->concurrency_max, in->results->blocks,
                  in->results->blocks == 1 ? "" : "s");
}

void chart_build_phases(const struct chart_source *in, struct chart *chart, FILE *caption)
{
    static const struct {
        const char *id, *name;
    } phases[LOAD_PHASES] = {{"lookup", "Name lookup"},
                             {"connect", "Connect"},
                             {"tls", "TLS handshake"},
                             {"first-byte", "First byte"}};
    const struct scenario *s = in->scenario;
    for (size_t phase = 0; phase < LOAD_PHASES; phase++) {
        struct panel *panel = chart_add_panel(chart, PANEL_ROWS, phases[phase].id,
                                              phases[phase].name, UNIT_NS);
        for (size_t m = 0; m < s->model_count; m++) {
            const struct cell *cell = load_cell(s, s->models[m], s->concurrency_max);
            if (!cell)
                continue;
            struct panel_series *series = panel_add_series(
                panel, cell->model, palette_style(in->palette, cell->model));
            series->concurrency = cell->concurrency;
            panel_add_point(series,
                            (struct panel_point){(double)cell->concurrency,
                                                 cell->phases_ns[phase], NAN, NAN, true});
        }
    }
    (void)fprintf(
        caption,
        "Times of a request's phases at %" PRIu64
        " in flight: medians over trials of each trial's median. They do not "
        "add up to a request, as each is the median over different requests. Connect "
        "and first byte end when the model takes notice; on a loop that "
        "includes queueing behind whatever else is ready.",
        s->concurrency_max);
}
