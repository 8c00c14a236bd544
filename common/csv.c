/* csv.c: see csv.h. */
#include "common/csv.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

void csv_put(FILE *out, const char *text)
{
    if (!text)
        return;
    const bool is_formula = *text && strchr("=+-@\t\r", *text);
    const bool is_quoted = is_formula || strpbrk(text, ",\"\r\n") != NULL;
    (void)fputs(is_quoted ? "\"" : "", out);
    (void)fputs(is_formula ? "'" : "", out);
    for (; *text; text++) {
        if (*text == '"')
            (void)fputc('"', out);
        (void)fputc(*text, out);
    }
    (void)fputs(is_quoted ? "\"" : "", out);
}

void csv_put_number(FILE *out, double value)
{
    if (isfinite(value))
        (void)fprintf(out, "%.15g", value);
}
