/* svg_page.c: see svg_page.h. gnuplot writes each element of a plot command as a group
 * with a number. The templates of charts/ have every element for all series in turn, so
 * the number tells the series. */
#include "report/draw/svg_page.h"

#include "common/memory.h"
#include "report/draw/palette.h"
#include "report/draw/plot.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char svg_page_markers[] =
    "<path id=\"gpPt0\" d=\"M-1,0h2M0,-1v2\"/>\n"
    "<path id=\"gpPt1\" d=\"M-1,-1L1,1M1,-1L-1,1\"/>\n"
    "<path id=\"gpPt2\" d=\"M-1,0L1,0M0,-1L0,1M-1,-1L1,1M-1,1L1,-1\"/>\n"
    "<path id=\"gpPt3\" d=\"M-1,-1h2v2h-2z\"/>\n"
    "<path id=\"gpPt4\" fill=\"currentColor\" d=\"M-1,-1h2v2h-2z\"/>\n"
    "<circle id=\"gpPt5\" r=\"1\"/>\n"
    "<circle id=\"gpPt6\" fill=\"currentColor\" r=\"1\"/>\n"
    "<path id=\"gpPt7\" d=\"M0,-1.33L-1.33,.67L1.33,.67z\"/>\n"
    "<path id=\"gpPt8\" fill=\"currentColor\" d=\"M0,-1.33L-1.33,.67L1.33,.67z\"/>\n"
    "<path id=\"gpPt9\" d=\"M0,1.33L1.33,-.67L-1.33,-.67z\"/>\n"
    "<path id=\"gpPt10\" fill=\"currentColor\" d=\"M0,1.33L1.33,-.67L-1.33,-.67z\"/>\n"
    "<path id=\"gpPt11\" d=\"M0,-1.41L1.41,0L0,1.41L-1.41,0z\"/>\n"
    "<path id=\"gpPt12\" fill=\"currentColor\" d=\"M0,-1.41L1.41,0L0,1.41L-1.41,0z\"/>\n"
    "<path id=\"gpPt13\" d=\"M0,1.33L1.27,.41L.78,-1.07L-.78,-1.08L-1.27,.41z\"/>\n"
    "<path id=\"gpPt14\" fill=\"currentColor\" "
    "d=\"M0,1.33L1.27,.41L.78,-1.07L-.78,-1.08L-1.27,.41z\"/>\n";

/* A part of the file; "" for none. */
struct span {
    const char *at;
    size_t length;
};

#define NOBODY      PANEL_SERIES_MAX
#define AXIS_COLOUR 0x8A8D93 /* as in charts/ */

struct pass {
    const struct panel *panel;
    FILE *of[PANEL_SERIES_MAX + 1]; /* what each series draws; the last: nobody's */
    char *texts[PANEL_SERIES_MAX + 1];
    size_t sizes[PANEL_SERIES_MAX + 1];
    size_t series;         /* that is being read, or NOBODY */
    int depth, plot_depth; /* of groups: now, and of the series */
    struct span group;     /* the last that began */
    double width;          /* of its lines */
};

/* The value of an attribute of a tag. */
static struct span attribute(struct span tag, const char *name)
{
    const char *const end = tag.at + tag.length;
    const size_t length = strlen(name);
    for (const char *at = tag.at + 1; at + length < end; at++) {
        if (!isspace((unsigned char)at[-1]) || strncmp(at, name, length) != 0)
            continue;
        const char *value = at + length;
        value += strspn(value, " =");
        if (value == at + length || value >= end || (*value != '"' && *value != '\''))
            continue;
        const char *close = memchr(value + 1, *value, (size_t)(end - value - 1));
        if (close)
            return (struct span){value + 1, (size_t)(close - value - 1)};
    }
    return (struct span){"", 0};
}

static bool has_text(struct span span, const char *text)
{
    return span.length == strlen(text) && !strncmp(span.at, text, span.length);
}

/* A colour as 0xRRGGBB: gnuplot writes rgb(  0, 114, 178); -1 for any other. */
static long colour_of(struct span span)
{
    if (span.length < 10 || strncmp(span.at, "rgb(", 4) != 0)
        return -1;
    const char *at = span.at + 4;
    long colour = 0;
    for (int i = 0; i < 3; i++) {
        char *end = NULL;
        colour = colour << 8 | (strtol(at, &end, 10) & 0xFF);
        at = end + 1;
    }
    return colour;
}

/* At most one decimal, as a page has thousands of them. */
static void put_number(FILE *out, double value)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%.1f", value);
    const size_t length = strlen(text);
    if (length > 2 && !strcmp(text + length - 2, ".0"))
        text[length - 2] = '\0';
    (void)fputs(!strcmp(text, "-0") ? "0" : text, out);
}

/* A list of letters and numbers, as paths and polygons have it. */
static void put_path(FILE *out, struct span path)
{
    const char *at = path.at;
    const char *const end = path.at + path.length;
    bool is_after_number = false;
    while (at < end) {
        char *next = NULL;
        const double value = strtod(at, &next);
        if (next == at || next > end || !(fabs(value) < 1e5)) {
            if (strchr("MLHVhvlz", *at)) {
                (void)fputc(*at, out);
                is_after_number = false;
            }
            at++;
            continue;
        }
        if (is_after_number)
            (void)fputc(' ', out);
        put_number(out, value);
        is_after_number = true;
        at = next;
    }
}

static const struct style *style_of(const struct pass *pass)
{
    return pass->series < pass->panel->series_count
               ? pass->panel->series[pass->series].style
               : NULL;
}

static void put_line(struct pass *pass, struct span tag)
{
    FILE *out = pass->of[pass->series];
    const struct style *style = style_of(pass);
    const struct span dash = attribute(tag, "stroke-dasharray");
    const long colour = colour_of(attribute(tag, "stroke"));
    const char *name = has_text(attribute(tag, "class"), "gridline") ? "g"
                       : !style || colour == AXIS_COLOUR             ? "a"
                       : colour != (long)style->line                 ? "r"
                       : pass->width > 1.5                           ? "l"
                       : pass->width < 0.9                           ? "q"
                                                                     : "t";
    (void)fprintf(out, "<path class=\"%s\"", name);
    if (dash.length > 0) {
        (void)fputs(" stroke-dasharray=\"", out);
        put_path(out, dash);
        (void)fputc('"', out);
    }
    (void)fputs(" d=\"", out);
    put_path(out, attribute(tag, "d"));
    (void)fputs("\"/>\n", out);
}

/* A bar of a timeline has the colour of its state, or the paler one of waiting. */
static void put_box(struct pass *pass, struct span tag)
{
    FILE *out = pass->of[pass->series];
    const struct style *style = style_of(pass);
    const long colour = colour_of(attribute(tag, "fill"));
    const char *name = !style || colour == (long)style->line ? "b"
                       : colour == PLOT_BLOCKED              ? "x"
                       : colour == PLOT_SETUP                ? "u"
                                                             : "w";
    (void)fprintf(out, "<polygon class=\"%s\" points=\"", name);
    put_path(out, attribute(tag, "points"));
    (void)fputs("\"/>\n", out);
}

static void put_marker(struct pass *pass, struct span tag)
{
    FILE *out = pass->of[pass->series];
    const struct span link = attribute(tag, "xlink:href");
    const struct span place = attribute(tag, "transform");
    double x = 0, y = 0, size = 0;
    int number = 0;
    // NOLINTNEXTLINE(cert-err34-c): gnuplot wrote these numbers
    if (sscanf(link.at, "#gpPt%2d", &number) != 1 ||
        // NOLINTNEXTLINE(cert-err34-c): as above
        sscanf(place.at, "translate(%lf,%lf) scale(%lf)", &x, &y, &size) != 3)
        return;
    (void)fprintf(out, "<use class=\"k\" href=\"#gpPt%d\" transform=\"translate(",
                  number);
    put_number(out, x);
    (void)fputc(' ', out);
    put_number(out, y);
    (void)fputs(")scale(", out);
    put_number(out, size);
    (void)fputs(")\"/>\n", out);
}

/* A text without the spaces at its beginning; gnuplot has escaped < and &. */
static void put_text(FILE *out, struct span text)
{
    while (text.length > 0 && *text.at == ' ') {
        text.at++;
        text.length--;
    }
    for (size_t i = 0; i < text.length; i++)
        (void)fputs(text.at[i] == '>'    ? "&#62;"
                    : text.at[i] == '"'  ? "&#34;"
                    : text.at[i] == '\'' ? "&#39;"
                                         : (char[]){text.at[i], '\0'},
                    out);
}

/* The group around a text says where it stands and how. */
static void put_label(struct pass *pass, struct span text)
{
    const struct span group = pass->group;
    FILE *out = pass->of[pass->series];
    const struct style *style = style_of(pass);
    const struct span anchor = attribute(group, "text-anchor");
    const long colour = colour_of(attribute(group, "fill"));
    const bool is_bold = attribute(group, "font-weight").length > 0;
    const char *name = style && colour == (long)style->text ? "n"
                       : style                              ? "v"
                       : is_bold                            ? "h"
                                                            : "d";
    double x = 0, y = 0;
    // NOLINTNEXTLINE(cert-err34-c): gnuplot wrote these numbers
    if (sscanf(attribute(group, "transform").at, "translate(%lf,%lf)", &x, &y) != 2)
        return;
    (void)fprintf(out, "<text class=\"%s%s\" x=\"", name,
                  has_text(anchor, "middle") ? " c"
                  : has_text(anchor, "end")  ? " e"
                                             : "");
    put_number(out, x);
    (void)fputs("\" y=\"", out);
    put_number(out, y);
    (void)fputs("\">", out);
    put_text(out, text);
    (void)fputs("</text>\n", out);
}

static void begin_group(struct pass *pass, struct span tag)
{
    const struct span id = attribute(tag, "id");
    const struct span width = attribute(tag, "stroke-width");
    int number = 0;
    pass->depth++;
    pass->group = tag;
    if (width.length > 0)
        pass->width = strtod(width.at, NULL);
    // NOLINTNEXTLINE(cert-err34-c): gnuplot wrote this number
    if (id.length > 0 && sscanf(id.at, "gnuplot_plot_%4d", &number) == 1 && number > 0) {
        pass->series = (size_t)(number - 1) % pass->panel->series_count;
        pass->plot_depth = pass->depth;
    }
}

static void end_group(struct pass *pass)
{
    if (pass->depth-- == pass->plot_depth)
        pass->series = NOBODY;
}

static void read_tag(struct pass *pass, struct span tag)
{
    if (!strncmp(tag.at, "g ", 2))
        begin_group(pass, tag);
    else if (!strncmp(tag.at, "/g>", 3))
        end_group(pass);
    else if (!strncmp(tag.at, "path ", 5))
        put_line(pass, tag);
    else if (!strncmp(tag.at, "polygon ", 8))
        put_box(pass, tag);
    else if (!strncmp(tag.at, "use ", 4))
        put_marker(pass, tag);
    else if (!strncmp(tag.at, "text>", 5))
        put_label(pass, (struct span){tag.at + 5, strcspn(tag.at + 5, "<")});
}

/* What belongs to nobody comes first, below the rest. */
static void close_streams(struct pass *pass, FILE *out)
{
    for (size_t i = 0; i <= pass->panel->series_count; i++) {
        const size_t s = i == 0 ? NOBODY : i - 1;
        const struct style *style = i == 0 ? NULL : pass->panel->series[s].style;
        memory_stream_close(pass->of[s], &pass->texts[s]);
        if (style && style->slot != SIZE_MAX)
            (void)fprintf(out, "<g class=\"m%zu\">\n", style->slot);
        else if (style)
            (void)fputs("<g class=\"ref\">\n", out);
        (void)fwrite(pass->texts[s], 1, pass->sizes[s], out);
        (void)fputs(style ? "</g>\n" : "", out);
        free(pass->texts[s]);
    }
}

int svg_page_write(FILE *out, const char *svg, const struct panel *panel)
{
    struct pass pass = {.panel = panel, .series = NOBODY, .group = {"", 0}};
    const char *at = strstr(svg, "</defs>");
    size_t size = strlen(svg);
    while (size > 0 && isspace((unsigned char)svg[size - 1]))
        size--;
    if (!at || size < 6 || strncmp(svg + size - 6, "</svg>", 6) != 0)
        return -1;
    for (size_t i = 0; i <= panel->series_count; i++) {
        const size_t s = i == 0 ? NOBODY : i - 1;
        pass.of[s] = memory_stream(&pass.texts[s], &pass.sizes[s]);
    }
    for (at++; (at = strchr(at, '<')) != NULL; at++)
        read_tag(&pass, (struct span){at + 1, strcspn(at + 1, ">")});
    close_streams(&pass, out);
    return 0;
}
