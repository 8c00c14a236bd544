/* shell_words: a command as text and as words, without a shell. */
#ifndef COMMON_SHELL_WORDS_H
#define COMMON_SHELL_WORDS_H

#include "common/err.h"

#include <stddef.h>

/* Splits text as a shell splits a simple command: blanks separate words, '...' keeps all
 * it encloses, "..." all but \" and \\, elsewhere a backslash keeps the next character.
 * Nothing is expanded: $x, * and ~ are characters like others. *out_words is new,
 * NULL-terminated, *out_count words long (0 for blank text); shell_words_free frees it.
 * EXIT_CODE_USAGE when a quote has no end. */
int shell_words_split(const char *text, char ***out_words, size_t *out_count,
                      struct err *err);

void shell_words_free(char **words); /* NULL-safe */

#endif
