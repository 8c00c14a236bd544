/* load_words.c: see load_words.h. */
#include "analysis/words/load_words.h"

#include "analysis/words/phrase.h"
#include "analysis/words/quantity.h"
#include "analysis/words/sentences.h"
#include "common/json.h"

#include <string.h>

static json_int_t int_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static json_t *load_phrase(const json_t *load, const json_t *headline)
{
    json_t *slots = json_object();
    if (int_of(load, "rate_per_s") > 0) {
        phrase_slot(slots, "rate", quantity_number(load, "rate_per_s"));
        phrase_slot(slots, "nouns", quantity_noun(headline, true));
        phrase_slot(slots, "workers",
                    phrase_count((double)int_of(load, "concurrency"), "worker"));
    }
    phrase_slot(slots, "concurrency", quantity_number(load, "concurrency"));
    return sentence_fill("load", slots);
}

/* An exponential delay is given by its mean. */
static json_t *origin_phrase(const json_t *origin)
{
    const json_int_t delay_ms = int_of(origin, "delay_ms");
    const json_int_t mean_ms = delay_ms + int_of(origin, "exp_ms");
    json_t *slots = json_object();
    phrase_slot(slots, "delay", phrase_text("%" JSON_INTEGER_FORMAT, mean_ms));
    return sentence_fill(mean_ms == 0         ? "origin at-once"
                         : mean_ms > delay_ms ? "origin on-average"
                                              : "origin fixed",
                         slots);
}

static json_t *server_phrase(const json_t *origin)
{
    const json_int_t fault_ppm = int_of(origin, "fault_ppm");
    json_t *slots = json_object();
    phrase_slot(slots, "origin", origin_phrase(origin));
    if (int_of(origin, "tail_ppm") > 0)
        phrase_slot(slots, "tail", quantity_number(origin, "tail_ms"));
    if (fault_ppm > 0)
        phrase_slot(slots, "faults", phrase_text("%.3g", (double)fault_ppm / 1e4));
    const bool is_refused = !strcmp(json_text_of(origin, "fault"), "refused");
    return sentence_fill(is_refused ? "server refused" : "server", slots);
}

json_t *load_words(const json_t *load, const json_t *headline)
{
    const char *url = json_text_or_null(load, "url");
    const json_t *origin = json_object_get(load, "origin");
    json_t *slots = json_object();
    phrase_slot(slots, "load", load_phrase(load, headline));
    if (url)
        phrase_slot(slots, "server", phrase_text("%.200s", url));
    else if (json_is_object(origin))
        phrase_slot(slots, "server", server_phrase(origin));
    return sentence_fill("where", slots);
}
