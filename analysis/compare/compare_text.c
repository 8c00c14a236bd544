/* compare_text.c: texts for people; see compare_text.h. Cleaning happens once, when a
 * file is read; each way out escapes for itself. */
#include "analysis/compare/compare_text.h"

#include "common/clean.h"
#include "common/cleanup.h"
#include "common/format.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/metric_specs.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct compare_text compare_text_clean(const char *utf8, size_t max_chars)
{
    static const char ellipsis[] = "\u2026";
    struct compare_text out = {""};
    AUTO_FREE char *clean = clean_dup(utf8 ? utf8 : "");
    if (!clean)
        memory_exhausted();
    size_t at = 0, last_at = 0, chars = 0, length = 0;
    for (const char *from = clean; *from; from += length) {
        length = 1;
        while (((unsigned char)from[length] & 0xC0) == 0x80)
            length++;
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

struct compare_text compare_text_value(const char *metric, double value)
{
    struct compare_text out;
    const enum unit unit = format_unit_of(metric);
    const bool is_rate = unit == UNIT_PER_S && isfinite(value);
    (void)snprintf(out.s, sizeof out.s, "%s%s", format_value(value, unit).s,
                   is_rate ? "/s" : "");
    return out;
}

struct compare_text compare_text_factor(const json_t *row)
{
    struct compare_text out;
    const struct factor factor = {
        json_number_of(row, "quotient"), json_number_of(row, "ratio"),
        json_number_of(row, "low"), json_number_of(row, "high")};
    (void)snprintf(out.s, sizeof out.s, "%s",
                   isfinite(factor.estimate) ? format_factor(factor, "shift estimate").s
                                             : "\u2013");
    return out;
}

const char *compare_text_metric(const json_t *row)
{
    const char *as = json_text_or_null(row, "headline");
    return as ? as : metric_spec_of(json_text_of(row, "metric")).name;
}

size_t compare_text_width(const char *utf8)
{
    size_t width = 0;
    for (; *utf8; utf8++)
        width += ((unsigned char)*utf8 & 0xC0) != 0x80;
    return width;
}
