/* fold.c: see fold.h. A line is kept until its end is there, then broken. */
#include "common/fold.h"

#include "common/memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_MIN     20
#define WIDTH_MAX     10000
#define NARROW_INDENT 6 /* of what is indented beyond the middle */

struct fold {
    FILE *out;
    size_t width, length, room;
    char *line;
};

size_t fold_width(FILE *out, size_t otherwise)
{
    const char *given = getenv("COLUMNS");
    struct winsize size = {.ws_col = 0};
    const bool is_terminal = isatty(fileno(out));
    if (!is_terminal && otherwise == 0)
        return 0;
    if (given && *given && strspn(given, "0123456789") == strlen(given)) {
        const unsigned long columns = strtoul(given, NULL, 10);
        if (columns >= WIDTH_MIN && columns <= WIDTH_MAX)
            return columns;
    }
    if (is_terminal && !ioctl(fileno(out), TIOCGWINSZ, &size) && size.ws_col >= WIDTH_MIN)
        return size.ws_col;
    return otherwise;
}

/* The bytes of what stands at text and fills one column, with the colours before it. */
static size_t step(const char *text)
{
    const char *at = text;
    while (at[0] == '\033' && at[1] == '[')
        at += strcspn(at, "m") + (strchr(at, 'm') != NULL);
    at += *at != '\0';
    while (((unsigned char)*at & 0xC0) == 0x80)
        at++;
    return (size_t)(at - text);
}

/* Where a line can be broken: [end, next) is not written. */
struct place {
    size_t end, next, column; /* column: where next stands */
    bool is_gap;              /* between columns */
};

/* Looks for the last place in text with which the line fits, and the last gap of these.
 * Returns whether text fits as it is. */
static bool look(const char *text, size_t column, size_t width, struct place *out_place,
                 struct place *out_gap)
{
    *out_place = *out_gap = (struct place){0};
    for (size_t at = 0; text[at];) {
        const size_t blanks = strspn(text + at, " ");
        const bool is_bar = text[at] == '|';
        if (column >= width && !(blanks && column == width) && text[at + blanks])
            return false;
        if (at > 0 && (blanks || is_bar)) {
            const size_t next = at + (blanks ? blanks : 1);
            const struct place place = {is_bar ? next : at, next, column + next - at,
                                        blanks > 1};
            *out_place = place;
            *out_gap = place.is_gap ? place : *out_gap;
            column = place.column;
            at = next;
        } else {
            at += step(text + at);
            column++;
        }
    }
    return column <= width;
}

static void put_blanks(struct fold *fold, size_t count)
{
    (void)fprintf(fold->out, "%*s", (int)count, "");
}

/* What does not fit anywhere goes to its next blank. */
static struct place overlong(const char *text)
{
    const size_t end = strcspn(text, " ");
    return (struct place){end, end + strspn(text + end, " "), 0, false};
}

static void put_line(struct fold *fold, const char *text)
{
    const size_t lead = strspn(text, " ");
    size_t indent = lead > fold->width / 2 ? NARROW_INDENT : lead, hang = indent;
    struct place place, gap;
    bool is_first = true;
    text += lead;
    while (!look(text, indent, fold->width, &place, &gap)) {
        if (is_first && gap.is_gap && gap.column > fold->width / 2)
            place = gap;
        if (is_first && gap.is_gap)
            hang = gap.column > fold->width / 2 ? hang + 4 : gap.column;
        if (!place.next)
            place = overlong(text);
        put_blanks(fold, indent);
        (void)fwrite(text, 1, place.end, fold->out);
        text += place.next;
        if (!*text)
            break;
        (void)fputc('\n', fold->out);
        indent = hang;
        is_first = false;
    }
    if (*text) {
        put_blanks(fold, indent);
        (void)fputs(text, fold->out);
    }
}

static ssize_t take(void *cookie, const char *bytes, size_t size)
{
    struct fold *fold = cookie;
    for (size_t i = 0; i < size; i++) {
        if (fold->length + 1 >= fold->room)
            fold->line = memory_realloc(fold->line, fold->room += 256);
        fold->line[fold->length++] = bytes[i];
        if (bytes[i] != '\n')
            continue;
        fold->line[fold->length - 1] = '\0';
        put_line(fold, fold->line);
        (void)fputc('\n', fold->out);
        fold->length = 0;
    }
    return (ssize_t)size;
}

static int end(void *cookie)
{
    struct fold *fold = cookie;
    if (fold->length > 0) {
        fold->line[fold->length] = '\0';
        put_line(fold, fold->line);
    }
    free(fold->line);
    free(fold);
    return 0;
}

FILE *fold_open(FILE *out, size_t otherwise)
{
    const size_t width = fold_width(out, otherwise);
    if (width == 0)
        return out;
    struct fold *fold = memory_calloc(1, sizeof *fold);
    *fold = (struct fold){.out = out, .width = width};
    FILE *lines = memory_must(
        fopencookie(fold, "w", (cookie_io_functions_t){.write = take, .close = end}));
    (void)setvbuf(lines, NULL, _IOLBF, BUFSIZ);
    return lines;
}

void fold_close(FILE *lines, FILE *out)
{
    if (lines != out)
        (void)fclose(lines);
}
