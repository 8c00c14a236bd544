/* lesson: what a class gets of one lesson: worksheet.html with the questions alone,
 * key.html with the answers and what was measured here, and slides/. A lesson is a file of
 * lessons/; its questions are about scenarios. */
#ifndef REPORT_LESSON_H
#define REPORT_LESSON_H

#include "report/page/page.h"

#define LESSON_QUESTIONS_MAX 4
#define LESSON_ANSWERS       4

struct lesson_answer {
    const char *text;
    const char
        *belief; /* what one who chooses it believes, and why not; "": it is right */
};

struct lesson_question {
    const char *scenario_name, *ask, *why;
    struct lesson_answer answers[LESSON_ANSWERS];
    size_t right; /* index of answers */
    bool has_timeline;
    const struct results *results; /* where its scenario was found */
    const struct scenario *scenario;
};

/* Strings are borrowed from json. */
struct lesson {
    json_t *json; /* owned */
    const char *title;
    struct lesson_question questions[LESSON_QUESTIONS_MAX];
    size_t count;
    struct palette palette;
    struct chart charts[LESSON_QUESTIONS_MAX]; /* what the key shows of each question */
    struct drawing drawings[LESSON_QUESTIONS_MAX];
};

/* Reads and checks the lesson in file. EXIT_CODE_USAGE with the path inside the file;
 * json_decref(out_lesson->json) is due in any case. */
int lesson_load(const char *file, struct lesson *out_lesson, struct err *err);

/* Reads the lesson in file and the results, in which each of its scenarios has to be, and
 * writes all of it into folder. Errors: EXIT_CODE_USAGE, EXIT_CODE_UNFIT. */
int lesson_write(const char *file, char *const *results, size_t count, const char *folder,
                 struct err *err);

/* The parts: a page as new text, and the slides into folder, which is there. */
void lesson_page(const struct lesson *lesson, bool is_key, char **out_text,
                 size_t *out_size);
int lesson_slides(const struct lesson *lesson, const char *folder, struct err *err);

/* The models that were measured and their value of the headline, as the key shows them:
 * the rows, at most max. */
struct lesson_row {
    const char *model;
    double value;
    struct text text;
};
size_t lesson_rows(const struct scenario *scenario, struct lesson_row *out_rows,
                   size_t max);

#endif
