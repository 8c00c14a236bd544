/* answer_values: answers that are values: "Memory of one sleeper: coroutines 4.13 KiB,
 * callbacks 127 B", "Ten at once: 0.10 s instead of 1.00 s", "Threads twice as fast;
 * coroutines as sequential". */
#ifndef ANALYSIS_WORDS_ANSWER_VALUES_H
#define ANALYSIS_WORDS_ANSWER_VALUES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define ANSWER_MODELS_MAX 64
#define ANSWER_NAMED_MAX  3 /* models in a row */

struct answer_value {
    const char *model;
    double value;
};

/* What an answer is made of; borrowed from the parts of a verdict. */
struct answer {
    const json_t *parts, *headline;
    const char *metric; /* the headline's key */
    bool is_more;       /* more is better */
    struct answer_value models[ANSWER_MODELS_MAX];
    size_t count;
    struct answer_value alone; /* one after the other; model NULL: not measured */
    size_t low, high;          /* indices of the extremes */
};

/* Reads the parts. */
void answer_take(const json_t *parts, struct answer *out_answer);

/* A model's name, a new phrase. */
json_t *answer_named(const char *model);

/* Whether its verb is a plural's: "threads were", "stackless was". */
bool answer_is_many(const char *model);

/* New phrases, all of them. The answer where no model has a value; */
json_t *answer_nothing(const struct answer *told);

/* the values themselves; */
json_t *answer_values(const struct answer *told);

/* how they compare with one after the other, or NULL where that says little. */
json_t *answer_alone(const struct answer *told);

#endif
