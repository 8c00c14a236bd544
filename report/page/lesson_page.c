/* lesson_page.c: the worksheet and its key are the same page, and only the key has what
 * was measured. Each is one A4 page when printed. */
#include "report/page/lesson.h"

#include "common/cleanup.h"
#include "common/memory.h"
#include "report/data/load_expect.h"
#include "report/page/style.h"

#include <stdio.h>
#include <string.h>

#define ROWS_MAX   8
#define BOUNDS_MAX 2

static void write_answers(struct html *html, const struct lesson_question *q, bool is_key)
{
    if (is_key)
        html_raw(html, "<ol>\n");
    else
        html_raw(html, "<ol class=\"votes\">\n");
    for (size_t i = 0; i < LESSON_ANSWERS; i++) {
        const struct lesson_answer *answer = &q->answers[i];
        html_raw(html, "<li>");
        if (is_key && i == q->right) {
            html_element(html, "span class=\"right\"", answer->text);
            html_raw(html, " ✓");
        } else {
            html_prose(html, answer->text);
        }
        if (!is_key)
            html_raw(html, " <span class=\"vote\">☐ first ☐ second vote</span>");
        if (is_key && *answer->belief)
            html_element(html, "span class=\"belief\"", answer->belief);
        html_raw(html, "</li>\n");
    }
    html_raw(html, "</ol>\n");
}

static void write_measured(struct html *html, const struct scenario *s)
{
    struct lesson_row rows[ROWS_MAX];
    const size_t count = lesson_rows(s, rows, ROWS_MAX);
    html_raw(html, "<li><b>Measured here:</b> ");
    html_text(html, s->headline.as);
    for (size_t i = 0; i < count; i++) {
        html_text(html, i == 0 ? ": " : ", ");
        html_text(html, rows[i].model);
        html_text(html, " ");
        html_prose(html, rows[i].text.s);
    }
    html_text(html, count > 0 ? "." : ": no value.");
    html_raw(html, "</li>\n");
}

/* Whether the prediction is about the number that the question asks for: the metric is the
 * word before the first "(". */
static bool is_of_headline(const struct expectation *e, const struct scenario *s)
{
    const char *end = e->inequality + strcspn(e->inequality, "("), *word = end;
    while (word > e->inequality && word[-1] != ' ')
        word--;
    return end > word && !strncmp(s->headline.spec.key, word, (size_t)(end - word));
}

/* The prediction, and whether it held; of which model, unless it compares two. */
static void write_bound(struct html *html, const struct expectation *e)
{
    const char *model = strchr(e->inequality, '(');
    const bool has_model = model && !strstr(e->inequality, " / ");
    AUTO_FREE char *held = NULL;
    if (asprintf(&held, "%s (%s%s%.*s%s%s)", e->says,
                 e->outcome == OUTCOME_NOT_HELD ? "did not hold"
                                                : load_outcomes[e->outcome],
                 *e->measured ? ": " : "",
                 has_model && *e->measured ? (int)strcspn(model + 1, ",") : 0,
                 model ? model + 1 : "", has_model && *e->measured ? " " : "",
                 e->measured) < 0)
        memory_exhausted();
    html_raw(html, "<li><b>Theory:</b> ");
    html_prose(html, held);
    html_raw(html, "</li>\n");
}

/* Two predictions about the scenario, those about its headline first. */
static void write_bounds(struct html *html, const struct lesson_question *q)
{
    const struct expectation *last = NULL;
    size_t count = 0;
    for (int is_rest = 0; is_rest < 2; is_rest++) {
        for (size_t i = 0; i < q->results->expectation_count; i++) {
            const struct expectation *e = &q->results->expectations[i];
            if (count == BOUNDS_MAX || strcmp(e->scenario, q->scenario_name) != 0 ||
                is_of_headline(e, q->scenario) == is_rest ||
                (last && !strcmp(last->says, e->says)))
                continue;
            write_bound(html, e);
            last = e;
            count++;
        }
    }
}

static void write_found(struct html *html, const struct lesson *lesson, size_t index)
{
    const struct lesson_question *q = &lesson->questions[index];
    html_raw(html, "<ul class=\"found\">\n");
    write_bounds(html, q);
    write_measured(html, q->scenario);
    html_raw(html, "</ul>\n<p class=\"because\"><b>Why:</b> ");
    html_prose(html, q->why);
    html_raw(html, "</p>\n");
}

static void write_question(struct html *html, const struct lesson *lesson, size_t index,
                           bool is_key)
{
    const struct lesson_question *q = &lesson->questions[index];
    const struct chart *chart = &lesson->charts[index];
    html_raw(html, "<section class=\"ask\">\n<h2>");
    html_textf(html, "%zu. ", index + 1);
    html_prose(html, q->ask);
    html_raw(html, "</h2>\n");
    if (!is_key) {
        write_answers(html, q, false);
        html_raw(html, "<div class=\"box\">I predict, because:</div>\n</section>\n");
        return;
    }
    html_raw(html, "<div class=\"both\"><div>\n");
    write_answers(html, q, true);
    html_raw(html, "</div>\n<div>\n");
    if (chart->panel_count > 0)
        page_write_picture(html, &chart->panels[0], lesson->drawings[index].panels[0],
                           "model", "the line below");
    html_raw(html, "</div></div>\n");
    write_found(html, lesson, index);
    html_raw(html, "</section>\n");
}

/* The report's style sheet, and the rules that only lessons have. New text. */
static char *style_of(const struct lesson *lesson)
{
    const struct page look = {.palette = &lesson->palette, .series_name = "model"};
    AUTO_FREE char *common = page_css(&look);
    char *css = NULL;
    if (asprintf(&css, "%s%s", common, lesson_css) < 0)
        memory_exhausted();
    return css;
}

/* What the paper needs at its top: the name of who writes, or where it was measured. */
static void write_top(struct html *html, const struct lesson *lesson, bool is_key)
{
    html_raw(html, "<header>\n<h1>");
    html_text(html, lesson->title);
    html_text(html, is_key ? ": the answers" : ": what do you expect?");
    html_raw(html, "</h1>\n");
    if (is_key) {
        html_raw(html, "<p class=\"meta\">");
        page_write_where(html, lesson->questions[0].results);
        html_raw(html, " · ");
        page_write_date(html, lesson->questions[0].results->started);
        html_raw(html, "</p>\n</header>\n");
    } else {
        html_raw(html,
                 "<p class=\"who\"><span>Name</span><span>Date</span></p>\n</header>\n");
    }
}

void lesson_page(const struct lesson *lesson, bool is_key, char **out_text,
                 size_t *out_size)
{
    AUTO_FREE char *css = style_of(lesson);
    struct html html;
    html_init(&html);
    page_begin_head(&html, css);
    html_text(&html, lesson->title);
    page_end_head(&html, css);
    html_raw(&html, "<body>\n");
    if (is_key) {
        page_write_marks(&html, &lesson->palette);
        html_raw(&html, "<main class=\"sheet key\">\n");
    } else {
        html_raw(&html, "<main class=\"sheet\">\n");
    }
    write_top(&html, lesson, is_key);
    for (size_t i = 0; i < lesson->count; i++)
        write_question(&html, lesson, i, is_key);
    html_raw(&html, "</main>\n</body>\n</html>\n");
    html_finish(&html, out_text, out_size);
}
