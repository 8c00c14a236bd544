/* lesson_slides.c: two pictures for each question of a lesson: the question with its
 * answers, and the right one with what was measured. gnuplot draws them by the template
 * charts/slide.gp; all texts are in the data beside it. */
#include "report/page/lesson.h"

#include "common/cleanup.h"
#include "common/file.h"
#include "common/memory.h"
#include "common/paths.h"
#include "report/draw/gnuplot.h"
#include "report/draw/plot_text.h"
#include "report/draw/scratch.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#define SLIDES_MAX    (2 * LESSON_QUESTIONS_MAX)
#define LEFT          110 /* pixels, as all that follow */
#define TOP           980
#define LARGE_LINE    84
#define LINE          66
#define WIDTH         1700
#define LARGE_EM      76 /* of the bold font of charts/slide.gp */
#define EM            56
#define LINE_BYTES    60 /* what format_label can hold */
#define BAR_LINE      72
#define BARS_LEFT     700
#define BARS_WIDTH    860
#define NAME_LETTERS  24
#define ROWS_MAX      8
#define PNG_BYTES_MAX ((size_t)8 << 20)

struct slide {
    FILE *out;
    int y;
};

static void put_line(struct slide *slide, int x, const char *text)
{
    (void)fprintf(slide->out, "%d\t%d\t", x, slide->y);
    plot_text_put(slide->out, "", text);
    (void)fputc('\n', slide->out);
}

/* The bytes of text that fit into a line: up to a blank, or to the end of a character. */
static size_t fitting(const char *text, int em)
{
    char line[LINE_BYTES + 1];
    size_t at_blank = 0, at_letter = 0, longer = 0; /* by what replaces a quote */
    for (size_t i = 0; i + longer <= LINE_BYTES; i++) {
        if (((unsigned char)text[i] & 0xC0) == 0x80)
            continue; /* within a character */
        (void)snprintf(line, sizeof line, "%.*s", (int)i, text);
        if (plot_text_ems(line) * em > WIDTH)
            break;
        at_letter = i;
        if (text[i] == ' ' || !text[i])
            at_blank = i;
        if (!text[i])
            break;
        longer += text[i] == '"' || text[i] == '\\' ? 2 : 0;
    }
    return at_blank > 0 ? at_blank : at_letter;
}

/* Breaks text into lines of a font with so many pixels. */
static void put_lines(struct slide *slide, const char *text, int em, int height)
{
    while (*text) {
        const size_t length = fitting(text, em);
        if (length == 0)
            return; /* no text: it is not UTF-8 */
        AUTO_FREE char *line = memory_strndup(text, length);
        put_line(slide, LEFT, format_label(line, LINE_BYTES).s);
        slide->y -= height;
        text += length;
        text += strspn(text, " ");
    }
}

/* The next block of the data; each has a line, as gnuplot warns of a block without one. */
static void begin_block(struct slide *slide)
{
    (void)fputs("\n\n-100\t-100\t \t-100\t-100\t-100\t-100\t0\n", slide->out);
}

static void put_heading(struct slide *slide, size_t index, const char *title)
{
    char text[120];
    slide->y = TOP + 40;
    (void)snprintf(text, sizeof text, "%s, question %zu", format_label(title, 40).s,
                   index + 1);
    put_line(slide, LEFT, text);
    slide->y = TOP - 60;
}

static void put_question(struct slide *slide, const struct lesson *lesson, size_t index)
{
    const struct lesson_question *q = &lesson->questions[index];
    put_heading(slide, index, lesson->title);
    begin_block(slide);
    put_lines(slide, q->ask, LARGE_EM, LARGE_LINE);
    slide->y -= LINE / 2;
    begin_block(slide);
    for (size_t i = 0; i < LESSON_ANSWERS; i++) {
        char text[512];
        (void)snprintf(text, sizeof text, "%c   %.400s", (char)('A' + i),
                       q->answers[i].text);
        put_lines(slide, text, EM, LINE);
    }
    for (int i = 0; i < 3; i++)
        begin_block(slide);
}

static void put_bars(struct slide *slide, const struct lesson *lesson,
                     const struct lesson_row *rows, size_t count, double most)
{
    for (size_t i = 0; i < count; i++) {
        const int y = slide->y - (int)i * BAR_LINE;
        const double end = BARS_LEFT + BARS_WIDTH * (most > 0 ? rows[i].value / most : 0);
        (void)fprintf(slide->out, "%d\t%d\t \t%d\t%.1f\t%d\t%d\t%u\n", BARS_LEFT, y,
                      BARS_LEFT, fmax(end, BARS_LEFT + 3), y - 24, y + 24,
                      palette_style(&lesson->palette, rows[i].model)->line);
    }
}

static void put_names(struct slide *slide, const struct lesson_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct text label = format_label(rows[i].model, NAME_LETTERS);
        (void)fprintf(slide->out, "%d\t%d\t", BARS_LEFT - 20,
                      slide->y - (int)i * BAR_LINE);
        plot_text_put(slide->out, "", label.s);
        (void)fputc('\n', slide->out);
    }
}

static void put_values(struct slide *slide, const struct lesson_row *rows, size_t count,
                       double most)
{
    for (size_t i = 0; i < count; i++) {
        const double end = BARS_LEFT + BARS_WIDTH * (most > 0 ? rows[i].value / most : 0);
        (void)fprintf(slide->out, "%.1f\t%d\t", end + 22, slide->y - (int)i * BAR_LINE);
        plot_text_put(slide->out, "", rows[i].text.s);
        (void)fputc('\n', slide->out);
    }
}

static void put_answer(struct slide *slide, const struct lesson *lesson, size_t index)
{
    const struct lesson_question *q = &lesson->questions[index];
    struct lesson_row rows[ROWS_MAX];
    const size_t count = lesson_rows(q->scenario, rows, ROWS_MAX);
    char text[512];
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, rows[i].value);
    put_heading(slide, index, lesson->title);
    begin_block(slide);
    (void)snprintf(text, sizeof text, "%c   %.400s", (char)('A' + q->right),
                   q->answers[q->right].text);
    put_lines(slide, text, LARGE_EM, LARGE_LINE);
    slide->y -= LINE / 2;
    begin_block(slide);
    (void)snprintf(text, sizeof text, "Measured here: %s", q->scenario->headline.as);
    put_lines(slide, text, EM, LINE);
    slide->y -= LINE / 2;
    begin_block(slide);
    put_bars(slide, lesson, rows, count, most);
    begin_block(slide);
    put_names(slide, rows, count);
    begin_block(slide);
    put_values(slide, rows, count, most);
}

struct slide_name {
    char s[32];
};

/* Of slide i; every second one is an answer. */
static struct slide_name name_of(size_t i)
{
    struct slide_name name;
    (void)snprintf(name.s, sizeof name.s, "%zu%s", i / 2 + 1,
                   i % 2 ? "b-answer" : "a-question");
    return name;
}

static int write_inputs(const struct lesson *lesson, const char *folder, size_t i,
                        const char *template, struct err *err)
{
    char path[PATH_MAX];
    const struct slide_name name = name_of(i);
    AUTO_FREE char *data = NULL, *script = NULL;
    size_t size = 0;
    struct slide slide = {.out = memory_stream(&data, &size)};
    if (i % 2)
        put_answer(&slide, lesson, i / 2);
    else
        put_question(&slide, lesson, i / 2);
    memory_stream_close(slide.out, &data);
    if (asprintf(&script, "name = '%s'\n%s", name.s, template) < 0)
        memory_exhausted();
    (void)snprintf(path, sizeof path, "%.4000s/%s.tsv", folder, name.s);
    if (file_write(path, data, size, err))
        return -1;
    (void)snprintf(path, sizeof path, "%.4000s/%s.gp", folder, name.s);
    return file_write(path, script, strlen(script), err);
}

static int take_slide(const char *from, const char *to, size_t i, struct err *err)
{
    char path[PATH_MAX];
    AUTO_FREE char *bytes = NULL;
    size_t size = 0;
    (void)snprintf(path, sizeof path, "%.4000s/%s.png", from, name_of(i).s);
    if (file_read(path, PNG_BYTES_MAX, &bytes, &size, NULL))
        return err_set(err, EXIT_CODE_UNFIT, "gnuplot left no slide; is %.300s full?",
                       from);
    (void)snprintf(path, sizeof path, "%.4000s/%s.png", to, name_of(i).s);
    return file_write(path, bytes, size, err);
}

static int draw(const struct lesson *lesson, const char *scratch, const char *template,
                struct err *err)
{
    char program[PATH_MAX];
    const char *names[SLIDES_MAX];
    struct slide_name held[SLIDES_MAX];
    int status = gnuplot_find(program, sizeof program, err);
    for (size_t i = 0; i < 2 * lesson->count && !status; i++) {
        held[i] = name_of(i);
        names[i] = held[i].s;
        status = write_inputs(lesson, scratch, i, template, err);
    }
    return status ? status
                  : gnuplot_run(program, scratch, names, 2 * lesson->count, true, 20000,
                                err);
}

int lesson_slides(const struct lesson *lesson, const char *folder, struct err *err)
{
    char path[PATH_MAX], scratch[PATH_MAX];
    AUTO_FREE char *template = NULL;
    size_t size = 0;
    if (paths_share("charts/slide.gp", path, sizeof path, err) ||
        file_read(path, PNG_BYTES_MAX, &template, &size, err) ||
        scratch_make(scratch, sizeof scratch, err))
        return -1;
    int status = draw(lesson, scratch, template, err);
    for (size_t i = 0; i < 2 * lesson->count && !status; i++)
        status = take_slide(scratch, folder, i, err);
    scratch_remove(scratch);
    return status;
}
