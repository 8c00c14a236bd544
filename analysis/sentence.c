/* sentence.c: see sentence.h. */
#include "analysis/sentence.h"

#include "common/format.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define APART 0.03 /* of the quotient and the paired estimate, relative */

void sentence_say(struct sentence *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int wanted = vsnprintf(text->bytes + text->used, sizeof text->bytes - text->used,
                           format, args);
    va_end(args);
    if (wanted > 0)
        text->used += (size_t)wanted;
    if (text->used >= sizeof text->bytes)
        text->used = sizeof text->bytes - 1;
}

/* 4571.3 as "4,571"; below 100 with one decimal. */
void sentence_count(struct sentence *text, double value)
{
    if (value < 100)
        sentence_say(text, "%.1f", value);
    else
        sentence_say(text, "%s", format_number(value).s);
}

void sentence_factor(struct sentence *text, double value)
{
    sentence_say(text, "%s", format_number(value).s);
}

/* The factor as it reads, without the digits that are not shown. */
static double shown(double factor)
{
    const double scale = pow(10, format_decimals(factor));
    return round(factor * scale) / scale;
}

/* Whether a reader would find that the quotient and the paired estimate disagree. */
static bool is_apart(const struct ratio *r)
{
    return shown(r->quotient) < shown(r->low) || shown(r->quotient) > shown(r->high) ||
           fabs(log(r->quotient) - log(r->value)) > log1p(APART);
}

static void say_interval(struct sentence *text, const struct ratio *r)
{
    sentence_say(text, " [");
    sentence_factor(text, r->low);
    sentence_say(text, ", ");
    sentence_factor(text, r->high);
    sentence_say(text, "]");
}

void sentence_ratio(struct sentence *text, struct ratio ratio, const char *rival)
{
    const bool has_both = isfinite(ratio.quotient) && ratio.quotient > 0;
    sentence_factor(text, has_both ? ratio.quotient : ratio.value);
    sentence_say(text, "x%s%s", rival ? " " : "", rival ? rival : "");
    if (!ratio.bounded)
        return;
    if (!has_both || !is_apart(&ratio)) {
        say_interval(text, &ratio);
        return;
    }
    sentence_say(text, " (paired by block: ");
    sentence_factor(text, ratio.value);
    sentence_say(text, "x");
    say_interval(text, &ratio);
    sentence_say(text, ")");
}
