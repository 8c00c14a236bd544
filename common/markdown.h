/* markdown: text of others as Markdown that shows it as it is. */
#ifndef COMMON_MARKDOWN_H
#define COMMON_MARKDOWN_H

#include <stdio.h>

/* Writes text (NULL: nothing) with everything escaped that Markdown or HTML would act
 * on. */
void markdown_put(FILE *out, const char *text);

#endif
