/* http_field.c: what a response says of its length and its connection; see http_field.h.
 */
#include "raw/http_field.h"

#include <string.h>

static bool take_length(struct http_parse *parse)
{
    if (parse->has_length || parse->has_coding || parse->value_size == 0)
        return false;
    uint64_t length = 0;
    for (size_t i = 0; i < parse->value_size; i++) {
        char c = parse->value[i];
        uint64_t digit = (uint64_t)(c - '0');
        if (c < '0' || c > '9' || length > (INT64_MAX - digit) / 10)
            return false;
        length = length * 10 + digit;
    }
    parse->has_length = true;
    parse->remaining = length;
    return true;
}

static bool value_is(const char *value, size_t size, const char *word)
{
    return size == strlen(word) && !memcmp(value, word, size);
}

static bool take_coding(struct http_parse *parse)
{
    if (parse->has_length || parse->has_coding || parse->is_1_0)
        return false;
    parse->has_coding = true;
    return value_is(parse->value, parse->value_size, "chunked");
}

/* A list of words with commas, of which two matter. */
static bool take_connection(struct http_parse *parse)
{
    const char *at = parse->value;
    const char *end = at + parse->value_size;
    while (at < end) {
        while (at < end && (*at == ' ' || *at == '\t' || *at == ','))
            at++;
        const char *word = at;
        while (at < end && *at != ',' && *at != ' ' && *at != '\t')
            at++;
        parse->says_close |= value_is(word, (size_t)(at - word), "close");
        parse->says_keep_alive |= value_is(word, (size_t)(at - word), "keep-alive");
    }
    return true;
}

/* The fields that are understood; each takes its value, in lower case and without spaces
 * around it, or refuses the response. */
static const struct {
    const char *name;
    bool (*take)(struct http_parse *parse);
} fields[] = {
    {"content-length", take_length},
    {"transfer-encoding", take_coding},
    {"connection", take_connection},
};
#define FIELDS (sizeof fields / sizeof *fields)

bool http_field_find(struct http_parse *parse)
{
    size_t i = 0;
    while (i < FIELDS && !value_is(parse->name, parse->name_size, fields[i].name))
        i++;
    parse->field = (uint8_t)i;
    return i < FIELDS;
}

bool http_field_take(struct http_parse *parse)
{
    return fields[parse->field].take(parse);
}
