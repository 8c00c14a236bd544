/* outline.c: see outline.h. */
#include "cli/tune/outline.h"

#include "common/clean.h"
#include "common/format.h"
#include "common/json.h"

#include <inttypes.h>

static struct text number_at(const struct search_model *model, size_t at)
{
    return format_exact((double)model->cells[at]->concurrency, UNIT_COUNT);
}

static void print_model(const struct search_model *model, FILE *out)
{
    if (model->cell_count == 0)
        clean_print(out, "  %s: skipped: %s\n", model->name, model->skip_reason);
    else if (model->cell_count == 1)
        clean_print(out, "  %s: %s in flight\n", model->name, number_at(model, 0).s);
    else
        clean_print(out, "  %s: %zu numbers from %s to %s in flight\n", model->name,
                    model->cell_count, number_at(model, 0).s,
                    number_at(model, model->cell_count - 1).s);
}

void outline_print(const struct search *search, FILE *out)
{
    clean_print(out, "%s: the search may try these numbers of workers\n",
                search->run->scenarios[0]->name);
    for (size_t m = 0; m < search->model_count; m++)
        print_model(&search->models[m], out);
    clean_print(out,
                "The search takes about %s; measuring its choice afresh takes about as "
                "long. Seed %" PRIu64 ".\n",
                format_duration(search->budget_s / 2).s, search->run->options.seed);
}

static json_t *model_json(const struct search_model *model)
{
    json_t *json = json_object(), *numbers = json_array();
    for (size_t c = 0; c < model->cell_count; c++)
        json_push(numbers, json_uint(model->cells[c]->concurrency));
    json_put(json, "model", json_string(model->name));
    json_put(json, "numbers", numbers);
    json_put(json, "skip_reason",
             model->cell_count > 0 ? json_null() : json_string(model->skip_reason));
    return json;
}

json_t *outline_json(const struct search *search)
{
    json_t *json = json_object(), *models = json_array();
    for (size_t m = 0; m < search->model_count; m++)
        json_push(models, model_json(&search->models[m]));
    json_put(json, "seed", json_uint(search->run->options.seed));
    json_put(json, "budget_s", json_real(search->budget_s));
    json_put(json, "metric", json_string(search->metric.metric.name));
    json_put(json, "models", models);
    return json;
}
