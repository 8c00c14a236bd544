/* sentence.c: see sentence.h. */
#include "analysis/sentence.h"

#include "common/format.h"

#include <stdarg.h>
#include <stdio.h>

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
