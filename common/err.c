/* err.c: one error on the caller's stack; see err.h. */
#include "common/err.h"

#include "common/clean.h"
#include "common/fold.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Cleaning makes the raw text longer or shorter. */
__attribute__((format(printf, 3, 0))) static void
format_clean_line(char *out_text, size_t size, const char *format, va_list args)
{
    char raw[2 * sizeof((struct err *)0)->text];
    // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): both callers start it
    (void)vsnprintf(raw, sizeof raw, format, args);
    (void)clean_text(out_text, size, raw);
}

#undef err_set /* see err.h */
int err_set(struct err *err, enum exit_code code, const char *format, ...)
{
    if (err && err->code == EXIT_CODE_OK) {
        va_list args;
        va_start(args, format);
        format_clean_line(err->text, sizeof err->text, format, args);
        va_end(args);
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
    format_clean_line(err->text, sizeof err->text, format, args);
    va_end(args);
    size_t used = strlen(err->text);
    (void)snprintf(err->text + used, sizeof err->text - used, ": %s", old);
}

int err_report(const struct err *err, const char *program)
{
    FILE *lines = fold_open(stderr, 0);
    (void)fprintf(lines, "%s: %s\n", program, err->text);
    fold_close(lines, stderr);
    return err->code;
}
