/* suggest.c: see suggest.h. */
#include "common/suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define SLIPS_MAX 2
#define SHORT_MAX 3 /* two slips turn a word this short into another */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int folded(char letter)
{
    return letter == '_' ? '-' : tolower((unsigned char)letter);
}

/* One row of the table of distances: of the first i letters of a and all beginnings of b.
 * before and above are the two rows before it. */
static void fill_row(const char *a, size_t i, const char *b, size_t length,
                     const size_t *before, const size_t *above, size_t *out_row)
{
    out_row[0] = i;
    for (size_t j = 1; j <= length; j++) {
        const bool is_same = folded(a[i - 1]) == folded(b[j - 1]);
        size_t best = least(above[j] + 1, out_row[j - 1] + 1);
        best = least(best, above[j - 1] + !is_same);
        if (i > 1 && j > 1 && folded(a[i - 1]) == folded(b[j - 2]) &&
            folded(a[i - 2]) == folded(b[j - 1]))
            best = least(best, before[j - 2] + 1);
        out_row[j] = best;
    }
}

size_t suggest_distance(const char *a, const char *b)
{
    size_t rows[3][SUGGEST_WORD_MAX + 1] = {{0}};
    const size_t height = strlen(a), length = strlen(b);
    if (height > SUGGEST_WORD_MAX || length > SUGGEST_WORD_MAX)
        return SUGGEST_WORD_MAX;
    for (size_t j = 0; j <= length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= height; i++)
        fill_row(a, i, b, length, rows[(i + 1) % 3], rows[(i + 2) % 3], rows[i % 3]);
    return rows[height % 3][length];
}

struct suggest suggest_for(const char *given)
{
    return (struct suggest){.given = given, .distance = SUGGEST_WORD_MAX};
}

/* Fewer letters may be wrong than the word has; otherwise any word would match. */
static bool is_near(const char *given, const char *word, size_t distance)
{
    const size_t letters = least(strlen(given), strlen(word));
    return distance <= (letters <= SHORT_MAX ? 1 : SLIPS_MAX) && distance < letters;
}

void suggest_try(struct suggest *suggest, const char *word)
{
    const size_t distance = suggest_distance(suggest->given, word);
    if (distance >= suggest->distance || !is_near(suggest->given, word, distance))
        return;
    suggest->distance = distance;
    (void)snprintf(suggest->best, sizeof suggest->best, "%s", word);
}

void suggest_try_list(struct suggest *suggest, const char *list, const char *separators)
{
    for (const char *at = list + strspn(list, separators); *at;) {
        const size_t length = strcspn(at, separators);
        char word[SUGGEST_WORD_MAX + 1];
        if (length < sizeof word) {
            (void)snprintf(word, sizeof word, "%.*s", (int)length, at);
            suggest_try(suggest, word);
        }
        at += length;
        at += strspn(at, separators);
    }
}

const char *suggest_word(const struct suggest *suggest)
{
    return *suggest->best ? suggest->best : NULL;
}

const char *suggest_text(struct suggest *suggest)
{
    if (*suggest->best)
        (void)snprintf(suggest->text, sizeof suggest->text, "; did you mean '%s'?",
                       suggest->best);
    return suggest->text;
}
