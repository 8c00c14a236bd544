/* format.c: numbers and names as people read them; see format.h. Uses no locale: the
 * programs never call setlocale, so printf writes a point, and the comma is put here. */
#include "common/format.h"

#include "common/array.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_MIN .0995 /* of a unit: less has fewer than two digits */

static struct text dash(void)
{
    return (struct text){"–"};
}

int format_decimals(double value)
{
    double size = fabs(value);
    if (size >= 99.95 || size == 0)
        return 0;
    return size >= 9.995 ? 1 : size >= 0.0995 ? 2 : size >= 0.00995 ? 3 : 4;
}

struct text format_number(double value)
{
    struct text out;
    char plain[48];
    if (!isfinite(value))
        return dash();
    if (fabs(value) >= 1e15) {
        (void)snprintf(out.s, sizeof out.s, "%.3g", value);
        return out;
    }
    (void)snprintf(plain, sizeof plain, "%.*f", format_decimals(value), value);
    size_t whole = strcspn(plain, ".");
    size_t at = 0;
    for (size_t i = 0; plain[i]; i++) {
        bool has_digit_before = i > 0 && plain[i - 1] != '-';
        if (i < whole && has_digit_before && (whole - i) % 3 == 0)
            out.s[at++] = ',';
        out.s[at++] = plain[i];
    }
    out.s[at] = '\0';
    return out;
}

static const struct {
    const char *in_key, *word;
    enum unit unit;
} key_units[] = {
    {"_ns", "ns", UNIT_NS},          {"_bytes", "bytes", UNIT_BYTES},
    {"_ratio", "ratio", UNIT_RATIO}, {"_uj", "uj", UNIT_COUNT},
    {"_per_s", "per_s", UNIT_PER_S}, {"", "count", UNIT_COUNT},
};

static size_t unit_at(const char *metric)
{
    size_t i = 0;
    while (*key_units[i].in_key) {
        const char *found = strstr(metric, key_units[i].in_key);
        const char *end = found ? found + strlen(key_units[i].in_key) : "x";
        if (!*end || !strncmp(end, "_per_", 5))
            break;
        i++;
    }
    return i;
}

enum unit format_unit_of(const char *metric)
{
    return key_units[unit_at(metric)].unit;
}

const char *format_unit_word(const char *metric)
{
    return key_units[unit_at(metric)].word;
}

/* The prefixes of each unit, largest first; the last one takes what is left. */
static const struct prefix {
    enum unit unit;
    double size;
    const char *name;
} prefixes[] = {
    {UNIT_NS, 1e9, "s"},         {UNIT_NS, 1e6, "ms"},        {UNIT_NS, 1e3, "µs"},
    {UNIT_NS, 1, "ns"},          {UNIT_BYTES, 0x1p30, "GiB"}, {UNIT_BYTES, 0x1p20, "MiB"},
    {UNIT_BYTES, 0x1p10, "KiB"}, {UNIT_BYTES, 1, "B"},
};

static const struct prefix *prefix_of(double value, enum unit unit)
{
    const struct prefix *last = NULL;
    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        if (prefixes[i].unit != unit)
            continue;
        last = &prefixes[i];
        if (fabs(value) >= last->size * 0.9995)
            return last;
    }
    return last;
}

double format_axis_unit(double max, enum unit unit, const char **out_name)
{
    const struct prefix *prefix = prefix_of(max, unit);
    const char *plain = unit == UNIT_PER_S     ? "requests/s"
                        : unit == UNIT_FACTOR  ? "× baseline"
                        : unit == UNIT_SECONDS ? "s"
                        : unit == UNIT_RATIO   ? "of 1"
                                               : "";
    *out_name = prefix ? prefix->name : plain;
    return prefix ? prefix->size : 1;
}

struct text format_percent(double ratio)
{
    struct text out;
    if (!isfinite(ratio))
        return dash();
    double percent = ratio * 100;
    (void)snprintf(out.s, sizeof out.s, "%.*f %%", percent > 0 && percent < 9.95,
                   percent);
    return out;
}

struct text format_value(double value, enum unit unit)
{
    if (!isfinite(value))
        return dash();
    if (unit == UNIT_RATIO)
        return format_percent(value);
    const struct prefix *prefix = prefix_of(value, unit);
    struct text number = format_number(prefix ? value / prefix->size : value);
    struct text out = number;
    const char *suffix = prefix ? prefix->name : unit == UNIT_SECONDS ? "s" : "";
    if (unit == UNIT_FACTOR)
        (void)snprintf(out.s, sizeof out.s, "%.40s×", number.s);
    else if (*suffix)
        (void)snprintf(out.s, sizeof out.s, "%.40s %s", number.s, suffix);
    return out;
}

struct text format_metric(const char *metric, double value, double most)
{
    const enum unit unit = format_unit_of(metric);
    const struct prefix *prefix = prefix_of(most, unit);
    struct text out;
    if (!prefix || !isfinite(value) || fabs(value) < prefix->size * SHOWN_MIN)
        return format_value(value, unit);
    (void)snprintf(out.s, sizeof out.s, "%.40s %s", format_number(value / prefix->size).s,
                   prefix->name);
    return out;
}

struct factor_text format_factor(struct factor factor, const char *name)
{
    struct factor_text out;
    char named[80] = "", interval[56] = "";
    if (factor_is_apart(factor))
        (void)snprintf(named, sizeof named, "; %.40s: %.24s", name,
                       format_value(factor.estimate, UNIT_FACTOR).s);
    if (isfinite(factor.low) && isfinite(factor.high))
        (void)snprintf(interval, sizeof interval, " [%.24s, %.24s]",
                       format_number(factor.low).s, format_number(factor.high).s);
    (void)snprintf(out.s, sizeof out.s, "%.24s%s%s",
                   format_value(factor_shown(factor), UNIT_FACTOR).s, named, interval);
    return out;
}

struct text format_exact(double value, enum unit unit)
{
    struct text out = format_value(value, unit);
    char *point = strchr(out.s, '.');
    if (!point)
        return out;
    size_t digits = strspn(point + 1, "0123456789");
    const char *rest = point + 1 + digits;
    while (digits > 0 && point[digits] == '0')
        digits--;
    char *to = digits > 0 ? point + digits + 1 : point;
    memmove(to, rest, strlen(rest) + 1);
    return out;
}

struct text format_quantile(double quantile)
{
    struct text out;
    (void)snprintf(out.s, sizeof out.s, "%.7f", quantile * 100);
    size_t length = strlen(out.s);
    while (length > 1 && out.s[length - 1] == '0')
        length--;
    if (out.s[length - 1] == '.')
        length--;
    (void)snprintf(out.s + length, sizeof out.s - length, " %%");
    return out;
}

static size_t sequence_length(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

static size_t count_chars(const char *utf8)
{
    size_t chars = 0;
    for (; *utf8; utf8++)
        chars += ((unsigned char)*utf8 & 0xC0) != 0x80;
    return chars;
}

/* What stands for a character that gnuplot would act on; else the character itself. */
static const char *look_alike(const char *utf8)
{
    return *utf8 == '"' ? "”" : *utf8 == '\\' ? "∖" : utf8;
}

struct text format_label(const char *utf8, unsigned int max_chars)
{
    struct text out;
    size_t at = 0;
    size_t chars = count_chars(utf8);
    size_t head = chars > max_chars ? max_chars / 2 : chars;
    size_t tail = chars > max_chars ? max_chars - 1 - head : 0;
    for (size_t i = 0, length = 0; i < chars && *utf8; i++, utf8 += length) {
        length = strnlen(utf8, sequence_length((unsigned char)*utf8));
        if (i > head && i < chars - tail)
            continue; /* an ellipsis stands for these */
        const char *from = i == head ? "…" : look_alike(utf8);
        size_t put = from == utf8 ? length : 3;
        if (at + put + 1 > sizeof out.s)
            break;
        memcpy(out.s + at, from, put);
        at += put;
    }
    out.s[at] = '\0';
    return out;
}

struct text format_duration(double seconds)
{
    static const struct {
        uint64_t seconds, part_s;
        const char *unit, *part;
    } units[] = {{3600, 60, "h", "min"}, {60, 1, "min", "s"}, {1, 1, "s", ""}};
    uint64_t s = seconds > 0 ? (uint64_t)llround(seconds) : 0;
    if (s >= 3600)
        s = (s + 30) / 60 * 60; /* seconds are not told */
    size_t i = s >= 3600 ? 0 : s >= 60 ? 1 : 2;
    const uint64_t rest = s % units[i].seconds / units[i].part_s;
    struct text out;
    int length = snprintf(out.s, sizeof out.s, "%" PRIu64 " %s", s / units[i].seconds,
                          units[i].unit);
    if (rest > 0)
        (void)snprintf(out.s + length, sizeof out.s - (size_t)length, " %" PRIu64 " %s",
                       rest, units[i].part);
    return out;
}

struct text format_plural(const char *noun, bool is_many)
{
    const size_t length = strlen(noun);
    const bool is_y = is_many && length > 1 && noun[length - 1] == 'y' &&
                      !strchr("aeiou", noun[length - 2]);
    struct text out;
    (void)snprintf(out.s, sizeof out.s, "%.*s%s",
                   (int)(length - is_y < 60 ? length - is_y : 60), noun,
                   is_y      ? "ies"
                   : is_many ? "s"
                             : "");
    return out;
}
