/* svg_write.c: see svg_write.h. This file saves bytes: a report has some fifty
 * pictures, and a picture has a few hundred coordinates. So numbers have one decimal,
 * steps are relative to the rounded point before them (so that errors do not add up), and
 * all marks of one kind of a model are one path. */
#include "report/draw/svg_write.h"

#include <string.h>

#define FONT     "system-ui,Helvetica,Arial,sans-serif" /* as in canvas.gp */
#define USES_MAX 512
#define STEPS    12

/* How each role looks; class is for the page, the rest for files. */
static const struct {
    const char *class_name;
    const char *colours; /* the attribute that takes the colour */
    const char *rest;
} roles[INK_ROLES] = {
    [INK_GRID] = {"g", "stroke", " fill=\"none\" stroke-width=\"0.7\""},
    [INK_AXIS] = {"a", "stroke", " fill=\"none\""},
    [INK_BOX] = {"b", "fill", ""},
    [INK_FRAME] = {"f", "stroke", " fill=\"none\""},
    [INK_RULE] = {"r", "stroke", " fill=\"none\""},
    [INK_THIN] = {"t", "stroke", " fill=\"none\""},
    [INK_LINE] = {"l", "stroke", " fill=\"none\" stroke-width=\"1.8\""},
    [INK_COMPANION] = {"s", "stroke", " fill=\"none\""},
    [INK_POINT] = {"k", "fill", ""},
    [INK_TITLE] = {"h", "fill", " font-weight=\"600\""},
    [INK_TICK] = {"d", "fill", ""},
    [INK_VALUE] = {"v", "fill", ""},
    [INK_LABEL] = {"n", "fill", ""},
};

/* A marker as steps from its centre, in tenths: dx, dy, and whether it draws. The circle
 * is written by hand. */
static const struct {
    bool is_filled;
    signed char steps[STEPS][3];
} markers[PALETTE_MARKERS] = {
    [1] = {false, {{-32, 0, 0}, {64, 0, 1}, {-32, -32, 0}, {0, 64, 1}}},
    [2] = {false, {{-27, -27, 0}, {54, 54, 1}, {0, -54, 0}, {-54, 54, 1}}},
    [3] = {false,
           {{-30, 0, 0},
            {60, 0, 1},
            {-15, -26, 0},
            {-30, 52, 1},
            {0, -52, 0},
            {30, 52, 1}}},
    [4] = {false, {{-28, -28, 0}, {56, 0, 1}, {0, 56, 1}, {-56, 0, 1}, {0, 0, 2}}},
    [5] = {true, {{-29, -29, 0}, {58, 0, 1}, {0, 58, 1}, {-58, 0, 1}, {0, 0, 2}}},
    [6] = {false, {{0, 0, 2}}},
    [7] = {true, {{0, 0, 2}}},
    [8] = {false, {{0, -38, 0}, {-37, 58, 1}, {74, 0, 1}, {0, 0, 2}}},
    [9] = {true, {{0, -39, 0}, {-39, 59, 1}, {78, 0, 1}, {0, 0, 2}}},
    [10] = {false, {{0, 38, 0}, {-37, -58, 1}, {74, 0, 1}, {0, 0, 2}}},
    [11] = {true, {{0, 39, 0}, {-39, -59, 1}, {78, 0, 1}, {0, 0, 2}}},
    [12] = {false, {{0, -40, 0}, {-40, 40, 1}, {40, 40, 1}, {40, -40, 1}, {0, 0, 2}}},
    [13] = {true, {{0, -41, 0}, {-41, 41, 1}, {41, 41, 1}, {41, -41, 1}, {0, 0, 2}}},
    [14] =
        {false,
         {{0, -37, 0}, {-35, 26, 1}, {13, 41, 1}, {44, 0, 1}, {13, -41, 1}, {0, 0, 2}}},
    [15] =
        {true,
         {{0, -38, 0}, {-36, 26, 1}, {13, 42, 1}, {46, 0, 1}, {13, -42, 1}, {0, 0, 2}}},
};

/* The colours in use, by attribute, for which a file's style element needs dark ones. */
struct uses {
    struct {
        const char *attribute;
        uint32_t light, dark;
    } items[USES_MAX];
    size_t count;
};

struct writer {
    FILE *out;
    const struct svg_picture *picture;
    const struct palette *palette;
    struct uses *uses; /* NULL: for the page */
};

void svg_put_dash(FILE *out, int dash)
{
    const struct dash *lengths = palette_dash(dash);
    for (size_t i = 0; i < lengths->count; i++)
        (void)fprintf(out, "%s%g", i > 0 ? " " : "", lengths->lengths[i]);
}

bool svg_is_marker_filled(int marker)
{
    return marker > 0 && marker < PALETTE_MARKERS && markers[marker].is_filled;
}

/* Tenths as pixels, as short as can be: -3 is "-.3", 20 is "2". */
static void put_number(FILE *out, int value)
{
    int size = value < 0 ? -value : value;
    (void)fputs(value < 0 ? "-" : "", out);
    if (size >= 10 || size == 0)
        (void)fprintf(out, "%d", size / 10);
    if (size % 10)
        (void)fprintf(out, ".%d", size % 10);
}

static void put_pair(FILE *out, int x, int y)
{
    put_number(out, x);
    (void)fputs(y < 0 ? "" : " ", out);
    put_number(out, y);
}

static void put_step(FILE *out, int dx, int dy)
{
    if (dx == 0 || dy == 0) {
        (void)fputc(dy == 0 ? 'h' : 'v', out);
        put_number(out, dy == 0 ? dx : dy);
    } else {
        (void)fputc('l', out);
        put_pair(out, dx, dy);
    }
}

void svg_put_marker(FILE *out, int marker, int x, int y)
{
    if (marker < 1 || marker >= PALETTE_MARKERS)
        return;
    if (marker == 6 || marker == 7) {
        (void)fputc('M', out);
        put_pair(out, x - 29, y);
        (void)fputs("a2.9 2.9 0 1 0 5.8 0a2.9 2.9 0 1 0-5.8 0", out);
        return;
    }
    for (size_t i = 0; i < STEPS; i++) {
        const signed char *step = markers[marker].steps[i];
        if (i == 0) {
            (void)fputc('M', out);
            put_pair(out, x + step[0], y + step[1]);
        } else if (step[2] == 1) {
            put_step(out, step[0], step[1]);
        } else if (step[2] == 2) {
            (void)fputc('z', out);
        } else if (step[0] || step[1]) {
            (void)fputc('m', out);
            put_pair(out, step[0], step[1]);
        }
    }
}

static void put_vertices(FILE *out, const struct svg_picture *picture,
                         const struct svg_mark *mark)
{
    int x = 0, y = 0;
    for (size_t i = 0; i < mark->count; i++) {
        const struct svg_vertex *vertex = &picture->vertices[mark->first + i];
        if (vertex->is_move) {
            (void)fputc('M', out);
            put_pair(out, vertex->x, vertex->y);
        } else if (vertex->x != x || vertex->y != y) {
            put_step(out, vertex->x - x, vertex->y - y);
        }
        x = vertex->x;
        y = vertex->y;
    }
    if (mark->role == INK_BOX)
        (void)fputc('z', out);
}

/* Escapes XML's five characters, so that no text is ever markup. */
static void put_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("<>&\"'", *text))
            (void)fprintf(out, "&#%d;", *text);
        else
            (void)fputc(*text, out);
    }
}

static void note_use(struct uses *uses, const char *attribute, struct ink ink)
{
    uint32_t light = ink_light(ink);
    for (size_t i = 0; i < uses->count; i++)
        if (uses->items[i].light == light && !strcmp(uses->items[i].attribute, attribute))
            return;
    if (uses->count < USES_MAX) {
        uses->items[uses->count].attribute = attribute;
        uses->items[uses->count].light = light;
        uses->items[uses->count++].dark = ink_dark(ink);
    }
}

/* ` class="k"`, and in a file the attributes that it stands for. */
static void put_look(const struct writer *w, const struct svg_mark *mark)
{
    const struct ink ink = {mark->role, mark->group
                                            ? palette_of_slot(w->palette, mark->group - 1)
                                            : palette_reference()};
    const struct style *style = ink.owner ? ink.owner : palette_reference();
    bool is_outline = mark->role == INK_POINT && !svg_is_marker_filled(style->marker);
    const char *attribute = is_outline ? "stroke" : roles[mark->role].colours;
    if (!w->uses) {
        static const char *const anchors[] = {"", " c", " e"};
        (void)fprintf(w->out, " class=\"%s%s\"",
                      is_outline ? "o" : roles[mark->role].class_name,
                      anchors[mark->anchor]);
        return;
    }
    static const char *const anchors[] = {"", " text-anchor=\"middle\"",
                                          " text-anchor=\"end\""};
    note_use(w->uses, attribute, ink);
    (void)fprintf(w->out, " %s=\"#%06x\"%s%s", attribute, ink_light(ink),
                  is_outline ? " fill=\"none\" stroke-width=\"1.1\""
                             : roles[mark->role].rest,
                  anchors[mark->anchor]);
    bool is_line = mark->role == INK_LINE || mark->role == INK_COMPANION;
    if (is_line && palette_dash(ink_dash(ink))->count > 0) {
        (void)fputs(" stroke-dasharray=\"", w->out);
        svg_put_dash(w->out, ink_dash(ink));
        (void)fputc('"', w->out);
    }
}

/* All marks of one role of one group: a path, or its texts. */
static void put_role(const struct writer *w, enum ink_role role, size_t group)
{
    const struct svg_picture *picture = w->picture;
    const struct style *style = group ? palette_of_slot(w->palette, group - 1) : NULL;
    bool is_open = false;
    for (size_t i = 0; i < picture->mark_count; i++) {
        const struct svg_mark *mark = &picture->marks[i];
        if (mark->role != role || mark->group != group || mark->count == 0)
            continue;
        const struct svg_vertex *at = &picture->vertices[mark->first];
        if (mark->text) {
            (void)fputs("<text", w->out);
            put_look(w, mark);
            (void)fputs(" x=\"", w->out);
            put_number(w->out, at->x);
            (void)fputs("\" y=\"", w->out);
            put_number(w->out, at->y);
            (void)fputs("\">", w->out);
            put_text(w->out, mark->text);
            (void)fputs("</text>\n", w->out);
            continue;
        }
        if (!is_open) {
            (void)fputs("<path", w->out);
            put_look(w, mark);
            (void)fputs(" d=\"", w->out);
            is_open = true;
        }
        if (role == INK_POINT)
            svg_put_marker(w->out, style ? style->marker : 1, at->x, at->y);
        else
            put_vertices(w->out, picture, mark);
    }
    (void)fputs(is_open ? "\"/>\n" : "", w->out);
}

static bool is_first_of_group(const struct svg_picture *picture, size_t mark)
{
    for (size_t i = 0; i < mark; i++)
        if (picture->marks[i].group == picture->marks[mark].group)
            return false;
    return true;
}

/* Writes the marks of no model first, below the others, then each model as a whole. */
static void put_picture(const struct writer *w)
{
    for (int role = INK_NONE + 1; role < INK_ROLES; role++)
        put_role(w, (enum ink_role)role, 0);
    for (size_t i = 0; i < w->picture->mark_count; i++) {
        size_t group = w->picture->marks[i].group;
        if (group == 0 || !is_first_of_group(w->picture, i))
            continue;
        (void)fprintf(w->out, "<g class=\"m%zu\">", group - 1);
        for (int role = INK_NONE + 1; role < INK_ROLES; role++)
            put_role(w, (enum ink_role)role, group);
        (void)fputs("</g>\n", w->out);
    }
}

void svg_write_inline(FILE *out, const struct svg_picture *picture,
                      const struct palette *palette)
{
    const struct writer w = {out, picture, palette, NULL};
    put_picture(&w);
}

void svg_write_file(FILE *out, const struct svg_picture *pictures, size_t count,
                    const struct palette *palette, unsigned int across,
                    unsigned int height)
{
    struct uses uses = {.count = 0};
    (void)fprintf(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %u %u\" "
        "width=\"%u\" height=\"%u\" font-family=\"" FONT "\" font-size=\"12.5\">\n",
        across * (unsigned int)count, height, across * (unsigned int)count, height);
    for (size_t i = 0; i < count; i++) {
        const struct writer w = {out, &pictures[i], palette, &uses};
        (void)fprintf(out, "<g transform=\"translate(%u)\">\n", across * (unsigned int)i);
        put_picture(&w);
        (void)fputs("</g>\n", out);
    }
    (void)fputs("<style>@media screen and (prefers-color-scheme:dark){", out);
    for (size_t i = 0; i < uses.count; i++)
        (void)fprintf(out, "[%s=\"#%06x\"]{%s:#%06x}", uses.items[i].attribute,
                      uses.items[i].light, uses.items[i].attribute, uses.items[i].dark);
    (void)fputs("}</style>\n</svg>\n", out);
}
