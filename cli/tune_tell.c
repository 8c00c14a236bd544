/* tune_tell.c: see tune_tell.h. It shows numbers and sentences; it computes none. */
#include "cli/tune_tell.h"

#include "analysis/compare/compare_table.h"
#include "analysis/compare/compare_text.h"
#include "cli/summarise.h"
#include "cli/summarise_scenario.h"
#include "common/clean.h"
#include "common/format.h"
#include "common/json.h"
#include "common/tally.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#define MODEL_CHARS 24

static struct text number_of(const json_t *object, const char *key)
{
    return format_exact(json_number_of(object, key), UNIT_COUNT);
}

/* "5,610 [5,480, 5,730]" */
static void put_value(const char *metric, const json_t *value, char *out, size_t size)
{
    const double median = json_number_of(value, "median");
    const double low = json_number_of(value, "low"), high = json_number_of(value, "high");
    if (isfinite(low) && isfinite(high))
        (void)snprintf(out, size, "%s [%s, %s]", format_metric(metric, median, median).s,
                       format_metric(metric, low, median).s,
                       format_metric(metric, high, median).s);
    else
        (void)snprintf(out, size, "%s", format_metric(metric, median, median).s);
}

static void add_model(struct compare_table *table, const json_t *tune,
                      const json_t *model)
{
    char chosen[80], value[200], half[200] = "", little[80] = "";
    const json_t *of_half = json_object_get(model, "of_half");
    const json_t *law = json_object_get(model, "little");
    struct compare_text name =
        compare_text_clean(json_text_of(model, "model"), MODEL_CHARS);
    const bool is_edge = json_is_true(json_object_get(model, "edge"));
    (void)snprintf(chosen, sizeof chosen, "%s%s", is_edge ? "at least " : "",
                   number_of(model, "chosen").s);
    put_value(json_text_of(tune, "metric"), json_object_get(model, "value"), value,
              sizeof value);
    if (isfinite(json_number_of(of_half, "ratio")))
        (void)snprintf(half, sizeof half, "%s: %.2fx",
                       number_of(of_half, "concurrency").s,
                       json_number_of(of_half, "ratio"));
    else if (isfinite(json_number_of(of_half, "median")))
        put_value(json_text_of(tune, "metric"), of_half, half, sizeof half);
    if (json_is_object(law))
        (void)snprintf(
            little, sizeof little, "%s",
            format_exact(round(json_number_of(law, "concurrency")), UNIT_COUNT).s);
    const char *texts[] = {name.s, chosen, value, half, little};
    compare_table_add(table, texts, COMPARE_PLAIN);
}

static void print_table(const json_t *tune, const json_t *headline, bool is_colored,
                        FILE *out)
{
    const char *metric = json_text_of(tune, "metric");
    const char *as = !strcmp(json_text_of(headline, "metric"), metric)
                         ? json_text_of(headline, "as")
                         : "99 % response time";
    struct compare_table table = {
        .columns = 5, .is_right = {[1] = true, [2] = true, [3] = true, [4] = true}};
    const char *head[] = {"model", "in flight", as, "half as many", "Little's law"};
    size_t i = 0;
    json_t *model = NULL;
    compare_table_add(&table, head, COMPARE_DIM);
    json_array_foreach (json_object_get(tune, "models"), i, model)
        add_model(&table, tune, model);
    compare_table_flush(&table, is_colored, out);
}

void tune_tell_print(const struct run *run, bool is_colored, FILE *out)
{
    const json_t *tune = json_object_get(run->results, "tune");
    const json_t *scenario =
        json_array_get(json_object_get(run->results, "scenarios"), 0);
    size_t i = 0;
    json_t *note = NULL;
    clean_print(out, "\n%s: how many workers does each model need?\n",
                json_text_of(scenario, "name"));
    clean_print(out, "  %s%s.%s\n", is_colored ? "\033[1m" : "",
                json_text_of(tune, "answer"), is_colored ? "\033[0m" : "");
    print_table(tune, json_object_get(scenario, "headline"), is_colored, out);
    summarise_prices(scenario, out);
    json_array_foreach (json_object_get(tune, "notes"), i, note)
        clean_print(out, "  %s\n", json_string_value(note));
    summarise_print_end(run, is_colored, out);
}

json_t *tune_tell_json(const struct run *run)
{
    json_t *all = summarise_json(run);
    json_put(all, "tune", json_incref(json_object_get(run->results, "tune")));
    return all;
}
