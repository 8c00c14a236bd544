/* plot_text.c: see plot_text.h. */
#include "report/draw/plot_text.h"

#include "report/data/format.h"
#include "report/draw/plot.h"

#include <string.h>

#define LABEL_CHARS 20U

double plot_text_ems(const char *utf8)
{
    static const struct {
        const char *chars;
        double width;
    } classes[] = {{"ijl|!.,:;'", 4.3},
                   {"rtf-()[]{}I \\/`\"", 5.2},
                   {"sczxvykJ", 7.5},
                   {"mwMWOQ@%", 12.4},
                   {"ABCDEFGHKLNPRSTUVXYZ&+=<>#~", 9.7}};
    double width = 0;
    for (; *utf8; utf8++) {
        if (((unsigned char)*utf8 & 0xC0) == 0x80)
            continue; /* a byte of a character that is already counted */
        double one = (unsigned char)*utf8 < 0x80 ? 8.0 : 12.5;
        for (size_t i = 0; i < COUNT_OF(classes); i++)
            one = strchr(classes[i].chars, *utf8) ? classes[i].width : one;
        width += one;
    }
    return width / 12.5;
}

double plot_text_width(const struct panel *panel, const char *utf8)
{
    return plot_text_ems(utf8) * plot_looks[panel->size].font;
}

struct text plot_text_label(const struct panel_series *series)
{
    return format_label(series->label, LABEL_CHARS);
}

struct text plot_text_value(const struct panel *panel, const struct axis *axis,
                            const struct panel_series *series)
{
    struct text text;
    if (series->count == 0)
        (void)snprintf(text.s, sizeof text.s, "no value");
    else if (panel->unit == UNIT_NS || panel->unit == UNIT_BYTES)
        (void)snprintf(text.s, sizeof text.s, "%.24s\u00a0%.24s",
                       format_number(series->points[0].y / axis->divisor).s, axis->unit);
    else if (panel->unit == UNIT_RATIO)
        text = format_percent(series->points[0].y);
    else
        text = format_value(series->points[0].y, panel->unit);
    return text;
}

void plot_text_put(FILE *out, const char *before, const char *text)
{
    (void)fputs(before, out);
    for (const char *at = text; *at; at++)
        (void)fputc((unsigned char)*at < ' ' || *at == 0x7F ? ' ' : *at, out);
}
