/* quantity.c: see quantity.h. */
#include "analysis/words/quantity.h"

#include "analysis/words/phrase.h"
#include "analysis/words/sentences.h"
#include "common/format.h"
#include "common/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define CPU_IN_MS_NS 10e6 /* from here on in milliseconds */

static json_t *say(const char *kind, const char *metric, json_t *slots)
{
    char name[100];
    (void)snprintf(name, sizeof name, "%s %.60s", kind, metric);
    return sentence_fill(name, slots);
}

json_t *quantity_metric(const char *kind, const char *metric)
{
    return say(kind, metric, json_object());
}

/* 4571.3 as "4,571"; below 100 with one decimal. */
static json_t *amount(double value, const char *unit)
{
    return value < 100 ? phrase_text("%.1f%s", value, unit)
                       : phrase_text("%s%s", format_number(value).s, unit);
}

json_t *quantity_value(const char *metric, double value)
{
    if (!strcmp(metric, "tree_memory_bytes"))
        return amount(value / (1 << 20), " MiB");
    if (!strcmp(metric, "throughput_per_s"))
        return amount(value, "");
    if (!strcmp(metric, "response_p99_ns") || value >= CPU_IN_MS_NS)
        return amount(value / 1e6, " ms");
    return amount(value / 1e3, " µs");
}

json_t *quantity_phrase(const char *kind, const char *metric, double value)
{
    json_t *slots = json_object();
    if (!strcmp(metric, "throughput_per_s") && value <= 0)
        return say(kind, "none", slots);
    if (isfinite(value))
        phrase_slot(slots, "value", quantity_value(metric, value));
    return say(kind, metric, slots);
}

json_t *quantity_number(const json_t *object, const char *key)
{
    const double value = json_number_of(object, key);
    return isfinite(value) ? phrase_text("%.0f", value) : NULL;
}
