/* summarise_scenario.c: see summarise_scenario.h. The table has the headline and two more
 * of the metrics that decide, at the highest concurrency. */
#include "cli/summarise_scenario.h"

#include "analysis/compare/compare_table.h"
#include "analysis/compare/compare_text.h"
#include "analysis/words/phrase.h"
#include "analysis/words/quantity.h"
#include "common/clean.h"
#include "common/format.h"
#include "common/json.h"

#include <math.h>
#include <string.h>

#define COLUMNS_MAX   3
#define MODEL_CHARS   20
#define HEADING_CHARS 24

struct columns {
    const char *metrics[COLUMNS_MAX];
    double most[COLUMNS_MAX];
    size_t count;
};

static void add_column(struct columns *columns, const char *metric)
{
    for (size_t i = 0; i < columns->count; i++) {
        if (!strcmp(columns->metrics[i], metric))
            return;
    }
    if (columns->count < COLUMNS_MAX)
        columns->metrics[columns->count++] = metric;
}

static struct columns columns_of(const json_t *verdict)
{
    struct columns columns = {.count = 0};
    size_t i = 0;
    json_t *metric = NULL;
    add_column(&columns, json_text_of(json_object_get(verdict, "headline"), "metric"));
    json_array_foreach (json_object_get(verdict, "metrics"), i, metric)
        add_column(&columns, json_string_value(metric));
    return columns;
}

static json_int_t concurrency_of(const json_t *object)
{
    return json_integer_value(json_object_get(object, "concurrency"));
}

static void add_head(struct compare_table *table, const json_t *verdict,
                     const struct columns *columns)
{
    struct compare_text names[COLUMNS_MAX + 1];
    const char *texts[COLUMNS_MAX + 1];
    const json_int_t at = concurrency_of(json_object_get(verdict, "load"));
    (void)snprintf(names[0].s, sizeof names[0].s, "at %s in flight",
                   format_exact((double)at, UNIT_COUNT).s);
    for (size_t i = 0; i < columns->count; i++) {
        json_auto_t *phrase = quantity_metric("name", columns->metrics[i],
                                              json_object_get(verdict, "headline"));
        json_auto_t *name = phrase_plain(phrase);
        names[i + 1] = compare_text_clean(json_string_value(name), HEADING_CHARS);
    }
    for (size_t i = 0; i <= columns->count; i++)
        texts[i] = names[i].s;
    compare_table_add(table, texts, COMPARE_DIM);
}

/* The largest value in the scenario, also at other concurrencies: as everywhere, it sets
 * the unit. */
static double most_of(const json_t *results, const char *scenario, const char *metric)
{
    double most = 0;
    size_t i = 0;
    json_t *cell = NULL;
    json_array_foreach (json_object_get(results, "cells"), i, cell) {
        const json_t *summary = json_object_get(cell, "summary");
        if (!strcmp(json_text_of(cell, "scenario"), scenario))
            most = fmax(most, json_number_of(json_object_get(summary, metric), "median"));
    }
    return most;
}

static void add_model(struct compare_table *table, const json_t *verdict,
                      const json_t *model, const struct columns *columns)
{
    struct text values[COLUMNS_MAX];
    const char *texts[COLUMNS_MAX + 1];
    struct compare_text name =
        compare_text_clean(json_text_of(model, "model"), MODEL_CHARS);
    if (concurrency_of(model) != concurrency_of(json_object_get(verdict, "load")))
        (void)snprintf(name.s + strlen(name.s), sizeof name.s - strlen(name.s),
                       " (%" JSON_INTEGER_FORMAT ")", concurrency_of(model));
    texts[0] = name.s;
    for (size_t i = 0; i < columns->count; i++) {
        const char *metric = columns->metrics[i];
        values[i] =
            format_metric(metric, json_number_of(model, metric), columns->most[i]);
        texts[i + 1] = values[i].s;
    }
    compare_table_add(table, texts, COMPARE_PLAIN);
}

static void print_table(const json_t *results, const json_t *scenario, bool is_colored,
                        FILE *out)
{
    const json_t *verdict = json_object_get(scenario, "verdict");
    struct columns columns = columns_of(verdict);
    struct compare_table table = {.columns = columns.count + 1,
                                  .is_right = {[1] = true, [2] = true, [3] = true}};
    size_t i = 0;
    json_t *model = NULL;
    if (json_array_size(json_object_get(verdict, "models")) == 0)
        return;
    for (i = 0; i < columns.count; i++)
        columns.most[i] =
            most_of(results, json_text_of(scenario, "name"), columns.metrics[i]);
    add_head(&table, verdict, &columns);
    json_array_foreach (json_object_get(verdict, "models"), i, model)
        add_model(&table, verdict, model, &columns);
    compare_table_flush(&table, is_colored, out);
}

static void print_tinted(FILE *out, bool is_colored, const char *tint, const char *text)
{
    clean_print(out, "  ");
    (void)fputs(is_colored ? tint : "", out);
    clean_print(out, "%s", text);
    (void)fputs(is_colored ? "\033[0m\n" : "\n", out);
}

static const char *tint_of(const char *level)
{
    return !strcmp(level, "quote")  ? "\033[32m"
           : !strcmp(level, "look") ? "\033[33m"
                                    : "\033[31m";
}

void summarise_prices(const json_t *scenario, FILE *out)
{
    size_t i = 0;
    json_t *price = NULL;
    json_array_foreach (json_object_get(scenario, "prices"), i, price)
        clean_print(out, "  %s\n", json_text_of(price, "text"));
}

void summarise_scenario(const json_t *results, const json_t *scenario, bool is_colored,
                        FILE *out)
{
    const json_t *verdict = json_object_get(scenario, "verdict");
    const json_t *trust = json_object_get(verdict, "trust");
    clean_print(out, "\n%s: %s\n", json_text_of(scenario, "name"),
                json_text_of(scenario, "question"));
    print_tinted(out, is_colored, "\033[1m", json_text_of(verdict, "answer"));
    print_tinted(out, is_colored, tint_of(json_text_of(trust, "level")),
                 json_text_of(trust, "text"));
    if (*json_text_of(trust, "stopped"))
        clean_print(out, "  %s\n", json_text_of(trust, "stopped"));
    print_table(results, scenario, is_colored, out);
    summarise_prices(scenario, out);
}
