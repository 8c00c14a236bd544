/* query.c: the strict parser of query.h. It works on slices of the receive buffer:
 * nothing is copied and nothing allocated. */
#include "origin/query.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

enum { BAD = 400, NOT_FOUND = 404 };

#define PPM_NOT_GIVEN UINT64_MAX

#define DIGITS_MAX 10 /* enough for every maximum here, too few to overflow */

struct slice {
    const char *at;
    size_t size;
};

static bool slice_is(struct slice slice, const char *word)
{
    return slice.size == strlen(word) && memcmp(slice.at, word, slice.size) == 0;
}

/* Takes what stands before the first separator off the front of *rest. *rest becomes what
 * follows it; its at is NULL when there was no separator. */
static struct slice take_until(struct slice *rest, char separator)
{
    const char *end = memchr(rest->at, separator, rest->size);
    if (!end) {
        struct slice all = *rest;
        *rest = (struct slice){NULL, 0};
        return all;
    }
    struct slice head = {rest->at, (size_t)(end - rest->at)};
    *rest = (struct slice){end + 1, rest->size - head.size - 1};
    return head;
}

/* A word of words, which '|' separates: its number from 1. */
static int parse_word(struct slice name, struct slice text, const char *words,
                      uint64_t *out_value, struct err *err)
{
    struct slice rest = {words, strlen(words)};
    for (uint64_t number = 1; rest.at; number++) {
        struct slice word = take_until(&rest, '|');
        if (text.size > 0 && text.size == word.size &&
            memcmp(word.at, text.at, word.size) == 0) {
            *out_value = number;
            return 0;
        }
    }
    (void)err_set(err, EXIT_CODE_USAGE, "%.*s: '%.*s' is not one of %s", (int)name.size,
                  name.at, (int)(text.size < 40 ? text.size : 40), text.at, words);
    return BAD;
}

static int parse_number(struct slice name, struct slice text, uint64_t min, uint64_t max,
                        uint64_t *out_value, struct err *err)
{
    uint64_t value = 0;
    bool is_good = text.size >= 1 && text.size <= DIGITS_MAX;
    for (size_t i = 0; is_good && i < text.size; i++) {
        is_good = text.at[i] >= '0' && text.at[i] <= '9';
        value = value * 10 + (uint64_t)(text.at[i] - '0');
    }
    if (!is_good || value < min || value > max) {
        (void)err_set(err, EXIT_CODE_USAGE,
                      "%.*s: '%.*s' is not a whole number from %" PRIu64 " to %" PRIu64,
                      (int)name.size, name.at, (int)(text.size < 40 ? text.size : 40),
                      text.at, min, max);
        return BAD;
    }
    *out_value = value;
    return 0;
}

static const struct parameter {
    enum query_route route; /* where it means something */
    const char *name;
    size_t offset; /* of the field in struct query, an uint64_t */
    uint64_t min, max;
    const char *words; /* not a number, but one of these */
} parameters[] = {
#define FIELD(name) #name, offsetof(struct query, name)
#define DELAY(name) #name, offsetof(struct query, delay.name)
    {QUERY_BYTES, DELAY(delay_ms), 0, DELAY_MS_MAX, NULL},
    {QUERY_BYTES, DELAY(jitter_ms), 0, DELAY_MS_MAX, NULL},
    {QUERY_BYTES, DELAY(exp_ms), 0, DELAY_EXP_MS_MAX, NULL},
    {QUERY_BYTES, DELAY(tail_ppm), 0, DELAY_PPM_MAX, NULL},
    {QUERY_BYTES, DELAY(tail_ms), 0, DELAY_MS_MAX, NULL},
    {QUERY_BYTES, FIELD(status), 200, QUERY_STATUS_MAX, NULL},
    {QUERY_BYTES, FIELD(chunked), 0, 1, NULL},
    {QUERY_BYTES, FIELD(chunk_bytes), 1, QUERY_CHUNK_BYTES_MAX, NULL},
    {QUERY_BYTES, FIELD(trickle_ms), 1, DELAY_MS_MAX, NULL},
    {QUERY_BYTES, FIELD(trickle_bytes), 1, QUERY_TRICKLE_BYTES_MAX, NULL},
    {QUERY_BYTES, FIELD(fault), 0, 0, "reset|short|stall|garbage|close"},
    {QUERY_BYTES, FIELD(fault_ppm), 0, DELAY_PPM_MAX, NULL},
    {QUERY_FREEZE, FIELD(after_ms), 0, FREEZE_MS_MAX, NULL},
    {QUERY_FREEZE, FIELD(for_ms), 0, FREEZE_MS_MAX, NULL},
#undef FIELD
#undef DELAY
};

/* One name=value. *seen has a bit for each parameter met before. */
static int parse_parameter(struct slice text, unsigned *seen, struct query *query,
                           struct err *err)
{
    struct slice value = text;
    struct slice name = take_until(&value, '=');
    size_t i = 0;
    while (i < COUNT_OF(parameters) &&
           (parameters[i].route != query->route || !slice_is(name, parameters[i].name)))
        i++;
    if (i == COUNT_OF(parameters)) {
        (void)err_set(err, EXIT_CODE_USAGE, "unknown parameter '%.*s'",
                      (int)(name.size < 40 ? name.size : 40), name.at);
        return BAD;
    }
    if (*seen & 1U << i) {
        (void)err_set(err, EXIT_CODE_USAGE, "%s: given twice", parameters[i].name);
        return BAD;
    }
    *seen |= 1U << i;
    const struct parameter *known = &parameters[i];
    uint64_t *field = (uint64_t *)(void *)((char *)query + known->offset);
    return known->words ? parse_word(name, value, known->words, field, err)
                        : parse_number(name, value, known->min, known->max, field, err);
}

static int parse_path(struct slice path, struct query *query, struct err *err)
{
    static const char prefix[] = "/bytes/";
    const size_t prefix_size = sizeof prefix - 1;
    if (path.size >= prefix_size && memcmp(path.at, prefix, prefix_size) == 0) {
        query->route = QUERY_BYTES;
        struct slice number = {path.at + prefix_size, path.size - prefix_size};
        return parse_number((struct slice){"/bytes/N", 8}, number, 0, QUERY_BYTES_MAX,
                            &query->bytes, err);
    }
    static const struct {
        const char *path;
        enum query_route route;
    } routes[] = {{"/stats", QUERY_STATS},
                  {"/stats/reset", QUERY_STATS_RESET},
                  {"/freeze", QUERY_FREEZE}};
    for (size_t i = 0; i < COUNT_OF(routes); i++) {
        if (slice_is(path, routes[i].path)) {
            query->route = routes[i].route;
            return 0;
        }
    }
    (void)err_set(err, EXIT_CODE_USAGE,
                  "unknown path '%.*s'; there are /bytes/N, /stats, /stats/reset and "
                  "/freeze",
                  (int)(path.size < 80 ? path.size : 80), path.at);
    return NOT_FOUND;
}

static int contradict(struct err *err, const char *text)
{
    (void)err_set(err, EXIT_CODE_USAGE, "%s", text);
    return BAD;
}

/* What the parameters mean together, and the values of those that were not given. */
static int complete(struct query *query, struct err *err)
{
    bool has_body = query->status != 204 && query->status != 205 && query->status != 304;
    if (!has_body)
        return contradict(err, "status: 204, 205 and 304 have no body");
    if (query->chunk_bytes && !query->chunked)
        return contradict(err, "chunk_bytes: needs chunked=1");
    if (!query->trickle_ms != !query->trickle_bytes)
        return contradict(err, "trickle_ms, trickle_bytes: neither without the other");
    if (query->fault_ppm != PPM_NOT_GIVEN && !query->fault && !query->status)
        return contradict(err, "fault_ppm: needs fault or status");
    if (query->fault == FAULT_SHORT && query->bytes == 0 && !query->chunked)
        return contradict(err, "fault=short: needs a body, or chunked=1");
    if (query->chunked && !query->chunk_bytes)
        query->chunk_bytes = QUERY_CHUNK_BYTES;
    if (query->fault_ppm == PPM_NOT_GIVEN)
        query->fault_ppm = DELAY_PPM_MAX;
    query->is_special =
        query->status || query->chunked || query->trickle_ms || query->fault;
    return 0;
}

int query_parse(const char *target, size_t target_size, struct query *out_query,
                struct err *err)
{
    struct query query = {.route = QUERY_BYTES, .fault_ppm = PPM_NOT_GIVEN};
    struct slice rest = {target, target_size};
    struct slice path = take_until(&rest, '?');
    int status = parse_path(path, &query, err);
    unsigned seen = 0;
    while (status == 0 && rest.at)
        status = parse_parameter(take_until(&rest, '&'), &seen, &query, err);
    if (status == 0 && seen && query.route == QUERY_BYTES)
        status = complete(&query, err);
    if (status == 0)
        *out_query = query;
    return status;
}
