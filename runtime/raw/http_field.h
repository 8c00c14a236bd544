/* http_field: the header fields that say where a response ends, whether the connection
 * stays and where a redirect leads. For http_parse only, which finds names and values. */
#ifndef RUNTIME_HTTP_FIELD_H
#define RUNTIME_HTTP_FIELD_H

#include "runtime/raw/http_parse.h"

/* parse->field: no field yet in this head, or one whose value does not matter. */
#define HTTP_FIELD_NONE  255
#define HTTP_FIELD_OTHER 254

/* Looks parse->name up and sets parse->field; true when the value of that field matters.
 */
bool http_field_find(struct http_parse *parse);

/* Each of these sets parse->reason if the response must be refused. */

/* Takes the next characters of the value of parse->field, blanks included. Returns end,
 * or the place of the first character that it refuses. */
const char *http_field_take(struct http_parse *parse, const char *at, const char *end);

/* Takes the end of the line of that value. */
void http_field_end(struct http_parse *parse);

/* Takes the beginning of its next line, which starts with a blank and so continues it. */
void http_field_fold(struct http_parse *parse);

#endif
