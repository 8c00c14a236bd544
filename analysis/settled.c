/* settled.c: see settled.h. */
#include "analysis/settled.h"

#include "analysis/headline.h"
#include "analysis/looks.h"
#include "common/json.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* The rows that count. */
struct asked {
    const char *scenario;
    json_int_t concurrency;
    const char *metrics[HEADLINE_METRICS + 1];
};

static bool is_asked(const struct asked *asked, const json_t *row)
{
    bool is_metric = false;
    for (size_t i = 0; i < COUNT_OF(asked->metrics); i++)
        is_metric = is_metric || !strcmp(asked->metrics[i], json_text_of(row, "metric"));
    return is_metric && !strcmp(json_text_of(row, "scenario"), asked->scenario) &&
           json_integer_value(json_object_get(row, "concurrency")) ==
               asked->concurrency &&
           strcmp(json_text_of(row, "model"), "null") != 0 &&
           strcmp(json_text_of(row, "baseline"), "null") != 0;
}

static void count_row(const json_t *row, double most, struct settled *counted)
{
    const char *word = json_text_or_null(row, "verdict");
    const bool has_value = json_number_of(row, "n") > 0;
    const bool is_early = json_number_of(row, "n") < SETTLED_SMALL;
    const bool is_open = has_value && (!word || !strcmp(word, "inconclusive") ||
                                       (is_early && !strcmp(word, "small")));
    counted->compared += has_value;
    counted->open += is_open;
    counted->hopeless += is_open && json_number_of(row, "blocks_needed") > 2 * most;
}

struct settled settled_count(const json_t *results, const json_t *scenario, double most)
{
    const json_t *load = json_object_get(scenario, "load");
    const json_t *steps = json_object_get(load, "concurrency");
    const bool is_open = json_is_integer(json_object_get(load, "rate_per_s"));
    const struct metric *deciding[HEADLINE_METRICS];
    struct settled counted = {0};
    struct headline headline;
    size_t i = 0, last = json_array_size(steps);
    json_t *row = NULL;
    headline_of(scenario, &headline);
    headline_deciding(&headline, is_open, deciding);
    struct asked asked = {
        json_text_of(scenario, "name"),
        last ? json_integer_value(json_array_get(steps, last - 1)) : 0,
        {[HEADLINE_METRICS] = is_open ? "response_p99_ns" : "latency_p99_ns"}};
    for (i = 0; i < HEADLINE_METRICS; i++) /* memory, measured once, is never settled */
        asked.metrics[i] = deciding[i]->flags & METRIC_ONCE ? "" : deciding[i]->name;
    json_array_foreach (json_object_get(results, "comparisons"), i, row) {
        if (is_asked(&asked, row))
            count_row(row, most, &counted);
    }
    return counted;
}

json_t *settled_json(const json_t *journal, const json_t *results, const json_t *scenario)
{
    size_t i = 0;
    json_t *line = NULL;
    const json_t *found = NULL;
    json_array_foreach (journal, i, line) {
        if (!strcmp(json_text_of(line, "type"), "stopped") &&
            !strcmp(json_text_of(line, "scenario"), json_text_of(scenario, "name")))
            found = line;
    }
    if (!found)
        return json_null();
    const struct settled counted = settled_count(results, scenario, INFINITY);
    const json_int_t blocks = json_integer_value(json_object_get(found, "blocks"));
    json_t *stopped = json_object();
    json_put(stopped, "blocks", json_integer(blocks));
    json_put(stopped, "why", json_incref(json_object_get(found, "why")));
    json_put(stopped, "level", json_real(looks_level((size_t)blocks)));
    json_put(stopped, "compared", json_uint(counted.compared));
    json_put(stopped, "open", json_uint(counted.open));
    return stopped;
}
