/* first_line: what a program said, in one line. */
#ifndef HARNESS_FIRST_LINE_H
#define HARNESS_FIRST_LINE_H

#include <stddef.h>

/* The first line of what a runner said on stderr, for stderr_line. The loader's remark
 * about a libcurl built without version tags is skipped, since it is harmless. */
void first_line_of(const char *stderr_text, char *out_line, size_t size);

#endif
