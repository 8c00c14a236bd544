/* suggest: the known word that is nearest to a misspelt one, for error messages.
 *
 *   struct suggest suggest = suggest_for("corutines");
 *   suggest_try(&suggest, "threads");
 *   suggest_try(&suggest, "coroutines");
 *   err_set(err, ..., "unknown model '%s'%s", name, suggest_text(&suggest));
 *
 * Distance is the number of letters that are missing, too many, wrong, or swapped
 * with their neighbour (Damerau and Levenshtein, each pair of letters swapped once);
 * up to two count as a slip. Case, and the choice between '-' and '_', do not count.
 * Source: Damerau, "A technique for computer detection and correction of spelling
 * errors", 1964. */
#ifndef COMMON_SUGGEST_H
#define COMMON_SUGGEST_H

#include <stddef.h>

#define SUGGEST_WORD_MAX 64 /* longer words match nothing */

struct suggest {
    const char *given; /* borrowed */
    size_t distance;   /* of the best so far; SUGGEST_WORD_MAX: there is none */
    char best[SUGGEST_WORD_MAX + 1];
    char text[SUGGEST_WORD_MAX + 24];
};

/* A search that has seen no word yet; given is borrowed. */
struct suggest suggest_for(const char *given);

/* Offers a known word. Of several that are equally near, the first is kept. */
void suggest_try(struct suggest *suggest, const char *word);

/* Offers each word of a list such as "a|b" or "a, b": what is between any of the
 * separators. */
void suggest_try_list(struct suggest *suggest, const char *list, const char *separators);

/* The best word, or NULL when none is near enough. */
const char *suggest_word(const struct suggest *suggest);

/* "; did you mean 'coroutines'?", or "" when no word is near enough. It lives as long as
 * the search. */
const char *suggest_text(struct suggest *suggest);

/* How many slips are between the two, at most SUGGEST_WORD_MAX. */
size_t suggest_distance(const char *a, const char *b);

#endif
