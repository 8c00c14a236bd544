/* clean: makes text from data harmless for a terminal. Control characters would move its
 * cursor; bidirectional ones would show the text in another order. */
#ifndef COMMON_CLEAN_H
#define COMMON_CLEAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Copies text to out, cut to size bytes with the NUL, never within a character. Line
 * breaks and tabs become blanks, other control characters and bytes that are no UTF-8
 * '?'; Unicode's controls (bidirectional ones, C1, line separators, U+FEFF) are shown as
 * "[U+202E]". The source may be invalid or cut UTF-8. Returns the length. */
size_t clean_text(char *out, size_t size, const char *text);

/* Cleans text in place, within its size bytes. The text may be cut: an incomplete last
 * character is dropped, and so is everything after 1,023 bytes. */
void clean_in_place(char *text, size_t size);

/* The same as new memory, which the caller frees. NULL without memory. */
char *clean_dup(const char *text);

/* Whether clean_text would leave it as it is. */
bool clean_is_clean(const char *text);

/* fprintf whose text, format and arguments, is cleaned, except for tabs and line breaks.
 * For all that a verb prints of names, titles, paths and reasons. */
void clean_print(FILE *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Writes the text of a JSON document with these characters escaped ("\u202e"): it means
 * the same. The text is valid, as a serializer makes it. */
void clean_json(FILE *out, const char *json);

#endif
