/* price_words.c: see price_words.h. */
#include "analysis/words/price_words.h"

#include "analysis/words/phrase.h"
#include "analysis/words/quantity.h"
#include "analysis/words/sentences.h"
#include "common/format.h"
#include "common/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* "[33.1, 34.2]" in the unit of value, which stands before it; what would be too small in
 * it keeps a unit of its own. */
static json_t *interval_words(const char *metric, double value, double low, double high)
{
    const struct text whole = format_value(value, format_unit_of(metric));
    const char *unit = strchr(whole.s, ' ');
    struct text ends[] = {format_metric(metric, low, value),
                          format_metric(metric, high, value)};
    char text[160];
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        char *own = strchr(ends[i].s, ' ');
        if (own && unit && !strcmp(own, unit))
            *own = '\0';
    }
    (void)snprintf(text, sizeof text, "[%s, %s]", ends[0].s, ends[1].s);
    return phrase_piece("interval", text);
}

/* "threads 33.9 KiB [33.1, 34.2]"; NULL without a value. */
static json_t *model_words(const json_t *model, const char *metric)
{
    const double value = json_number_of(model, "value");
    const double low = json_number_of(model, "low"), high = json_number_of(model, "high");
    if (!isfinite(value))
        return NULL;
    json_t *slots = json_object();
    phrase_slot(slots, "model", phrase_piece("model", json_text_of(model, "model")));
    if (value <= 0 || low <= 0)
        return sentence_fill("price of nothing", slots);
    phrase_slot(slots, "value", quantity_value(metric, value));
    if (isfinite(low) && isfinite(high))
        phrase_slot(slots, "interval", interval_words(metric, value, low, high));
    return sentence_fill("price of", slots);
}

json_t *price_words(const json_t *price)
{
    const char *metric = json_text_of(price, "metric");
    char name[100];
    json_t *values = json_array(), *model = NULL;
    size_t i = 0;
    json_array_foreach (json_object_get(price, "models"), i, model)
        phrase_add(values, model_words(model, metric));
    if (json_array_size(values) == 0) {
        json_decref(values);
        return NULL;
    }
    json_t *slots = json_object();
    phrase_slot(slots, "values", phrase_list(values, ", ", ", "));
    (void)snprintf(name, sizeof name, "price %.80s", metric);
    return sentence_fill(name, slots);
}
