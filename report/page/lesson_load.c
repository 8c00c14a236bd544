/* lesson_load.c: a file of lessons/, read and checked; see lesson.h. */
#include "report/page/lesson.h"

#include "common/json.h"
#include "report/data/columns.h"
#include "report/data/load_clean.h"
#include "report/data/load_index.h"

#include <math.h>
#include <string.h>

#define BYTES_MAX ((size_t)1 << 20)
#define TEXT_MAX  400

static int load_answers(const json_t *object, const char *at, struct lesson_question *q,
                        struct err *err)
{
    static const char *const known[] = {"text", "belief", NULL};
    json_t *list = NULL;
    if (json_need_array(object, at, "answers", LESSON_ANSWERS, &list, err))
        return -1;
    if (json_array_size(list) != LESSON_ANSWERS)
        return err_set(err, EXIT_CODE_USAGE, "%s.answers: %d are needed, there are %zu",
                       at, LESSON_ANSWERS, json_array_size(list));
    for (size_t i = 0; i < LESSON_ANSWERS; i++) {
        const json_t *one = json_array_get(list, i);
        struct lesson_answer *answer = &q->answers[i];
        char path[64];
        (void)snprintf(path, sizeof path, "%s.answers[%zu]", at, i);
        answer->belief = "";
        if (json_only_keys(one, path, known, err) ||
            json_need_string(one, path, "text", 1, TEXT_MAX, &answer->text, err) ||
            json_get_string(one, path, "belief", 1, TEXT_MAX, &answer->belief, err))
            return -1;
        if ((i == q->right) == (*answer->belief != '\0'))
            return err_set(err, EXIT_CODE_USAGE,
                           "%s: a wrong answer has a belief, the right one has none",
                           path);
    }
    return 0;
}

static int load_question(const json_t *object, const char *at, struct lesson_question *q,
                         struct err *err)
{
    static const char *const known[] = {"scenario", "ask",     "answers", "right",
                                        "why",      "picture", NULL};
    const char *right = NULL, *picture = "headline";
    if (json_only_keys(object, at, known, err) ||
        json_need_string(object, at, "scenario", 1, 64, &q->scenario_name, err) ||
        json_need_string(object, at, "ask", 1, TEXT_MAX, &q->ask, err) ||
        json_need_string(object, at, "why", 1, TEXT_MAX, &q->why, err) ||
        json_need_string(object, at, "right", 1, 1, &right, err) ||
        json_get_string(object, at, "picture", 1, 16, &picture, err))
        return -1;
    if (*right < 'A' || *right >= 'A' + LESSON_ANSWERS)
        return err_set(err, EXIT_CODE_USAGE, "%s.right: '%s' is not one of A to D", at,
                       right);
    q->right = (size_t)(*right - 'A');
    q->has_timeline = !strcmp(picture, "timeline");
    return load_answers(object, at, q, err);
}

int lesson_load(const char *file, struct lesson *out, struct err *err)
{
    static const char *const known[] = {"title", "questions", NULL};
    json_t *list = NULL;
    *out = (struct lesson){.json = NULL};
    int status = json_load_path(file, BYTES_MAX, &out->json, err);
    if (!status)
        load_clean(out->json);
    if (!status)
        status =
            json_only_keys(out->json, "", known, err) ||
            json_need_string(out->json, "", "title", 1, 80, &out->title, err) ||
            json_need_array(out->json, "", "questions", LESSON_QUESTIONS_MAX, &list, err);
    for (size_t i = 0; !status && i < json_array_size(list); i++) {
        char path[32];
        (void)snprintf(path, sizeof path, "questions[%zu]", i);
        status = load_question(json_array_get(list, i), path,
                               &out->questions[out->count++], err);
    }
    if (status)
        err_prefix(err, "%.300s", file);
    return status ? -1 : 0;
}

size_t lesson_rows(const struct scenario *s, struct lesson_row *rows, size_t max)
{
    struct columns columns = {.count = 0};
    size_t count = 0;
    columns_add(&columns, s, s->headline.metric, COLUMNS_MAX);
    for (size_t m = 0; m < s->model_count && count < max; m++) {
        const struct cell *cell = load_cell(s, s->models[m], s->concurrency_max);
        const double value =
            cell ? cell->metrics[s->headline.metric].median : (double)NAN;
        if (cell && isfinite(value))
            rows[count++] = (struct lesson_row){cell->model, value,
                                                columns_value(&columns, s, cell, 0)};
    }
    return count;
}
