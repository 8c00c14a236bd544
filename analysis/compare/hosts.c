/* hosts.c: see hosts.h. What a file says is not trusted: texts are cleaned, models have
 * safe names, numbers are read as NaN where they are none. */
#include "analysis/compare/hosts.h"

#include "analysis/compare/compare.h"
#include "analysis/compare/compare_environment.h"
#include "analysis/compare/compare_load.h"
#include "analysis/words/hosts_words.h"
#include "analysis/words/phrase.h"
#include "analysis/words/quantity.h"
#include "common/clean.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define CLOSE  0.1 /* a model that is this near to the one picked is told */
#define MEMORY "tree_memory_bytes" /* measured once */

/* One scenario on one host. */
struct host_view {
    const json_t *verdict, *scenario;
    const char
        *metrics[2]; /* the headline, and what a request costs if that is another */
    size_t metric_count;
};

static struct host_view view_of(const struct compare_file *file, const char *name)
{
    struct host_view view = {.scenario = compare_scenario(file, name)};
    view.verdict = json_object_get(view.scenario, "verdict");
    const json_t *first = json_array_get(json_object_get(view.verdict, "metrics"), 0);
    const char *headline = json_string_value(first);
    view.metrics[view.metric_count++] = headline ? headline : "throughput_per_s";
    view.metrics[view.metric_count] = "cpu_per_request_ns";
    view.metric_count += strcmp(view.metrics[0], view.metrics[1]) != 0;
    return view;
}

static bool is_more(const struct host_view *view, const char *metric)
{
    const json_t *headline = json_object_get(view->verdict, "headline");
    return !strcmp(json_text_of(headline, "metric"), metric)
               ? !strcmp(json_text_of(headline, "better"), "more")
               : !strcmp(metric, "throughput_per_s");
}

static json_int_t load_of(const struct host_view *view)
{
    const json_t *load = json_object_get(view->verdict, "load");
    return json_integer_value(json_object_get(load, "concurrency"));
}

static bool is_at_load(const struct host_view *view, const json_t *entry)
{
    return json_integer_value(json_object_get(entry, "concurrency")) == load_of(view);
}

static const json_t *entry_of(const struct host_view *view, const char *model)
{
    return json_find(json_object_get(view->verdict, "models"), "model", model);
}

static double value_of(const struct host_view *view, const char *model,
                       const char *metric)
{
    const double value = json_number_of(entry_of(view, model), metric);
    return value > 0 ? value : (double)NAN;
}

/* Of the best value at the load of the verdict, 1 for that itself; NaN for a model that
 * was measured under another. */
static double share_of(const struct host_view *view, const char *model,
                       const char *metric)
{
    const bool wants_more = is_more(view, metric);
    const double value = value_of(view, model, metric);
    double best = (double)NAN;
    size_t i = 0;
    json_t *entry = NULL;
    if (!is_at_load(view, entry_of(view, model)))
        return best;
    json_array_foreach (json_object_get(view->verdict, "models"), i, entry) {
        const double other = json_number_of(entry, metric);
        if (is_at_load(view, entry) && other > 0)
            best = wants_more ? fmax(best, other) : fmin(best, other);
    }
    return wants_more ? value / best : best / value;
}

static json_t *values_json(const struct host_view *view, const char *model)
{
    json_t *values = json_array();
    const char *baseline = json_text_of(view->scenario, "baseline");
    for (size_t m = 0; m < view->metric_count; m++) {
        const char *metric = view->metrics[m];
        const double value = value_of(view, model, metric);
        json_t *one = json_object();
        json_put(one, "value", json_real_or_null(value));
        json_put(one, "relative",
                 json_real_or_null(value / value_of(view, baseline, metric)));
        json_put(one, "share", json_real_or_null(share_of(view, model, metric)));
        json_push(values, one);
    }
    return values;
}

/* The models that no difference sets apart from the best; where that was measured once,
 * those within a tenth of it. */
static void add_nearest(const struct host_view *view, json_t *picks)
{
    size_t i = 0;
    json_t *entry = NULL;
    json_array_foreach (json_object_get(view->verdict, "models"), i, entry) {
        const char *model = json_text_of(entry, "model");
        if (json_name_is_safe(model) &&
            share_of(view, model, view->metrics[0]) >= 1 - CLOSE)
            json_push(picks, json_text(model));
    }
}

static void add_named(const json_t *models, json_t *picks)
{
    size_t i = 0;
    json_t *model = NULL;
    json_array_foreach (models, i, model) {
        if (json_is_string(model) && json_name_is_safe(json_string_value(model)))
            json_push(picks, json_incref(model));
    }
}

/* The models that the host's verdict names: its leaders; in a trade-off those that are
 * unbeaten in the headline; before it can rank them, the one that was ahead. */
static json_t *picks_json(const struct host_view *view)
{
    json_t *picks = json_array();
    const char *form = json_text_of(view->verdict, "form"),
               *level = json_text_of(json_object_get(view->verdict, "trust"), "level");
    const json_t *ahead = json_object_get(view->verdict, "ahead");
    const bool is_ahead =
        2 * json_number_of(ahead, "blocks") > json_number_of(ahead, "of");
    if (!strcmp(level, "do-not-quote") || !strcmp(form, "not-publishable"))
        return picks;
    add_named(json_object_get(view->verdict, "leaders"), picks);
    if (json_array_size(picks) == 0)
        add_named(
            json_object_get(json_object_get(view->verdict, "unbeaten"), view->metrics[0]),
            picks);
    if (json_array_size(picks) > 0 || strcmp(form, "descriptive") != 0)
        return picks;
    if (is_ahead && json_name_is_safe(json_text_of(ahead, "model")))
        json_push(picks, json_text(json_text_of(ahead, "model")));
    else if (!strcmp(view->metrics[0], MEMORY))
        add_nearest(view, picks);
    return picks;
}

/* Of the models that are not picked, the nearest to the best of those that are, if it is
 * near; null otherwise. */
static json_t *close_json(const struct host_view *view, const json_t *picks)
{
    double nearest = 0, picked = 0;
    const char *near = "";
    size_t i = 0;
    json_t *entry = NULL;
    json_array_foreach (json_object_get(view->verdict, "models"), i, entry) {
        const double share =
            share_of(view, json_text_of(entry, "model"), view->metrics[0]);
        const bool is_picked = json_array_has(picks, json_object_get(entry, "model"));
        if (is_picked)
            picked = fmax(picked, share);
        else if (share > nearest && json_name_is_safe(json_text_of(entry, "model"))) {
            nearest = share;
            near = json_text_of(entry, "model");
        }
    }
    const double gap = fabs(1 - nearest / picked);
    return nearest > 0 && gap < CLOSE ? json_pack("{s:s, s:f}", "model", near, "gap", gap)
                                      : json_null();
}

/* Why the host cannot stand beside the base, or null. */
static json_t *reason_json(const struct compare_file *base,
                           const struct compare_file *file, const char *name)
{
    json_auto_t *skipped = json_array();
    const struct host_view view = view_of(file, name), first = view_of(base, name);
    if (!view.scenario)
        return json_string("not measured");
    if (!view.verdict)
        return json_string("its results have no verdict; draw its report again");
    if (!compare_load_fits(base, file, name, skipped))
        return json_incref(json_object_get(json_array_get(skipped, 0), "reason"));
    if (load_of(&view) != load_of(&first))
        return json_sprintf("at %" JSON_INTEGER_FORMAT " in flight instead of "
                            "%" JSON_INTEGER_FORMAT,
                            load_of(&view), load_of(&first));
    if (strcmp(view.metrics[0], first.metrics[0]) != 0)
        return json_string("another question: its headline is another metric");
    return json_null();
}

static json_t *text(const char *utf8)
{
    AUTO_FREE char *clean = clean_dup(utf8);
    if (!clean)
        memory_exhausted();
    return json_text(clean);
}

/* Adds the models that are new to the list. */
static void add_models(const struct host_view *view, json_t *models)
{
    size_t i = 0, j = 0;
    json_t *entry = NULL, *known = NULL;
    json_array_foreach (json_object_get(view->verdict, "models"), i, entry) {
        const char *model = json_text_of(entry, "model");
        bool is_new = json_name_is_safe(model);
        json_array_foreach (models, j, known)
            is_new = is_new && strcmp(json_text_of(known, "model"), model) != 0;
        if (is_new)
            json_push(models, json_pack("{s:s, s:I}", "model", model, "concurrency",
                                        json_integer_value(
                                            json_object_get(entry, "concurrency"))));
    }
}

static json_t *host_json(const struct compare_file *base, const struct compare_file *file,
                         const char *name, json_t *models)
{
    const struct host_view view = view_of(file, name);
    json_t *host = json_object(), *picks = json_array(), *values = json_object(),
           *reason = reason_json(base, file, name), *entry = NULL;
    size_t i = 0;
    json_put(host, "label", json_string(file->label));
    json_put(host, "reason", reason);
    if (json_is_null(reason)) {
        const json_t *trust = json_object_get(view.verdict, "trust");
        json_decref(picks);
        picks = picks_json(&view);
        add_models(&view, models);
        json_put(host, "answer", text(json_text_of(view.verdict, "answer")));
        json_put(host, "level", text(json_text_of(trust, "level")));
        json_put(host, "trust", text(json_text_of(trust, "text")));
        json_put(host, "close", close_json(&view, picks));
        json_array_foreach (json_object_get(view.verdict, "models"), i, entry) {
            const char *model = json_text_of(entry, "model");
            if (json_name_is_safe(model))
                json_put(values, model, values_json(&view, model));
        }
    }
    json_put(host, "picks", picks);
    json_put(host, "values", values);
    return host;
}

static json_t *metrics_json(const struct host_view *view)
{
    json_t *metrics = json_array();
    const json_t *headline = json_object_get(view->verdict, "headline");
    for (size_t m = 0; m < view->metric_count; m++) {
        json_auto_t *name = quantity_metric("name", view->metrics[m], headline);
        json_push(metrics, json_pack("{s:o, s:o}", "key", text(view->metrics[m]), "name",
                                     phrase_plain(name)));
    }
    return metrics;
}

static json_t *scenario_json(const struct compare_set *set,
                             const struct compare_file *base, const char *name)
{
    const struct host_view view = view_of(base, name);
    json_t *all = json_object(), *hosts = json_array(), *models = json_array();
    bool changes = false;
    for (size_t i = 0; i < set->count; i++)
        json_push(hosts, host_json(base, &set->files[i], name, models));
    json_auto_t *words = hosts_words(hosts, &changes);
    json_put(all, "name", text(name));
    json_put(all, "title", text(json_text_of(view.scenario, "title")));
    json_put(all, "question", text(json_text_of(view.scenario, "question")));
    json_put(all, "baseline", text(json_text_of(view.scenario, "baseline")));
    json_put(all, "sentence", phrase_plain(words));
    json_put(all, "changes", json_boolean(changes));
    json_put(all, "metrics", metrics_json(&view));
    json_put(all, "models", models);
    json_put(all, "hosts", hosts);
    return all;
}

static json_t *missing_json(const struct compare_set *set)
{
    size_t i = 0, j = 0;
    json_t *missing = json_array(), *document = NULL, *name = NULL;
    json_array_foreach (set->documents, i, document)
        json_array_foreach (json_object_get(document, "missing"), j, name)
            if (json_is_string(name) && json_array_size(missing) < COMPARE_FILES_MAX)
                json_push(missing, text(json_string_value(name)));
    return missing;
}

/* Every scenario of any host, with the first host that has it as its base. */
static json_t *scenarios_json(const struct compare_set *set)
{
    json_t *list = json_array(), *scenario = NULL;
    size_t s = 0;
    for (size_t i = 0; i < set->count; i++) {
        json_array_foreach (set->files[i].scenarios, s, scenario) {
            const char *name = json_text_of(scenario, "name");
            bool is_new = true;
            for (size_t j = 0; j < i; j++)
                is_new = is_new && !compare_scenario(&set->files[j], name);
            if (is_new)
                json_push(list, scenario_json(set, &set->files[i], name));
        }
    }
    return list;
}

json_t *hosts_make(const struct compare_set *set)
{
    json_t *all = json_object(), *files = json_array(), *missing = missing_json(set);
    for (size_t i = 0; i < set->count; i++)
        json_push(files, compare_file_json(&set->files[i]));
    json_put(all, "schema_version", json_integer(1));
    json_put(all, "files", files);
    json_put(all, "environment", compare_environment(set));
    json_put(all, "scenarios", scenarios_json(set));
    json_put(all, "missing", missing);
    return all;
}

json_t *hosts_sentences(const struct compare_set *set)
{
    json_t *sentences = json_array(), *scenario = NULL;
    json_auto_t *all = hosts_make(set);
    size_t i = 0;
    json_array_foreach (json_object_get(all, "scenarios"), i, scenario)
        json_push(sentences,
                  json_pack("{s:O, s:O}", "scenario", json_object_get(scenario, "name"),
                            "sentence", json_object_get(scenario, "sentence")));
    return sentences;
}
