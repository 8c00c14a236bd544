/* memory: what happens when there is none left.
 *
 * A program without memory has no useful state to go on from: it ends with exit code 1
 * and one line on stderr. What it would leave behind is taken away first. Libraries are
 * given the functions below in place of malloc and its like, so that the rule holds in
 * them too; they cost one call more. */
#ifndef COMMON_MEMORY_H
#define COMMON_MEMORY_H

#include <stddef.h>
#include <stdio.h>

/* Prints "program: out of memory" and ends the process with EXIT_CODE_INTERNAL, without
 * exit handlers, whichever thread calls; of several threads one speaks. */
_Noreturn void memory_exhausted(void);

/* The same with other words: one line, without a line break. */
_Noreturn void memory_end(const char *why);

/* clean(why) is called before the process ends in that way; it may allocate nothing. Not
 * 0: it has said why, and no line is printed. Forked children have it too, until they set
 * another. NULL: nothing. Not for several threads. */
void memory_on_end(int (*clean)(const char *why));

/* As those of the C library, but they never return NULL (of no bytes neither). */
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
 * memory_stream_close. Whatever does not fit into memory ends the program. */
FILE *memory_stream(char **out_text, size_t *out_size);

/* Sets *out_text and *out_size as they are by now. */
void memory_stream_flush(FILE *stream);

/* Closes a stream of memory_stream, whose text this is. */
void memory_stream_close(FILE *stream, char *const *text);

#endif
