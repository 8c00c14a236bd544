/* svg_read.c: a small reader of the SVG that gnuplot writes; see svg_read.h.
 *
 * It walks tag by tag with a stack of open groups, because gnuplot puts a text's place
 * and colour on the group around it. Something without ink (a background, a definition)
 * is no mark.
 */
#include "report/draw/svg_read.h"

#include "common/memory.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX  32
#define PIXELS_MAX 100000.0

struct group {
    uint32_t code; /* of the innermost colour; 0: none of ours */
    int x, y;
    enum svg_anchor anchor;
};

struct reader {
    struct svg_picture *out;
    struct group stack[DEPTH_MAX];
    size_t depth;
};

/* One tag: its name and where its attributes are. */
struct tag {
    const char *name, *end; /* end: the > */
    size_t name_length;
    bool is_end, is_empty;
};

static void *grow(void *items, size_t count, size_t size)
{
    if (count & (count - 1)) /* doubled at each power of two */
        return items;
    void *grown = realloc(items, (count ? 2 * count : 1) * size);
    if (!grown)
        memory_exhausted();
    return grown;
}

static int tenths(double pixels)
{
    if (!(fabs(pixels) < PIXELS_MAX))
        return 0;
    return (int)(pixels * 10 + (pixels < 0 ? -0.5 : 0.5));
}

static void add_vertex(struct svg_picture *out, double x, double y, bool is_move)
{
    out->vertices = grow(out->vertices, out->vertex_count, sizeof *out->vertices);
    out->vertices[out->vertex_count++] =
        (struct svg_vertex){tenths(x), tenths(y), is_move};
}

static struct svg_mark *add_mark(struct svg_picture *out, uint32_t code)
{
    out->marks = grow(out->marks, out->mark_count, sizeof *out->marks);
    struct svg_mark *mark = &out->marks[out->mark_count++];
    *mark = (struct svg_mark){.role = ink_code_role(code),
                              .group = ink_code_group(code),
                              .first = out->vertex_count};
    return mark;
}

/* "rgb(  1, 17, 112)" as one number, 0 when text is anything else. */
static uint32_t read_code(const char *text)
{
    unsigned int red = 0, green = 0, blue = 0;
    // NOLINTNEXTLINE(cert-err34-c): %3u cannot overflow
    if (!text || sscanf(text, "rgb(%3u ,%3u ,%3u)", &red, &green, &blue) != 3)
        return 0;
    uint32_t code = (red & 255) << 16 | (green & 255) << 8 | (blue & 255);
    return ink_code_role(code) == INK_NONE ? 0 : code;
}

/* The value of an attribute, up to the quote that ends it; NULL when there is none. */
static const char *attribute(const struct tag *tag, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = tag->name + tag->name_length; at < tag->end; at++) {
        if (!isspace((unsigned char)*at) || strncmp(at + 1, name, length) != 0)
            continue;
        const char *value = at + 1 + length;
        value += strspn(value, " ");
        if (*value != '=')
            continue;
        value += 1 + strspn(value + 1, " ");
        if (*value == '\'' || *value == '"')
            return value + 1;
    }
    return NULL;
}

/* Pairs of numbers with letters between them; L or nothing continues a line. */
static void read_vertices(struct svg_picture *out, const char *text)
{
    bool is_move = true;
    while (*text && !strchr("'\"<", *text)) {
        char *after = NULL;
        if (strchr("MLz, \n\t", *text)) {
            is_move = is_move || *text == 'M';
            text++;
            continue;
        }
        double x = strtod(text, &after);
        if (after == text || *after != ',')
            return;
        text = after + 1;
        double y = strtod(text, &after);
        if (after == text)
            return;
        text = after;
        add_vertex(out, x, y, is_move);
        is_move = false;
    }
}

static void read_place(const char *transform, double *out_x, double *out_y)
{
    // NOLINTNEXTLINE(cert-err34-c): tenths() takes any number
    if (!transform || sscanf(transform, "translate(%lf,%lf)", out_x, out_y) != 2)
        *out_x = *out_y = 0;
}

/* Plain text up to the next tag; gnuplot escapes what XML wants escaped. */
static char *read_text(const char *from)
{
    static const struct {
        const char *entity;
        char c;
    } entities[] = {
        {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};
    size_t length = strcspn(from, "<");
    char *text = malloc(length + 1);
    if (!text)
        memory_exhausted();
    size_t put = 0;
    for (const char *end = from + length; from < end; put++) {
        size_t e = 0;
        while (e < 5 &&
               strncmp(from, entities[e].entity, strlen(entities[e].entity)) != 0)
            e++;
        text[put] = e < 5 ? entities[e].c : *from;
        from += e < 5 ? strlen(entities[e].entity) : 1;
    }
    text[put] = '\0';
    return text;
}

static bool is_tag(const struct tag *tag, const char *name)
{
    return tag->name_length == strlen(name) &&
           !strncmp(tag->name, name, tag->name_length);
}

static void open_group(struct reader *reader, const struct tag *tag)
{
    static const char *const colours[] = {"fill", "stroke", "color"};
    struct group *group = &reader->stack[reader->depth];
    group[1] = group[0];
    reader->depth++;
    group++;
    for (size_t i = 0; i < 3; i++) {
        uint32_t code = read_code(attribute(tag, colours[i]));
        group->code = code ? code : group->code;
    }
    const char *transform = attribute(tag, "transform");
    double x = 0, y = 0;
    read_place(transform, &x, &y);
    group->x = transform ? tenths(x) : group->x;
    group->y = transform ? tenths(y) : group->y;
    const char *anchor = attribute(tag, "text-anchor");
    if (anchor)
        group->anchor = *anchor == 'm'   ? SVG_MIDDLE
                        : *anchor == 'e' ? SVG_END
                                         : SVG_START;
}

/* The mark that a tag draws, if it has ink. */
static void draw(struct reader *reader, const struct tag *tag)
{
    static const struct {
        const char *name, *colour, *data;
    } shapes[] = {{"path", "stroke", "d"},
                  {"polygon", "fill", "points"},
                  {"use", "color", "transform"},
                  {"text", "fill", ""}};
    const struct group *group = &reader->stack[reader->depth];
    size_t i = 0;
    while (i < 4 && !is_tag(tag, shapes[i].name))
        i++;
    if (i == 4)
        return;
    uint32_t code = read_code(attribute(tag, shapes[i].colour));
    code = code ? code : group->code;
    if (!code)
        return;
    struct svg_mark *mark = add_mark(reader->out, code);
    const char *data = attribute(tag, shapes[i].data);
    double x = 0, y = 0;
    if (i < 2) {
        read_vertices(reader->out, data ? data : "");
    } else if (i == 2) {
        read_place(data, &x, &y);
        add_vertex(reader->out, x, y, true);
    } else {
        mark->text = read_text(tag->end + 1);
        mark->anchor = group->anchor;
        add_vertex(reader->out, group->x / 10.0, group->y / 10.0, true);
    }
    mark->count = reader->out->vertex_count - mark->first;
}

/* The tag that begins at text, a <; false when it does not end. */
static bool read_tag(const char *text, struct tag *out_tag)
{
    const char *end = strchr(text, '>');
    if (!end)
        return false;
    *out_tag = (struct tag){.name = text + 1, .end = end};
    out_tag->is_end = *out_tag->name == '/';
    out_tag->is_empty = end[-1] == '/';
    out_tag->name += out_tag->is_end;
    out_tag->name_length = strcspn(out_tag->name, " \t\r\n/>");
    return true;
}

static int read_body(struct reader *reader, const char *text)
{
    while ((text = strchr(text, '<')) != NULL) {
        struct tag tag;
        if (!read_tag(text, &tag))
            return -1;
        text = tag.end + 1;
        if (is_tag(&tag, "defs") && !tag.is_end) {
            text = strstr(text, "</defs>");
            if (!text)
                return -1;
        } else if (is_tag(&tag, "g") && tag.is_end) {
            reader->depth -= reader->depth > 0;
        } else if (is_tag(&tag, "g") && !tag.is_empty) {
            if (reader->depth + 1 == DEPTH_MAX)
                return -1;
            open_group(reader, &tag);
        } else if (!tag.is_end) {
            draw(reader, &tag);
        }
    }
    return 0;
}

int svg_read(const char *text, struct svg_picture *out_picture)
{
    *out_picture = (struct svg_picture){.marks = NULL};
    const char *body = strstr(text, "<g id=\"gnuplot_canvas\"");
    const char *end = NULL;
    for (const char *at = body; at && (at = strstr(at, "</svg>")); at++)
        end = at;
    if (!body || !end || end[6 + strspn(end + 6, " \t\n")])
        return -1;
    struct reader reader = {.out = out_picture};
    return read_body(&reader, body);
}

void svg_picture_done(struct svg_picture *picture)
{
    for (size_t i = 0; i < picture->mark_count; i++)
        free(picture->marks[i].text);
    free(picture->marks);
    free(picture->vertices);
    *picture = (struct svg_picture){.marks = NULL};
}
