/* chart.c: which charts there are and how each takes its numbers from the results. A new
 * chart is one function and one line of the table at the end. */
#include "report/draw/chart.h"

#include "common/cleanup.h"
#include "common/format.h"
#include "common/memory.h"
#include "report/data/caption.h"
#include "report/data/load_index.h"
#include "report/draw/chart_parts.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct panel *chart_add_panel(struct chart *chart, enum panel_kind kind, const char *id,
                              const char *name, enum unit unit)
{
    static const char *const x_names[] = {[PANEL_LINES] = "requests in flight",
                                          [PANEL_KNEE] = "requests in flight",
                                          [PANEL_PERCENTILES] = "percentile",
                                          [PANEL_ORDER] =
                                              "seconds since the start of the run",
                                          [PANEL_ROWS] = NULL,
                                          [PANEL_TIMELINE] = NULL};
    struct panel *panel = &chart->panels[chart->panel_count++];
    *panel = (struct panel){.kind = kind, .x_name = x_names[kind], .unit = unit};
    (void)snprintf(panel->id, sizeof panel->id, "%s", id);
    (void)snprintf(panel->name, sizeof panel->name, "%s", name);
    return panel;
}

static struct panel_point point_of(const struct cell *cell, enum metric_id id)
{
    const struct metric *m = &cell->metrics[id];
    return (struct panel_point){(double)cell->concurrency, m->median, m->low, m->high,
                                true};
}

struct panel *chart_add_rows(const struct chart_source *in, struct chart *chart,
                             const char *id, const char *name, enum metric_id metric)
{
    struct panel *panel = chart_add_panel(chart, PANEL_ROWS, id, name,
                                          load_spec(in->scenario, metric)->unit);
    for (size_t m = 0; m < in->scenario->model_count; m++) {
        const char *model = in->scenario->models[m];
        const struct cell *cell =
            load_cell(in->scenario, model, in->scenario->concurrency_max);
        if (!cell)
            continue;
        struct panel_series *series =
            panel_add_series(panel, model, palette_style(in->palette, model));
        series->concurrency = cell->concurrency;
        panel_add_point(series, point_of(cell, metric));
    }
    return panel;
}

struct panel *chart_add_metric(const struct chart_source *in, struct chart *chart,
                               const char *id, const char *name, enum metric_id metric)
{
    const struct scenario *s = in->scenario;
    if (s->concurrency_count < 2)
        return chart_add_rows(in, chart, id, name, metric);
    struct panel *panel =
        chart_add_panel(chart, PANEL_LINES, id, name, load_spec(s, metric)->unit);
    for (size_t m = 0; m < s->model_count; m++) {
        struct panel_series *series = panel_add_series(
            panel, s->models[m], palette_style(in->palette, s->models[m]));
        for (size_t i = 0; i < s->cell_count; i++) {
            const struct cell *cell = &s->cells[i];
            if (strcmp(cell->model, s->models[m]) != 0)
                continue;
            panel_add_point(series, point_of(cell, metric));
            series->is_level = cell->is_level;
        }
    }
    return panel;
}

/* Whether a model of the sweep is drawn as a line across all concurrencies. */
static bool has_level(const struct scenario *s)
{
    for (size_t i = 0; i < s->cell_count && s->concurrency_count > 1; i++)
        if (s->cells[i].is_level && s->cells[i].has_summary)
            return true;
    return false;
}

/* The key of a metric as a part of a file's name: "measured_ns" as "measured". */
static void put_id(struct panel *panel, const char *key)
{
    size_t used = 0;
    for (; *key && used + 1 < sizeof panel->id; key++)
        panel->id[used++] = isalnum((unsigned char)*key) ? *key : '-';
    panel->id[used] = '\0';
    char *last = strrchr(panel->id, '-');
    if (last && (!strcmp(last, "-ns") || !strcmp(last, "-bytes")))
        *last = '\0';
}

/* The metric that answers the scenario's question, as wide as the page. */
static void add_headline(const struct chart_source *in, struct chart *chart)
{
    const struct headline *headline = &in->scenario->headline;
    const bool is_rate = headline->spec.unit == UNIT_PER_S;
    struct panel *panel = chart_add_metric(
        in, chart, "throughput", is_rate ? "Throughput" : headline->as, headline->metric);
    panel->size = PANEL_WIDE;
    panel->name[0] = (char)toupper((unsigned char)panel->name[0]);
    if (is_rate)
        panel->y_extra = headline->as;
    if (headline->metric != METRIC_THROUGHPUT)
        put_id(panel, headline->spec.key);
}

/* The headline, and two of the costs that are not the same. */
static void build_costs(const struct chart_source *in, struct chart *chart, FILE *caption)
{
    static const struct {
        enum metric_id metric;
        const char *id, *name;
    } costs[] = {{METRIC_CPU_PER_REQUEST, "cpu", NULL}, /* "CPU per sleep" */
                 {METRIC_TREE_MEMORY, "memory", "Memory of the whole tree"},
                 {METRIC_THROUGHPUT, "throughput", "Throughput"}};
    const enum metric_id first = in->scenario->headline.metric;
    add_headline(in, chart);
    caption_extremes(caption, in->results, in->scenario, first);
    for (size_t i = 0; i < COUNT_OF(costs) && chart->panel_count < 3; i++) {
        if (costs[i].metric == first)
            continue;
        const struct text own = load_name(in->scenario, costs[i].metric);
        (void)chart_add_metric(in, chart, costs[i].id,
                               costs[i].name ? costs[i].name : own.s, costs[i].metric);
        if (costs[i].metric == METRIC_CPU_PER_REQUEST) {
            (void)fputc(' ', caption);
            caption_extremes(caption, in->results, in->scenario, costs[i].metric);
        }
    }
    caption_basis(caption, in->scenario, first);
    if (in->scenario->rate_per_s > 0)
        (void)fputs(" Requests per second are not compared: in an open loop every model "
                    "that keeps up serves what arrives.",
                    caption);
    if (has_level(in->scenario))
        (void)fputs(
            " A model measured at one concurrency only is drawn as a dashed line.",
            caption);
}

/* Adds the ideal line, over the concurrencies of the others. */
static void add_ideal(struct panel *panel, uint64_t base)
{
    AUTO_FREE double *xs = NULL;
    const size_t count = panel_xs(panel, false, &xs);
    struct panel_series *ideal = panel_add_series(panel, "ideal", palette_reference());
    ideal->is_reference = true;
    for (size_t i = 0; i < count; i++)
        panel_add_point(
            ideal, (struct panel_point){xs[i], xs[i] / (double)base, NAN, NAN, false});
}

/* Speed-up: the throughput ratios of comparisons, and the line on which c requests in
 * flight would be c times as fast as the baseline's one. */
static void build_speedup(const struct chart_source *in, struct chart *chart,
                          FILE *caption)
{
    const struct scenario *s = in->scenario;
    bool is_sweep = s->concurrency_count > 1;
    struct panel *panel =
        chart_add_panel(chart, is_sweep ? PANEL_LINES : PANEL_ROWS, "speedup",
                        "Throughput, paired by block", UNIT_FACTOR);
    uint64_t base = 0;
    for (size_t m = 0; m < s->model_count; m++) {
        struct panel_series *series = panel_add_series(
            panel, s->models[m], palette_style(in->palette, s->models[m]));
        for (size_t i = 0; i < s->cell_count; i++) {
            const struct comparison *c =
                load_comparison(in->results, s, &s->cells[i], METRIC_THROUGHPUT);
            if (!c || strcmp(c->model, s->models[m]) != 0)
                continue;
            series->concurrency = c->concurrency;
            panel_add_point(series, (struct panel_point){(double)c->concurrency, c->ratio,
                                                         c->low, c->high, true});
            if (c->baseline_concurrency != c->concurrency)
                base = c->baseline_concurrency;
        }
        if (series->count == 0)
            panel->series_count--;
    }
    (void)fprintf(caption, "How many times the throughput of %s", s->baseline);
    if (base)
        (void)fprintf(caption, " with %" PRIu64 " in flight", base);
    (void)fputs(", paired by block.", caption);
    if (base && is_sweep && panel_count(panel) > 0) {
        add_ideal(panel, base);
        (void)fputs(" The distance to the ideal line is what the CPU adds to the wait.",
                    caption);
    }
}

static void build_cpu(const struct chart_source *in, struct chart *chart, FILE *caption)
{
    (void)chart_add_rows(in, chart, "startup", "Start-up CPU", METRIC_CPU_STARTUP);
    (void)fputs("Start-up is paid once: linking, starting libcurl, making workers.",
                caption);
}

static bool is_named_quantile(double q)
{
    static const double named[] = {0.5, 0.9, 0.99, 0.999};
    for (size_t i = 0; i < COUNT_OF(named); i++)
        if (fabs(q - named[i]) < 1e-9)
            return true;
    return false;
}

static void say_tail(FILE *caption, const struct scenario *s)
{
    const struct cell *least = NULL;
    const struct cell *most = NULL;
    for (size_t m = 0; m < s->model_count; m++) {
        const struct cell *cell = load_cell(s, s->models[m], s->concurrency_max);
        if (!cell || cell->concurrency != s->concurrency_max ||
            !isfinite(cell->latency.p99_ns) || !cell->has_summary)
            continue;
        if (!least || cell->latency.p99_ns < least->latency.p99_ns)
            least = cell;
        if (!most || cell->latency.p99_ns > most->latency.p99_ns)
            most = cell;
    }
    if (least && least != most)
        (void)fprintf(caption,
                      "99 %% of the requests take at most %s with %s and at most %s with "
                      "%s.",
                      format_value(least->latency.p99_ns, UNIT_NS).s, least->model,
                      format_value(most->latency.p99_ns, UNIT_NS).s, most->model);
    else
        (void)fputs("Fewer than two models have enough requests for a 99th percentile.",
                    caption);
}

static void add_spectrum(struct panel_series *series, const struct latency *latency)
{
    for (size_t i = 0; i < latency->spectrum_count; i++) {
        const struct quantile_point *p = &latency->spectrum[i];
        bool is_marked =
            is_named_quantile(p->quantile) || i + 1 == latency->spectrum_count;
        panel_add_point(
            series, (struct panel_point){p->quantile, p->value_ns, NAN, NAN, is_marked});
    }
}

static void say_loop(FILE *caption, const struct scenario *s)
{
    if (s->rate_per_s > 0)
        (void)fprintf(
            caption,
            " Open loop, %" PRIu64 " requests/s, %s arrivals, %" PRIu64
            " workers. A line is the response time, from when a request was due; dashed "
            "below it is the service time, from when a worker started it. The distance "
            "between the two lines is time spent waiting for a worker: what a closed "
            "loop hides. All valid trials merged; a line ends where fewer than 10 "
            "requests lie beyond.",
            s->rate_per_s, s->arrivals, s->concurrency_max);
    else
        (void)fprintf(
            caption,
            " At %" PRIu64 " in flight, all valid trials merged; a line ends where "
            "fewer than 10 requests lie beyond. Closed loop: a worker sends its next "
            "request after the last answer, so waiting before sending is not in "
            "these times.",
            s->concurrency_max);
}

static void build_latency(const struct chart_source *in, struct chart *chart,
                          FILE *caption)
{
    const struct scenario *s = in->scenario;
    const char *name =
        s->rate_per_s > 0 ? "Response time, dashed: service" : "Latency, closed loop";
    struct panel *panel =
        chart_add_panel(chart, PANEL_PERCENTILES, "latency", name, UNIT_NS);
    for (size_t m = 0; m < s->model_count; m++) {
        const struct cell *cell = load_cell(s, s->models[m], s->concurrency_max);
        if (!cell || cell->latency.spectrum_count == 0)
            continue;
        struct panel_series *series =
            panel_add_series(panel, cell->model, palette_style(in->palette, cell->model));
        series->concurrency = cell->concurrency;
        add_spectrum(series, &cell->latency);
        if (!cell->is_open || cell->service.spectrum_count == 0)
            continue;
        struct panel_series *service =
            panel_add_series(panel, cell->model, series->style);
        service->companion = "service";
        add_spectrum(service, &cell->service);
    }
    say_tail(caption, s);
    say_loop(caption, s);
}

const struct chart_spec chart_specs[] = {
    {"The three costs", build_costs},
    {"What happened when", chart_build_timeline},
    {"How many workers", chart_build_tune},
    {"Speed-up", build_speedup},
    {"Memory", chart_build_memory},
    {"Latency", build_latency},
    {"Start-up", build_cpu},
    {"The run in order", chart_build_order},
    {"Phases of a request", chart_build_phases},
};
const size_t chart_spec_count = COUNT_OF(chart_specs);

static void drop_empty_panels(struct chart *chart)
{
    size_t kept = 0;
    for (size_t i = 0; i < chart->panel_count; i++) {
        if (panel_count(&chart->panels[i]) > 0)
            chart->panels[kept++] = chart->panels[i];
        else
            panel_done(&chart->panels[i]);
    }
    chart->panel_count = kept;
}

void chart_build(const struct chart_spec *spec, const struct chart_source *source,
                 struct chart *chart)
{
    *chart = (struct chart){.title = spec->title, .scenario = source->scenario};
    (void)snprintf(chart->prefix, sizeof chart->prefix, "%.64s", source->scenario->name);
    size_t size = 0;
    FILE *caption = memory_stream(&chart->caption, &size);
    spec->build(source, chart, caption);
    memory_stream_close(caption, &chart->caption);
    drop_empty_panels(chart);
}

void chart_done(struct chart *chart)
{
    for (size_t i = 0; i < chart->panel_count; i++)
        panel_done(&chart->panels[i]);
    free(chart->caption);
}
