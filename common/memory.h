/* memory: how a program ends when it runs out of memory.
 *
 * A program that has run out of memory has no useful state to continue from. It ends with
 * exit code 1 and one line on stderr, after removing what it would leave behind.
 * Libraries get the functions below in place of malloc and its relatives, so the rule
 * holds in them too; the price is one more call. */
#ifndef COMMON_MEMORY_H
#define COMMON_MEMORY_H

#include <stddef.h>
#include <stdio.h>

/* Prints "program: out of memory" and ends the process with EXIT_CODE_INTERNAL, without
 * exit handlers, whichever thread calls. When several threads call, only one prints the
 * line. */
_Noreturn void memory_exhausted(void);

/* The same with a text of the caller's: one line, without a line break. */
_Noreturn void memory_end(const char *why);

/* Sets the function that is called before the process ends in that way. It must not
 * allocate. If it returns anything but 0, it has reported the reason itself and no line
 * is printed. Forked children inherit it until they set another. NULL removes it. Not
 * thread-safe. */
void memory_on_end(int (*clean)(const char *why));

/* Returns memory, which is not NULL: NULL ends the program. */
void *memory_must(void *memory);

/* As the functions of the C library, but they never return NULL, not even for 0 bytes. */
void *memory_malloc(size_t size);
void *memory_calloc(size_t count, size_t size);
void *memory_realloc(void *old, size_t size);
char *memory_strdup(const char *text);
char *memory_strndup(const char *text, size_t length);

/* The same as OpenSSL wants them; to make nothing of old frees it. */
void *memory_malloc_at(size_t size, const char *file, int line);
void *memory_realloc_at(void *old, size_t size, const char *file, int line);
void memory_free_at(void *memory, const char *file, int line);

/* A stream into memory: *out_text (to be freed) and *out_size are set by
 * memory_stream_close. Running out of memory ends the program. */
FILE *memory_stream(char **out_text, size_t *out_size);

/* Sets *out_text and *out_size to what has been written so far. */
void memory_stream_flush(FILE *stream);

/* Closes a stream of memory_stream; text is the out_text that it was opened with. */
void memory_stream_close(FILE *stream, char *const *text);

#endif
