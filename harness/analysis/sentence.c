/* sentence.c: see sentence.h. */
#include "harness/analysis/sentence.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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
    if (!(value >= 100)) {
        sentence_say(text, "%.1f", value);
        return;
    }
    char digits[32];
    (void)snprintf(digits, sizeof digits, "%.0f", value);
    size_t length = strlen(digits);
    for (size_t i = 0; i < length; i++)
        sentence_say(text, "%s%c", i && (length - i) % 3 == 0 ? "," : "", digits[i]);
}

void sentence_factor(struct sentence *text, double value)
{
    sentence_say(text, "%.*f", value >= 10 ? (value >= 100 ? 0 : 1) : 2, value);
}

void sentence_interval(struct sentence *text, struct ratio r)
{
    if (!r.bounded)
        return;
    sentence_say(text, " [");
    sentence_factor(text, r.low);
    sentence_say(text, ", ");
    sentence_factor(text, r.high);
    sentence_say(text, "]");
}
