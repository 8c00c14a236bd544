/* query.c: the strict parser of query.h. It works on slices of the receive buffer:
 * nothing is copied and nothing allocated. */
#include "harness/origin/query.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

enum { BAD = 400, NOT_FOUND = 404 };

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

static int parse_number(struct slice name, struct slice text, uint64_t max,
                        uint64_t *out_value, struct err *err)
{
    uint64_t value = 0;
    bool good = text.size >= 1 && text.size <= DIGITS_MAX;
    for (size_t i = 0; good && i < text.size; i++) {
        good = text.at[i] >= '0' && text.at[i] <= '9';
        value = value * 10 + (uint64_t)(text.at[i] - '0');
    }
    if (!good || value > max) {
        (void)err_set(err, EXIT_CODE_USAGE,
                      "%.*s: '%.*s' is not a whole number from 0 to %" PRIu64,
                      (int)name.size, name.at, (int)(text.size < 40 ? text.size : 40),
                      text.at, max);
        return BAD;
    }
    *out_value = value;
    return 0;
}

static const struct parameter {
    enum query_route route; /* where it means something */
    const char *name;
    size_t offset; /* of the field in struct query */
    uint64_t max;
} parameters[] = {
    {QUERY_BYTES, "delay_ms", offsetof(struct query, delay.delay_ms), DELAY_MS_MAX},
    {QUERY_BYTES, "jitter_ms", offsetof(struct query, delay.jitter_ms), DELAY_MS_MAX},
    {QUERY_BYTES, "tail_ppm", offsetof(struct query, delay.tail_ppm), DELAY_PPM_MAX},
    {QUERY_BYTES, "tail_ms", offsetof(struct query, delay.tail_ms), DELAY_MS_MAX},
    {QUERY_FREEZE, "after_ms", offsetof(struct query, after_ms), FREEZE_MS_MAX},
    {QUERY_FREEZE, "for_ms", offsetof(struct query, for_ms), FREEZE_MS_MAX},
};

#define PARAMETERS (sizeof parameters / sizeof parameters[0])

/* One name=value. *seen has a bit for each parameter met before. */
static int parse_parameter(struct slice text, unsigned *seen, struct query *query,
                           struct err *err)
{
    struct slice value = text;
    struct slice name = take_until(&value, '=');
    size_t i = 0;
    while (i < PARAMETERS &&
           (parameters[i].route != query->route || !slice_is(name, parameters[i].name)))
        i++;
    if (i == PARAMETERS) {
        (void)err_set(err, EXIT_CODE_USAGE, "unknown parameter '%.*s'",
                      (int)(name.size < 40 ? name.size : 40), name.at);
        return BAD;
    }
    if (*seen & 1U << i) {
        (void)err_set(err, EXIT_CODE_USAGE, "%s: given twice", parameters[i].name);
        return BAD;
    }
    *seen |= 1U << i;
    char *field = (char *)query + parameters[i].offset;
    return parse_number(name, value, parameters[i].max, (uint64_t *)(void *)field, err);
}

static int parse_path(struct slice path, struct query *query, struct err *err)
{
    static const char prefix[] = "/bytes/";
    const size_t prefix_size = sizeof prefix - 1;
    if (path.size >= prefix_size && memcmp(path.at, prefix, prefix_size) == 0) {
        query->route = QUERY_BYTES;
        struct slice number = {path.at + prefix_size, path.size - prefix_size};
        return parse_number((struct slice){"/bytes/N", 8}, number, QUERY_BYTES_MAX,
                            &query->bytes, err);
    }
    static const struct {
        const char *path;
        enum query_route route;
    } routes[] = {{"/stats", QUERY_STATS},
                  {"/stats/reset", QUERY_STATS_RESET},
                  {"/freeze", QUERY_FREEZE}};
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
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

int query_parse(const char *target, size_t target_size, struct query *out_query,
                struct err *err)
{
    struct query query = {.route = QUERY_BYTES};
    struct slice rest = {target, target_size};
    struct slice path = take_until(&rest, '?');
    int status = parse_path(path, &query, err);
    unsigned seen = 0;
    while (status == 0 && rest.at)
        status = parse_parameter(take_until(&rest, '&'), &seen, &query, err);
    if (status == 0)
        *out_query = query;
    return status;
}
