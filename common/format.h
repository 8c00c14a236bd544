/* format: numbers for people, the same in every locale. Three significant digits, a
 * thousands comma, a binary prefix for bytes: 1,234  12.3 MiB  57.0 µs  0.68×. */
#ifndef COMMON_FORMAT_H
#define COMMON_FORMAT_H

#include "common/factor.h"

#include <stdbool.h>
#include <stddef.h>

enum unit {
    UNIT_NS,
    UNIT_BYTES,
    UNIT_PER_S,  /* requests per second */
    UNIT_COUNT,  /* of something, may be fractional */
    UNIT_RATIO,  /* 0 to 1, shown in per cent */
    UNIT_FACTOR, /* times the baseline */
    UNIT_SECONDS
};

/* A short text by value: nothing to free. */
struct text {
    char s[64];
};

/* value in the unit's base (ns, bytes, ...). NaN and infinity give an en dash. */
struct text format_value(double value, enum unit unit);

/* The unit of a metric, which its key says: measured_ns, tree_memory_bytes_per_request,
 * throughput_per_s, failed_ratio; else a count. */
enum unit format_unit_of(const char *metric);

/* The same as a word: "ns", "bytes", "per_s", "ratio", "uj" or "count"; constant. */
const char *format_unit_word(const char *metric);

/* The value of a metric for people, in the unit that suits most, the largest of its
 * column: 0.10 s above 1.00 s. What would be too small for that has its own unit. */
struct text format_metric(const char *metric, double value, double most);

/* A number alone: 1,234 or 0.0123; three significant digits below 1,000. */
struct text format_number(double value);

/* The same without trailing zeros: 20 ms, 1.5 KiB, 8. For values that are exact. */
struct text format_exact(double value, enum unit unit);

/* How many decimals format_number shows: none from 100 on, at most 4. */
int format_decimals(double value);

/* What charts divide by so that the axis reads in small numbers, for values up to max:
 * *out_name is the unit's name ("µs"), borrowed and constant. Returns the divisor. */
double format_axis_unit(double max, enum unit unit, const char **out_name);

/* "96 %" for 0.961; coverage between 0 and 1. */
struct text format_percent(double ratio);

/* The quantile 0.999 as "99.9 %", 0.5 as "50 %", without trailing zeros. */
struct text format_quantile(double quantile);

/* A factor as a reader divides it, with the interval of the estimate: "1.08x
 * [1.04, 1.12]". Where the two are apart the estimate is named: "1.02x; NAME: 1.08x
 * [1.04, 1.12]". A dash when there is neither. name is a constant, as "paired by block".
 */
struct factor_text {
    char s[192];
};
struct factor_text format_factor(struct factor factor, const char *name);

/* A time in words: "55 s", "6 min 30 s", "2 h 5 min". Less than nothing is "0 s". */
struct text format_duration(double seconds);

/* An English noun, or several of it: "query", "queries". At most 60 bytes. */
struct text format_plural(const char *noun, bool is_many);

/* At most max_chars characters of text (UTF-8), with an ellipsis in the middle if cut (a
 * variant's name differs at its end), and the two characters that gnuplot's data files
 * give a meaning (" and \) replaced by look-alikes. For labels inside charts; tables show
 * the text itself. */
struct text format_label(const char *utf8, unsigned int max_chars);

#endif
