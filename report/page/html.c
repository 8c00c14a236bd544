/* html.c: the escaping writer of html.h. */
#include "report/page/html.h"

#include "common/array.h"
#include "common/memory.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void html_init(struct html *html)
{
    *html = (struct html){0};
    html->out = memory_stream(&html->text, &html->size);
}

void html_finish(struct html *html, char **out_text, size_t *out_size)
{
    memory_stream_close(html->out, &html->text);
    *out_text = html->text;
    *out_size = html->size;
    *html = (struct html){0};
}

void html_raw_bytes(struct html *html, const char *literal)
{
    (void)fputs(literal, html->out);
}

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void html_text(struct html *html, const char *text)
{
    for (; text && *text; text++) {
        const char *safe = entity(*text);
        if (safe)
            (void)fputs(safe, html->out);
        else
            (void)fputc(*text, html->out);
    }
}

/* Whether the word at text is a unit, alone or before a mark. */
static bool is_unit(const char *text)
{
    static const char *const units[] = {"ns",  "µs",  "ms",  "s", "min", "h",
                                        "KiB", "MiB", "GiB", "B", "%"};
    const size_t length = strcspn(text, " ,.;:)]");
    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (strlen(units[i]) == length && !strncmp(units[i], text, length))
            return true;
    return false;
}

void html_prose(struct html *html, const char *text)
{
    const char *rest = text;
    for (; rest && *rest; rest++) {
        if (*rest != ' ' || rest == text || rest[-1] < '0' || rest[-1] > '9' ||
            !is_unit(rest + 1))
            continue;
        char *before = strndup(text, (size_t)(rest - text));
        if (!before)
            memory_exhausted();
        html_text(html, before);
        free(before);
        html_raw(html, "\u00a0");
        text = rest + 1;
    }
    html_text(html, text);
}

void html_textf(struct html *html, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0)
        memory_exhausted();
    html_text(html, text);
    free(text);
}

void html_attr_value(struct html *html, const char *opening, const char *value)
{
    (void)fputs(opening, html->out);
    html_text(html, value);
    (void)fputc('"', html->out);
}

void html_svg(struct html *html, const char *svg, size_t size)
{
    (void)fwrite(svg, 1, size, html->out);
}

void html_element_text(struct html *html, const char *tag, const char *text)
{
    (void)fprintf(html->out, "<%s>", tag);
    html_text(html, text);
    (void)fprintf(html->out, "</%.*s>", (int)strcspn(tag, " "), tag);
}
