/* clean: text that comes from data, made harmless for a terminal. Control characters
 * would move its cursor, bidirectional ones show a text other than it is. */
#ifndef COMMON_CLEAN_H
#define COMMON_CLEAN_H

#include <stddef.h>
#include <stdio.h>

/* Copies text to out, cut to size bytes with the NUL, never within a character. Control
 * characters, line breaks too, and bytes that are no UTF-8 become '?'; Unicode's controls
 * (bidirectional ones, C1, line separators, U+FEFF) are shown as "[U+202E]". The source
 * may be invalid or cut UTF-8. Returns the length. */
size_t clean_text(char *out, size_t size, const char *text);

/* The same within the size bytes of text itself, which may be cut: a character that it
 * ends within is dropped, and what comes after 1,023 bytes. */
void clean_in_place(char *text, size_t size);

/* The same as new memory, which the caller frees. NULL without memory. */
char *clean_dup(const char *text);

/* fprintf whose text, format and arguments, is cleaned, except for tabs and line breaks.
 * For all that a verb prints of names, titles, paths and reasons. */
void clean_print(FILE *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
