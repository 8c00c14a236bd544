/* search_json.c: see search_json.h. */
#include "cli/tune/search_json.h"

#include "common/json.h"

static json_t *points_json(const struct search_model *model)
{
    json_t *points = json_array();
    for (size_t i = 0; i < model->values.count; i++) {
        const struct tune_point *point = &model->values.points[i];
        json_t *item = json_object(), *values = json_array();
        for (size_t t = 0; t < point->count; t++)
            json_push(values, json_real(point->values[t]));
        json_put(item, "concurrency", json_uint(point->concurrency));
        json_put(item, "values", values);
        json_put(item, "median", json_real_or_null(point->median));
        json_put(item, "fit", json_real_or_null(point->fit));
        json_put(item, "throughput_per_s",
                 json_real_or_null(model->rates.points[i].median));
        json_push(points, item);
    }
    return points;
}

static json_t *number_json(const struct search_model *model, size_t point)
{
    return model->choice.is_known && point < model->values.count
               ? json_uint(model->values.points[point].concurrency)
               : json_null();
}

static json_t *model_json(const struct search_model *model)
{
    const struct tune_choice *choice = &model->choice;
    json_t *item = json_object();
    json_put(item, "model", json_string(model->name));
    json_put(item, "points", points_json(model));
    json_put(item, "chosen", number_json(model, choice->chosen));
    json_put(item, "best", number_json(model, choice->best));
    json_put(item, "below", number_json(model, choice->below));
    json_put(item, "above", number_json(model, search_above(model)));
    json_put(item, "edge", json_boolean(choice->is_known && choice->is_edge));
    json_put(item, "met", json_boolean(choice->is_known && choice->is_met));
    json_put(item, "reason",
             choice->is_known      ? json_null()
             : *model->skip_reason ? json_string(model->skip_reason)
                                   : json_string("no trial of the search was valid"));
    return item;
}

json_t *search_json(const struct search *search)
{
    const struct scenario *s = search->run->scenarios[0];
    const double limit = search->goal.limit;
    json_t *json = json_object(), *models = json_array();
    for (size_t m = 0; m < search->model_count; m++)
        json_push(models, model_json(&search->models[m]));
    json_put(json, "scenario", json_string(s->name));
    json_put(json, "metric", json_string(search->metric.metric.name));
    json_put(json, "better",
             json_string(search->metric.metric.flags & METRIC_MORE ? "more" : "less"));
    json_put(json, "within_ratio",
             limit > 0 ? json_null() : json_real(search->goal.within));
    json_put(json, "limit_ns", limit > 0 ? json_real(limit) : json_null());
    json_put(json, "budget_s", json_real(search->budget_s));
    json_put(json, "search_s", json_real(search->spent_s));
    json_put(json, "search_trials", json_uint(search->trials));
    json_put(json, "search_cut", json_boolean(search->is_cut));
    json_put(json, "models", models);
    return json;
}
