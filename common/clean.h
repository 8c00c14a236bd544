/* clean: makes text from data harmless for a terminal. Control characters would move its
 * cursor; bidirectional ones would show the text in another order. */
#ifndef COMMON_CLEAN_H
#define COMMON_CLEAN_H

#include <stddef.h>
#include <stdio.h>

/* Copies text to out, cut to size bytes with the NUL, never within a character. Control
 * characters, line breaks too, and bytes that are no UTF-8 become '?'; Unicode's controls
 * (bidirectional ones, C1, line separators, U+FEFF) are shown as "[U+202E]". The source
 * may be invalid or cut UTF-8. Returns the length. */
size_t clean_text(char *out, size_t size, const char *text);

/* Cleans text in place, within its size bytes. The text may be cut: an incomplete last
 * character is dropped, and so is everything after 1,023 bytes. */
void clean_in_place(char *text, size_t size);

/* The same as new memory, which the caller frees. NULL without memory. */
char *clean_dup(const char *text);

/* As fprintf, but the formatted text is cleaned, except for tabs and line breaks. Verbs
 * use it for everything that contains names, titles, paths or reasons. */
void clean_print(FILE *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
