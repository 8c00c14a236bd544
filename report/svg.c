/* svg.c: post-processing of gnuplot's SVG, line by line; see svg.h.
 *
 * Inside an img an SVG sees the reader's colour scheme but not the page's style sheet, so
 * the dark colours travel in the picture. Presentation attributes lose against any rule,
 * hence [fill="#0072b2"]{fill:...} recolours exactly the marks of that colour. */
#include "report/svg.h"

#include "report/palette.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLOURS_MAX 96
#define FONT        "system-ui,Helvetica,Arial,sans-serif" /* as in canvas.gp */

struct use { /* of a colour, in an attribute */
    uint32_t colour;
    const char *attribute;
};

struct tidy {
    FILE *out;
    const char *whole;
    struct use uses[COLOURS_MAX]; /* seen so far */
    size_t use_count;
    bool in_filter;
};

/* What gnuplot repeats on every element and the root says once. */
static const struct {
    const char *from, *to;
} shorter[] = {
    {" font-family=\"" FONT "\"", ""},
    {" font-family=\":Bold\"", " font-weight=\"600\""},
    {" font-size=\"12.50\" ", ""},
    {" text-anchor=\"start\"", ""},
    {" color=\"black\" stroke=\"currentColor\"", " stroke=\"currentColor\""},
    {" stroke-width=\"1.00\"", ""},
    {" stroke-linecap=\"butt\" stroke-linejoin=\"miter\"", ""},
};

/* The colour at line[at] stands in one of three attributes. */
static const char *attribute_at(const char *line, size_t at)
{
    while (at > 0 && strchr(" ='\"", line[at - 1]))
        at--;
    char last = at > 0 ? line[at - 1] : ' ';
    return last == 'e' ? "stroke" : last == 'r' ? "color" : "fill";
}

static void note_colour(struct tidy *tidy, uint32_t colour, const char *attribute)
{
    for (size_t i = 0; i < tidy->use_count; i++)
        if (tidy->uses[i].colour == colour && tidy->uses[i].attribute == attribute)
            return;
    if (tidy->use_count < COLOURS_MAX)
        tidy->uses[tidy->use_count++] = (struct use){colour, attribute};
}

/* Reads "rgb(  0, 114, 178)" at text; 0 if there is none, else its length. */
static size_t read_rgb(const char *text, uint32_t *out_colour)
{
    unsigned int red = 0;
    unsigned int green = 0;
    unsigned int blue = 0;
    int length = 0;
    // NOLINTNEXTLINE(cert-err34-c): %3u cannot overflow
    int got = sscanf(text, "rgb(%3u ,%3u ,%3u)%n", &red, &green, &blue, &length);
    if (got != 3 || length == 0 || red > 255 || green > 255 || blue > 255)
        return 0;
    *out_colour = red << 16 | green << 8 | blue;
    return (size_t)length;
}

static size_t find_shorter(const char *text, const char **out_to)
{
    for (size_t i = 0; *text == ' ' && i < sizeof shorter / sizeof *shorter; i++) {
        if (!strncmp(text, shorter[i].from, strlen(shorter[i].from))) {
            *out_to = shorter[i].to;
            return strlen(shorter[i].from);
        }
    }
    return 0;
}

static void put_line(struct tidy *tidy, const char *line, size_t length)
{
    size_t i = 0;
    while (i < length) {
        uint32_t colour = 0;
        size_t skip = line[i] == 'r' ? read_rgb(line + i, &colour) : 0;
        const char *to = NULL;
        if (skip == 0 && (skip = find_shorter(line + i, &to)) > 0) {
            (void)fputs(to, tidy->out);
            i += skip;
        } else if (skip > 0) {
            note_colour(tidy, colour, attribute_at(line, i));
            (void)fprintf(tidy->out, "#%06x", colour);
            i += skip;
        } else {
            (void)fputc(line[i++], tidy->out);
        }
    }
    (void)fputc('\n', tidy->out);
}

static bool starts(const char *line, const char *prefix)
{
    return !strncmp(line, prefix, strlen(prefix));
}

/* A symbol's definition is kept when something refers to it. */
static bool is_unused_symbol(const struct tidy *tidy, const char *line, size_t length)
{
    char id[24];
    char reference[32];
    const char *at = memmem(line, length, " id='", 5);
    if (!at || starts(line, "<linearGradient"))
        return false;
    // NOLINTNEXTLINE(cert-err34-c): no number is read
    if (sscanf(at, " id='%16[A-Za-z0-9]'", id) != 1)
        return false;
    (void)snprintf(reference, sizeof reference, "'#%s'", id);
    return strstr(tidy->whole, reference) == NULL;
}

static bool is_dropped(struct tidy *tidy, const char *line, size_t length)
{
    if (starts(line, "<filter"))
        tidy->in_filter = true;
    if (tidy->in_filter) {
        tidy->in_filter = !starts(line, "</filter>");
        return true;
    }
    return length == 0 || starts(line, "<title>") || starts(line, "<desc>") ||
           is_unused_symbol(tidy, line, length);
}

/* The line after `end`, without its indentation. */
static const char *next_line(const char *end)
{
    return *end ? end + 1 + strspn(end + 1, " \t\n") : end;
}

static void put_body(struct tidy *tidy, const char *line)
{
    while (*line) {
        size_t length = strcspn(line, "\n");
        const char *next = next_line(line + length);
        while (length > 0 && strchr(" \t", line[length - 1]))
            length--;
        if (starts(line, "<g id=\"gnuplot_plot_")) {
            (void)fputs("<g>\n", tidy->out); /* its title would name the data file */
        } else if (starts(line, "<g ") && starts(next, "</g>") && length > 0 &&
                   line[length - 1] == '>') {
            next = next_line(next + strcspn(next, "\n"));
        } else if (starts(line, "<text>")) {
            (void)fprintf(tidy->out, "%.*s\n", (int)length, line);
        } else if (!is_dropped(tidy, line, length)) {
            put_line(tidy, line, length);
        }
        line = next;
    }
}

static void put_style(const struct tidy *tidy)
{
    (void)fputs("<style>@media screen and (prefers-color-scheme:dark){", tidy->out);
    for (size_t i = 0; i < tidy->use_count; i++) {
        const struct use *use = &tidy->uses[i];
        uint32_t dark = palette_dark(use->colour);
        if (dark != use->colour)
            (void)fprintf(tidy->out, "[%s=\"#%06x\"]{%s:#%06x}", use->attribute,
                          use->colour, use->attribute, dark);
    }
    (void)fputs("}</style>\n</svg>\n", tidy->out);
}

/* Copies text without the groups that have become empty. */
static void put_without_empty(FILE *out, const char *text)
{
    static const char empty[] = "<g>\n</g>\n";
    while (*text) {
        const char *at = strstr(text, empty);
        size_t length = at ? (size_t)(at - text) : strlen(text);
        (void)fwrite(text, 1, length, out);
        text += length + (at ? sizeof empty - 1 : 0);
    }
}

char *svg_tidy(const char *text, unsigned int width, unsigned int height,
               size_t *out_size)
{
    const char *body = strstr(text, "<g id=\"gnuplot_canvas\">");
    const char *end = NULL;
    for (const char *at = body; at && (at = strstr(at, "</svg>")); at++)
        end = at;
    if (!body || !end || end[6 + strspn(end + 6, " \t\n")])
        return NULL;
    char *content = strndup(body, (size_t)(end - body));
    char *lines = NULL;
    size_t lines_size = 0;
    char *out = NULL;
    FILE *stream = open_memstream(&out, out_size);
    struct tidy tidy = {.out = open_memstream(&lines, &lines_size), .whole = content};
    if (!content || !stream || !tidy.out)
        abort();
    put_body(&tidy, content);
    put_style(&tidy);
    if (fclose(tidy.out))
        abort();
    (void)fprintf(stream,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" "
                  "xmlns:xlink=\"http://www.w3.org/1999/xlink\" "
                  "viewBox=\"0 0 %u %u\" width=\"%u\" height=\"%u\" font-family=\"" FONT
                  "\" font-size=\"12.5\">\n",
                  width, height, width, height);
    put_without_empty(stream, lines);
    free(lines);
    free(content);
    if (fclose(stream))
        abort();
    return out;
}
