/* chart_tune.c: how many workers are enough: the value over the number in flight, with a
 * marker at each model's knee. */
#include "report/draw/chart_parts.h"

#include "common/format.h"
#include "common/json.h"
#include "report/data/load_index.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* The numbers as the search saw them, and the chosen one as it was measured afresh. */
static void add_model(const struct chart_source *in, struct panel *panel,
                      const json_t *model)
{
    const char *name = json_text_of(model, "model");
    const struct style *style = palette_style(in->palette, name);
    const json_t *points = json_object_get(model, "points");
    const json_t *value = json_object_get(model, "value");
    struct panel_series *searched = panel_add_series(panel, name, style);
    size_t i = 0;
    json_t *point = NULL;
    json_array_foreach (points, i, point)
        panel_add_point(searched,
                        (struct panel_point){json_number_of(point, "concurrency"),
                                             json_number_of(point, "median"), (double)NAN,
                                             (double)NAN, false});
    searched->is_level = json_array_size(points) == 1;
    struct panel_series *afresh = panel_add_series(panel, name, style);
    afresh->companion = "measured afresh";
    panel_add_point(afresh, (struct panel_point){json_number_of(model, "chosen"),
                                                 json_number_of(value, "median"),
                                                 json_number_of(value, "low"),
                                                 json_number_of(value, "high"), true});
}

static void say_little(const json_t *tune, FILE *caption)
{
    size_t i = 0, said = 0;
    json_t *model = NULL;
    json_array_foreach (json_object_get(tune, "models"), i, model) {
        const double number =
            json_number_of(json_object_get(model, "little"), "concurrency");
        if (!isfinite(number) || json_array_size(json_object_get(model, "points")) < 2)
            continue;
        (void)fprintf(caption, "%s%.0f for %s",
                      said++ ? ", "
                             : " Little's law, rate × time of one request, puts the knee "
                               "near ",
                      number, json_text_of(model, "model"));
    }
    (void)fputs(said ? "." : "", caption);
}

void chart_build_tune(const struct chart_source *in, struct chart *chart, FILE *caption)
{
    const json_t *tune = load_tune(in->results, in->scenario);
    if (!tune)
        return;
    const char *metric = json_text_of(tune, "metric");
    const struct headline *headline = &in->scenario->headline;
    const bool is_headline = !strcmp(headline->spec.key, metric);
    struct panel *panel = chart_add_panel(
        chart, PANEL_KNEE, "tune",
        is_headline ? headline->as : metric_spec_of(metric).name, format_unit_of(metric));
    size_t i = 0;
    json_t *model = NULL;
    panel->size = PANEL_WIDE;
    panel->name[0] = (char)toupper((unsigned char)panel->name[0]);
    if (is_headline && headline->spec.unit == UNIT_PER_S) {
        (void)snprintf(panel->name, sizeof panel->name, "Throughput");
        panel->y_extra = headline->as;
    }
    json_array_foreach (json_object_get(tune, "models"), i, model) {
        if (json_array_size(json_object_get(model, "points")) > 0)
            add_model(in, panel, model);
    }
    (void)fputs("A marker stands at the smallest number that is enough, measured afresh, "
                "with its interval. The lines are what the search saw on its way there.",
                caption);
    say_little(tune, caption);
}
