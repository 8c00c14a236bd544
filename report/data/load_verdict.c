/* load_verdict.c: see load_verdict.h. Results of older suites have no answer and
 * no headline. */
#include "report/data/load_verdict.h"

#include "common/json.h"

#include <string.h>

#define PIECES_MAX 1000
#define PRICES_MAX 16

static const char *const forms[] = {"winner",          "tie",         "trade-off",
                                    "not-publishable", "descriptive", NULL};

/* A text in pieces, each with one string. */
static int read_pieces(const json_t *verdict, const char *at, const char *key,
                       const json_t **out_pieces, struct err *err)
{
    json_t *pieces = NULL;
    if (json_get_array(verdict, at, key, PIECES_MAX, &pieces, err))
        return -1;
    for (size_t i = 0; i < json_array_size(pieces); i++) {
        const json_t *piece = json_array_get(pieces, i);
        if (!json_text_or_null(piece, "text") && !json_text_or_null(piece, "model") &&
            !json_text_or_null(piece, "interval"))
            return err_set(err, EXIT_CODE_USAGE,
                           "%s.%s[%zu]: expected a text, model or interval", at, key, i);
    }
    *out_pieces = pieces;
    return 0;
}

int load_verdict(const json_t *json, const char *at, struct scenario *s, struct err *err)
{
    json_t *verdict = NULL;
    const json_t *answer = NULL; /* checked for whoever draws it */
    char place[96];
    (void)snprintf(place, sizeof place, "%s.verdict", at);
    s->caveat = "";
    if (json_need_object(json, at, "verdict", &verdict, err) ||
        json_need_string(verdict, place, "form", 0, 64, &s->form, err) ||
        json_need_string(verdict, place, "sentence", 0, TEXT_MAX, &s->sentence, err) ||
        json_get_string(verdict, place, "caveat", 0, TEXT_MAX, &s->caveat, err) ||
        read_pieces(verdict, place, "pieces", &s->pieces, err) ||
        read_pieces(verdict, place, "answer_pieces", &answer, err))
        return -1;
    s->verdict = verdict;
    for (size_t i = 0; forms[i]; i++)
        if (!strcmp(forms[i], s->form))
            return 0;
    return err_set(err, EXIT_CODE_USAGE,
                   "%s.form: '%.32s' is not one of winner, tie, trade-off, "
                   "not-publishable, descriptive",
                   place, s->form);
}

int load_prices(const json_t *json, const char *at, struct scenario *s, struct err *err)
{
    json_t *prices = NULL;
    if (json_get_array(json, at, "prices", PRICES_MAX, &prices, err))
        return -1;
    for (size_t i = 0; i < json_array_size(prices); i++) {
        const json_t *price = json_array_get(prices, i), *pieces = NULL;
        char place[96];
        (void)snprintf(place, sizeof place, "%.64s.prices[%zu]", at, i);
        if (!json_is_object(price))
            return err_set(err, EXIT_CODE_USAGE, "%s: expected an object", place);
        if (read_pieces(price, place, "pieces", &pieces, err))
            return -1;
    }
    s->prices = prices;
    return 0;
}

/* The row of the table with this key, or METRIC_HEADLINE. */
static enum metric_id id_of(const char *key)
{
    enum metric_id id = 0;
    while (id < METRIC_HEADLINE && strcmp(metric_specs[id].key, key) != 0)
        id++;
    return id;
}

int load_headline(const json_t *json, const char *at, struct scenario *s, struct err *err)
{
    json_t *given = NULL;
    char place[96];
    const bool is_open = s->rate_per_s > 0;
    const char *key = is_open ? "response_p99_ns" : "throughput_per_s";
    struct headline headline = {.as = is_open ? "99 % response time" : "requests/s",
                                .noun = "request",
                                .is_less_better = is_open};
    (void)snprintf(place, sizeof place, "%s.headline", at);
    if (json_get_object(json, at, "headline", &given, err))
        return -1;
    if (given) {
        const char *better = json_text_or_null(given, "better");
        headline.is_less_better = better && !strcmp(better, "less");
        headline.is_neutral = !better;
        if (json_need_string(given, place, "metric", 1, 64, &key, err) ||
            json_need_string(given, place, "as", 1, 256, &headline.as, err) ||
            json_need_string(given, place, "noun", 1, 64, &headline.noun, err))
            return -1;
    }
    headline.metric = id_of(key);
    headline.spec = (struct metric_spec){key, headline.as, format_unit_of(key)};
    s->headline = headline;
    return 0;
}
