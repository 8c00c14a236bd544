/* compare_text.c: texts for people; see compare_text.h. Cleaning happens once, when a
 * file is read; escaping is the business of each way out. */
#include "harness/compare/compare_text.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static size_t sequence_length(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

static uint32_t decode(const char *at, size_t length)
{
    static const unsigned char mask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t code = (unsigned char)*at & mask[length];
    for (size_t i = 1; i < length; i++)
        code = code << 6 | ((unsigned char)at[i] & 0x3F);
    return code;
}

/* Controls, line and paragraph separators, marks and overrides of the direction, the byte
 * order mark. */
static bool is_unwanted(uint32_t code)
{
    static const struct {
        uint32_t low, high;
    } ranges[] = {{0, 0x1F},        {0x7F, 0x9F},     {0x61C, 0x61C},   {0x200B, 0x200F},
                  {0x2028, 0x202E}, {0x2066, 0x2069}, {0xFEFF, 0xFEFF}, {0xFFFE, 0xFFFF}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (code >= ranges[i].low && code <= ranges[i].high)
            return true;
    }
    return false;
}

struct compare_text compare_text_clean(const char *utf8, size_t max_chars)
{
    static const char ellipsis[] = "\u2026";
    struct compare_text out = {""};
    size_t at = 0, last_at = 0, chars = 0, length = 0;
    for (const char *from = utf8 ? utf8 : ""; *from; from += length) {
        length = strnlen(from, sequence_length((unsigned char)*from));
        if (is_unwanted(decode(from, length)))
            continue;
        if (chars == max_chars || at + length + sizeof ellipsis > sizeof out.s) {
            memcpy(out.s + (chars == max_chars ? last_at : at), ellipsis,
                   sizeof ellipsis);
            return out;
        }
        memcpy(out.s + at, from, length);
        last_at = at;
        at += length;
        chars++;
    }
    out.s[at] = '\0';
    return out;
}

struct compare_text compare_text_of(const json_t *value)
{
    struct compare_text out = {"?"};
    if (!value)
        return (struct compare_text){"not recorded"};
    if (json_is_string(value))
        return compare_text_clean(json_string_value(value), 48);
    if (json_is_null(value))
        return (struct compare_text){"unknown"};
    if (json_is_boolean(value))
        return json_is_true(value) ? (struct compare_text){"yes"}
                                   : (struct compare_text){"no"};
    if (json_is_integer(value))
        (void)snprintf(out.s, sizeof out.s, "%" JSON_INTEGER_FORMAT,
                       json_integer_value(value));
    else if (json_is_real(value))
        (void)snprintf(out.s, sizeof out.s, "%.6g", json_real_value(value));
    return out;
}

static const struct prefix {
    const char *ending; /* of the metric's name */
    double size;
    const char *name;
} prefixes[] = {{"_ns", 1e9, " s"},         {"_ns", 1e6, " ms"},
                {"_ns", 1e3, " us"},        {"_ns", 1, " ns"},
                {"_bytes", 0x1p30, " GiB"}, {"_bytes", 0x1p20, " MiB"},
                {"_bytes", 0x1p10, " KiB"}, {"_bytes", 1, " B"},
                {"_per_s", 1e6, " M/s"},    {"_per_s", 1, "/s"}};

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), wanted = strlen(ending);
    return length >= wanted && !strcmp(text + length - wanted, ending);
}

struct compare_text compare_text_value(const char *metric, double value)
{
    struct compare_text out = {"-"};
    struct prefix best = {"", 1, ""};
    if (!isfinite(value))
        return out;
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (!ends_with(metric, prefixes[i].ending))
            continue;
        best = prefixes[i];
        if (fabs(value) >= best.size * .9995)
            break;
    }
    double scaled = value / best.size;
    int digits = fabs(scaled) >= 99.95 ? 0 : fabs(scaled) >= 9.995 ? 1 : 2;
    (void)snprintf(out.s, sizeof out.s, "%.*f%s", digits, scaled, best.name);
    return out;
}

struct compare_text compare_text_ratio(double ratio)
{
    struct compare_text out = {"-"};
    if (isfinite(ratio))
        (void)snprintf(out.s, sizeof out.s, "%.*fx",
                       ratio >= 99.95    ? 0
                       : ratio >= 9.995  ? 1
                       : ratio >= 1.9995 ? 2
                                         : 3,
                       ratio);
    return out;
}

size_t compare_text_width(const char *utf8)
{
    size_t width = 0;
    for (; *utf8; utf8++)
        width += ((unsigned char)*utf8 & 0xC0) != 0x80;
    return width;
}

void compare_text_markdown(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '&' || *text == '<' || *text == '>') {
            (void)fputs(*text == '&' ? "&amp;" : *text == '<' ? "&lt;" : "&gt;", out);
            continue;
        }
        if (strchr("\\`*_{}[]#|~!", *text))
            (void)fputc('\\', out);
        (void)fputc(*text, out);
    }
}
