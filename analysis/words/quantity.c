/* quantity.c: see quantity.h. */
#include "analysis/words/quantity.h"

#include "analysis/words/phrase.h"
#include "analysis/words/sentences.h"
#include "common/format.h"
#include "common/json.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

json_t *quantity_noun(const json_t *headline, bool is_plural)
{
    const char *noun = json_text_of(headline, "noun");
    return phrase_text("%s", format_plural(*noun ? noun : "request", is_plural).s);
}

/* The row of a metric, or that of a headline of any kind. */
static json_t *say(const char *kind, const char *metric, const json_t *headline,
                   json_t *slots)
{
    const bool is_headline = !strcmp(json_text_of(headline, "metric"), metric);
    char name[100];
    phrase_slot(slots, "noun", quantity_noun(headline, false));
    phrase_slot(slots, "nouns", quantity_noun(headline, true));
    if (is_headline && json_text_or_null(headline, "as"))
        phrase_slot(slots, "as", phrase_text("%s", json_text_of(headline, "as")));
    (void)snprintf(name, sizeof name, "%s %.80s", kind, metric);
    json_t *said = sentence_fill(name, json_incref(slots));
    if (!said && is_headline) {
        const bool is_time = !strcmp(json_text_of(headline, "unit"), "ns");
        const bool is_more = !strcmp(json_text_of(headline, "better"), "more");
        (void)snprintf(name, sizeof name, "%s%s headline", kind,
                       strcmp(kind, "best") != 0 ? ""
                       : is_more                 ? " more"
                       : is_time                 ? " time"
                                                 : " less");
        said = sentence_fill(name, json_incref(slots));
    }
    json_decref(slots);
    return said ? said : phrase_text("%s", metric);
}

json_t *quantity_metric(const char *kind, const char *metric, const json_t *headline)
{
    return say(kind, metric, headline, json_object());
}

json_t *quantity_value(const char *metric, double value)
{
    return phrase_text("%s", format_value(value, format_unit_of(metric)).s);
}

json_t *quantity_beside(const char *metric, double value, double most)
{
    return phrase_text("%s", format_metric(metric, value, most).s);
}

json_t *quantity_phrase(const char *kind, const char *metric, double value,
                        const json_t *headline)
{
    json_t *slots = json_object();
    if (!isfinite(value)) {
        json_decref(slots);
        return NULL;
    }
    phrase_slot(slots, "value", quantity_value(metric, value));
    return say(kind, !strcmp(metric, "throughput_per_s") && value <= 0 ? "none" : metric,
               headline, slots);
}

json_t *quantity_number(const json_t *object, const char *key)
{
    const double value = json_number_of(object, key);
    return isfinite(value) ? phrase_text("%.0f", value) : NULL;
}
