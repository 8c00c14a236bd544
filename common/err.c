/* err.c: one error on the caller's stack; see err.h. */
#include "common/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void make_one_line(char *text)
{
    for (unsigned char *p = (unsigned char *)text; *p; p++) {
        if (*p < 0x20 || *p == 0x7f)
            *p = '?';
    }
}

#undef err_set /* see err.h */
int err_set(struct err *err, enum exit_code code, const char *format, ...)
{
    if (err && err->code == EXIT_CODE_OK) {
        va_list args;
        va_start(args, format);
        (void)vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
        make_one_line(err->text);
        err->code = code;
    }
    return -(int)code;
}

void err_prefix(struct err *err, const char *format, ...)
{
    if (!err || err->code == EXIT_CODE_OK)
        return;
    char old[sizeof err->text];
    memcpy(old, err->text, sizeof old);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    make_one_line(err->text);
    size_t used = strlen(err->text);
    (void)snprintf(err->text + used, sizeof err->text - used, ": %s", old);
}

int err_report(const struct err *err, const char *program)
{
    (void)fprintf(stderr, "%s: %s\n", program, err->text);
    return err->code;
}
