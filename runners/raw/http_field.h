/* http_field: the header fields that say where a response ends and whether the connection
 * stays. For http_parse only, which collects the names and the values. */
#ifndef RAW_HTTP_FIELD_H
#define RAW_HTTP_FIELD_H

#include "raw/http_parse.h"

static inline char http_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Looks parse->name up; true when the value of that field matters. */
bool http_field_find(struct http_parse *parse);

/* Takes parse->value, in lower case and trimmed, for the field found last. False when the
 * response is to be refused. */
bool http_field_take(struct http_parse *parse);

#endif
