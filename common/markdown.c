/* markdown.c: see markdown.h. */
#include "common/markdown.h"

#include <string.h>

void markdown_put(FILE *out, const char *text)
{
    for (; text && *text; text++) {
        if (*text == '&' || *text == '<' || *text == '>') {
            (void)fputs(*text == '&' ? "&amp;" : *text == '<' ? "&lt;" : "&gt;", out);
            continue;
        }
        if (strchr("\\`*_{}[]#|~!", *text))
            (void)fputc('\\', out);
        (void)fputc(*text, out);
    }
}
