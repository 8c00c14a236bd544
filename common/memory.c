/* memory.c: the end of a program without memory; see memory.h. */
#include "common/memory.h"

#include "common/err.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static int (*clean_up)(const char *why);

/* Not by stdio, which may want a buffer or a lock. */
static void say(const char *why)
{
    const char *program = program_invocation_short_name;
    const struct iovec parts[] = {{(void *)(uintptr_t)program, strlen(program)},
                                  {(void *)(uintptr_t) ": ", 2},
                                  {(void *)(uintptr_t)why, strlen(why)},
                                  {(void *)(uintptr_t) "\n", 1}};
    while (writev(STDERR_FILENO, parts, 4) < 0 && errno == EINTR)
        continue;
}

void memory_end(const char *why)
{
    static atomic_int enders;
    static _Thread_local int is_ending;
    if (is_ending++) /* the clean-up ran out of memory as well */
        _exit(EXIT_CODE_INTERNAL);
    while (atomic_fetch_add(&enders, 1) > 0) /* another thread ends the process */
        (void)pause();
    if (!clean_up || !clean_up(why))
        say(why);
    _exit(EXIT_CODE_INTERNAL);
}

void memory_exhausted(void)
{
    memory_end("out of memory");
}

void memory_on_end(int (*clean)(const char *why))
{
    clean_up = clean;
}

void *memory_must(void *memory)
{
    if (!memory)
        memory_exhausted();
    return memory;
}

void *memory_malloc(size_t size)
{
    return memory_must(malloc(size ? size : 1));
}

void *memory_calloc(size_t count, size_t size)
{
    return memory_must(count && size ? calloc(count, size) : calloc(1, 1));
}

void *memory_realloc(void *old, size_t size)
{
    return memory_must(realloc(old, size ? size : 1));
}

char *memory_strdup(const char *text)
{
    return memory_must(strdup(text));
}

char *memory_strndup(const char *text, size_t length)
{
    return memory_must(strndup(text, length));
}

void *memory_malloc_at(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return memory_malloc(size);
}

void *memory_realloc_at(void *old, size_t size, const char *file, int line)
{
    if (size > 0)
        return memory_realloc(old, size);
    memory_free_at(old, file, line);
    return NULL;
}

void memory_free_at(void *memory, const char *file, int line)
{
    (void)file;
    (void)line;
    free(memory);
}

FILE *memory_stream(char **out_text, size_t *out_size)
{
    return memory_must(open_memstream(out_text, out_size));
}

void memory_stream_flush(FILE *stream)
{
    if (fflush(stream) || ferror(stream))
        memory_exhausted();
}

void memory_stream_close(FILE *stream, char *const *text)
{
    /* when the last byte has no room, fclose succeeds and leaves no text */
    if (fclose(stream) || !*text)
        memory_exhausted();
}
