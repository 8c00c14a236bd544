/* http_text: which characters are what in HTTP. For http_parse and http_field only. */
#ifndef RUNTIME_HTTP_TEXT_H
#define RUNTIME_HTTP_TEXT_H

#include <stdbool.h>

static inline char http_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

#define NONE_8 "\0\0\0\0\0\0\0\0"

/* The characters of names (tchar of RFC 9110, 5.6.2), in lower case; 0: not one. */
static const char http_token_characters[128] =
    NONE_8 NONE_8 NONE_8 NONE_8 "\0!\0#$%&'\0\0*+\0-.\0"
                                "0123456789\0\0\0\0\0\0"
                                "\0abcdefghijklmnopqrstuvwxyz\0\0\0^_"
                                "`abcdefghijklmnopqrstuvwxyz\0|\0~";

static inline char http_token(unsigned char c)
{
    return c < sizeof http_token_characters ? http_token_characters[c] : '\0';
}

/* Whether c may stand in the text of a line. */
static inline bool http_is_value(unsigned char c)
{
    return (c >= ' ' && c != 0x7f) || c == '\t';
}

/* The end of the text: the first character that may not stand in it. */
static inline const char *http_text_end(const char *at, const char *end)
{
    while (at < end && http_is_value((unsigned char)*at))
        at++;
    return at;
}

#endif
