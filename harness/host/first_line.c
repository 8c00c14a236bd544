/* first_line.c: see first_line.h. */
#include "harness/host/first_line.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_harmless(const char *line, size_t length)
{
    static const char said[] = ": no version information available (required by ";
    return memmem(line, length, said, sizeof said - 1) != NULL;
}

void first_line_of(const char *stderr_text, char *out_line, size_t size)
{
    const char *line = stderr_text;
    size_t length = strcspn(line, "\n");
    while (is_harmless(line, length)) {
        line += length + (line[length] == '\n');
        length = strcspn(line, "\n");
    }
    (void)snprintf(out_line, size, "%.*s", (int)length, line);
}
