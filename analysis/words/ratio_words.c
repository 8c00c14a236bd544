/* ratio_words.c: see ratio_words.h. */
#include "analysis/words/ratio_words.h"

#include "analysis/words/phrase.h"
#include "analysis/words/quantity.h"
#include "analysis/words/sentences.h"
#include "common/format.h"
#include "common/json.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define APART 0.03 /* of the quotient and the paired estimate, relative */

/* A factor as it reads, without the digits that are not shown. */
static double shown(double factor)
{
    const double scale = pow(10, format_decimals(factor));
    return round(factor * scale) / scale;
}

static void fill(json_t *slots, const json_t *ratio)
{
    const double quotient = json_number_of(ratio, "quotient");
    const double value = json_number_of(ratio, "ratio");
    const double low = json_number_of(ratio, "low"), high = json_number_of(ratio, "high");
    const bool has_both = isfinite(quotient) && quotient > 0;
    phrase_slot(slots, "factor",
                phrase_text("%s", format_number(has_both ? quotient : value).s));
    if (!isfinite(low) || !isfinite(high))
        return;
    char interval[160];
    (void)snprintf(interval, sizeof interval, "[%s, %s]", format_number(low).s,
                   format_number(high).s);
    phrase_slot(slots, "interval", phrase_piece("interval", interval));
    if (has_both && (shown(quotient) < shown(low) || shown(quotient) > shown(high) ||
                     fabs(log(quotient) - log(value)) > log1p(APART)))
        phrase_slot(slots, "paired", phrase_text("%s", format_number(value).s));
}

json_t *ratio_words(const json_t *ratio, json_t *what)
{
    const bool is_open = !strcmp(json_text_of(ratio, "verdict"), "inconclusive");
    json_t *slots = json_object();
    fill(slots, ratio);
    phrase_slot(slots, "what", what);
    return sentence_fill(is_open ? "ratio inconclusive" : "ratio", slots);
}

json_t *ratio_words_of_itself(const json_t *ratio, const json_t *headline)
{
    json_t *slots = json_object();
    fill(slots, ratio);
    phrase_slot(slots, "metric",
                quantity_metric("name", json_text_of(ratio, "metric"), headline));
    phrase_slot(slots, "verdict", phrase_text("%s", json_text_of(ratio, "verdict")));
    return sentence_fill("ratio of itself", slots);
}
