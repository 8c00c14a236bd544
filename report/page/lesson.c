/* lesson.c: from a lesson and results to its files; see lesson.h. */
#include "report/page/lesson.h"

#include "common/cleanup.h"
#include "common/file.h"
#include "common/memory.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define LANES_OF 4 /* models */

/* The scenario of that name, in the last of the results that has it. */
static void find_scenario(struct lesson_question *q, struct results *const *all,
                          size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t s = 0; s < all[i]->scenario_count; s++)
            if (!strcmp(all[i]->scenarios[s].name, q->scenario_name)) {
                q->results = all[i];
                q->scenario = &all[i]->scenarios[s];
            }
}

static int find_scenarios(struct lesson *lesson, struct results *const *all, size_t count,
                          struct err *err)
{
    for (size_t i = 0; i < lesson->count; i++) {
        struct lesson_question *q = &lesson->questions[i];
        find_scenario(q, all, count);
        if (!q->scenario)
            return err_set(
                err, EXIT_CODE_USAGE,
                "no results have scenario %s; `concbench lesson` measures what "
                "is missing",
                q->scenario_name);
    }
    return 0;
}

/* A model looks the same in every picture, so one palette knows them all. */
static void choose_styles(struct lesson *lesson)
{
    struct scenario all[LESSON_QUESTIONS_MAX];
    struct results view = {.scenarios = all};
    for (size_t i = 0; i < lesson->count; i++)
        all[view.scenario_count++] = *lesson->questions[i].scenario;
    palette_init(&lesson->palette, &view);
}

/* The first panel of a chart, small. */
static void build(const struct lesson *lesson, const struct lesson_question *q,
                  size_t which, struct chart *chart)
{
    struct scenario few = *q->scenario; /* lanes of more have no room on the page */
    const struct chart_source source = {q->results, &lesson->palette, &few};
    if (which == CHART_TIMELINE && few.model_count > LANES_OF)
        few.model_count = LANES_OF;
    chart_build(&chart_specs[which], &source, chart);
    for (size_t p = 1; p < chart->panel_count; p++)
        panel_done(&chart->panels[p]);
    chart->panel_count = chart->panel_count > 0;
    chart->scenario = q->scenario;
    chart->panels[0].size = PANEL_SMALL;
    (void)snprintf(chart->prefix, sizeof chart->prefix, "%.60s", q->scenario_name);
}

static int draw(struct lesson *lesson, struct err *err)
{
    choose_styles(lesson);
    for (size_t i = 0; i < lesson->count; i++) {
        const struct lesson_question *q = &lesson->questions[i];
        struct chart *chart = &lesson->charts[i];
        build(lesson, q, q->has_timeline ? CHART_TIMELINE : 0, chart);
        if (chart->panel_count > 0 || !q->has_timeline)
            continue;
        chart_done(chart); /* no trace */
        build(lesson, q, 0, chart);
    }
    return render_charts(lesson->charts, lesson->count, false, lesson->drawings, err);
}

static int write_page(const struct lesson *lesson, const char *folder, bool is_key,
                      struct err *err)
{
    char path[PATH_MAX];
    AUTO_FREE char *text = NULL;
    size_t size = 0;
    lesson_page(lesson, is_key, &text, &size);
    (void)snprintf(path, sizeof path, "%.4000s/%s.html", folder,
                   is_key ? "key" : "worksheet");
    return file_write(path, text, size, err);
}

static int write_all(const struct lesson *lesson, const char *folder, struct err *err)
{
    char slides[PATH_MAX];
    (void)snprintf(slides, sizeof slides, "%.4000s/slides", folder);
    return file_make_folder(folder, err) || file_make_folder(slides, err) ||
                   write_page(lesson, folder, false, err) ||
                   write_page(lesson, folder, true, err) ||
                   lesson_slides(lesson, slides, err)
               ? -1
               : 0;
}

static int make(struct lesson *lesson, struct results *const *all, size_t count,
                const char *folder, struct err *err)
{
    if (find_scenarios(lesson, all, count, err))
        return -1;
    int status = draw(lesson, err);
    if (!status)
        status = write_all(lesson, folder, err);
    render_done(lesson->drawings, lesson->count);
    for (size_t i = 0; i < lesson->count; i++)
        chart_done(&lesson->charts[i]);
    return status;
}

int lesson_write(const char *file, char *const *results, size_t count, const char *folder,
                 struct err *err)
{
    AUTO_FREE struct lesson *lesson = memory_calloc(1, sizeof *lesson);
    AUTO_FREE struct results **all = memory_calloc(count + 1, sizeof *all);
    size_t loaded = 0;
    int status = lesson_load(file, lesson, err);
    while (!status && loaded < count) {
        status = load_results(results[loaded], &all[loaded], err);
        loaded += !status;
    }
    if (!status)
        status = make(lesson, all, count, folder, err);
    while (loaded > 0)
        load_free(all[--loaded]);
    json_decref(lesson->json);
    return status;
}
