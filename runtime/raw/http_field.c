/* http_field.c: what a response says of its length and its connection; see http_field.h.
 *
 * Values come in pieces of any size and may be of any length. Nothing is kept of them but
 * the number or the word in hand. */
#include "runtime/raw/http_field.h"

#include "common/array.h"
#include "runtime/raw/http_text.h"

#include <string.h>

/* parse->position within a value: */
enum place { BEFORE, WITHIN, AFTER };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static const char *take_length(struct http_parse *parse, const char *at, const char *end)
{
    for (; at < end; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (is_blank(*at)) {
            parse->position = parse->position == BEFORE ? BEFORE : AFTER;
            continue;
        }
        if (*at < '0' || *at > '9' || parse->position == AFTER)
            parse->reason =
                *at == ',' ? "Content-Length: a list" : "Content-Length: not a number";
        else if (parse->number > (INT64_MAX - digit) / 10)
            parse->reason = "Content-Length: 2^63 or more";
        if (parse->reason)
            return at;
        parse->number = parse->number * 10 + digit;
        parse->position = WITHIN;
    }
    return at;
}

static void end_length(struct http_parse *parse)
{
    if (parse->position == BEFORE)
        parse->reason = "Content-Length: no value";
    else if (parse->has_length)
        parse->reason = parse->number == parse->remaining
                            ? "Content-Length: given twice"
                            : "Content-Length: two different values";
    else if (parse->has_coding)
        parse->reason = "Content-Length beside Transfer-Encoding";
    parse->has_length = true;
    parse->remaining = parse->number;
}

static bool word_is(const struct http_parse *parse, const char *word, size_t size)
{
    return parse->word_size == size && !memcmp(parse->word, word, size);
}

/* Adds a character. A word that is too long is cut, and then matches no known word. */
static void add_to_word(struct http_parse *parse, char c)
{
    if (parse->word_size < sizeof parse->word)
        parse->word[parse->word_size++] = http_lower(c);
}

/* Ends an element of the list, which may be empty. */
static void end_of_coding(struct http_parse *parse)
{
    if (parse->word_size > 0 && !word_is(parse, "chunked", 7))
        parse->reason = "Transfer-Encoding: other than chunked";
    else if (parse->word_size > 0 && parse->has_coding)
        parse->reason = "Transfer-Encoding: chunked, twice";
    parse->has_coding |= parse->word_size > 0;
    parse->word_size = 0;
    parse->position = BEFORE;
}

static const char *take_coding(struct http_parse *parse, const char *at, const char *end)
{
    for (; at < end; at++) {
        if (*at == ',')
            end_of_coding(parse);
        else if (is_blank(*at))
            parse->position = parse->word_size > 0 ? AFTER : BEFORE;
        else if (parse->position == AFTER)
            parse->reason = "Transfer-Encoding: other than chunked";
        else
            add_to_word(parse, *at);
        if (parse->reason)
            return at;
    }
    return at;
}

static void end_coding(struct http_parse *parse)
{
    end_of_coding(parse);
    if (parse->reason)
        return;
    if (!parse->has_coding)
        parse->reason = "Transfer-Encoding: no value";
    else if (parse->has_length)
        parse->reason = "Transfer-Encoding beside Content-Length";
    else if (parse->is_1_0)
        parse->reason = "Transfer-Encoding in HTTP/1.0";
}

static void end_connection(struct http_parse *parse)
{
    parse->says_close |= word_is(parse, "close", 5);
    parse->says_keep_alive |= word_is(parse, "keep-alive", 10);
    parse->word_size = 0;
}

/* Reads a list of words with commas; two of the words matter. */
static const char *take_connection(struct http_parse *parse, const char *at,
                                   const char *end)
{
    for (; at < end; at++) {
        if (*at == ',' || is_blank(*at))
            end_connection(parse);
        else
            add_to_word(parse, *at);
    }
    return at;
}

static const char *take_location(struct http_parse *parse, const char *at,
                                 const char *end)
{
    while (parse->location_size == 0 && at < end && is_blank(*at))
        at++;
    size_t size = (size_t)(end - at);
    if (size > sizeof parse->location - parse->location_size)
        size = sizeof parse->location - parse->location_size;
    memcpy(parse->location + parse->location_size, at, size);
    parse->location_size = (uint8_t)(parse->location_size + size);
    return end;
}

static void end_location(struct http_parse *parse)
{
    while (parse->location_size > 0 &&
           is_blank(parse->location[parse->location_size - 1]))
        parse->location_size--;
}

#define NAME(text) text, sizeof(text) - 1
static const struct {
    const char *name;
    size_t size;
    const char *(*take)(struct http_parse *parse, const char *at, const char *end);
    void (*end)(struct http_parse *parse);
    const char *fold; /* why its value must not go on in another line; NULL: it may */
} fields[] = {
    {NAME("content-length"), take_length, end_length, "Content-Length: a folded line"},
    {NAME("transfer-encoding"), take_coding, end_coding,
     "Transfer-Encoding: a folded line"},
    {NAME("connection"), take_connection, end_connection, NULL},
    {NAME("location"), take_location, end_location, NULL},
};

bool http_field_find(struct http_parse *parse)
{
    size_t i = 0;
    while (i < COUNT_OF(fields) &&
           (parse->name_size != fields[i].size ||
            memcmp(parse->name, fields[i].name, fields[i].size) != 0))
        i++;
    parse->field = i < COUNT_OF(fields) ? (uint8_t)i : HTTP_FIELD_OTHER;
    parse->position = BEFORE;
    parse->number = 0;
    parse->word_size = 0;
    return i < COUNT_OF(fields);
}

const char *http_field_take(struct http_parse *parse, const char *at, const char *end)
{
    return fields[parse->field].take(parse, at, end);
}

void http_field_end(struct http_parse *parse)
{
    fields[parse->field].end(parse);
}

void http_field_fold(struct http_parse *parse)
{
    parse->reason = fields[parse->field].fold;
}
