/* gnuplot: runs the constant script charts/canvas.gp. gnuplot is a program with a shell
 * inside, so it gets a fixed script, an empty environment, no start-up file, a private
 * folder and a time limit. It returns 0 even for a full disk, so its files are checked.
 */
#ifndef REPORT_GNUPLOT_H
#define REPORT_GNUPLOT_H

#include "common/err.h"

#include <stddef.h>
#include <stdint.h>

/* The script's arguments: see canvas.gp. Numbers only. */
struct gnuplot_job {
    const char *terminal; /* "svg" or "png" */
    const char *widths, *heights;
    const char *first, *step;
};

/* The absolute path of gnuplot on PATH. EXIT_CODE_UNFIT, naming the package, if there is
 * none. */
int gnuplot_find(char *out_path, size_t size, struct err *err);

/* Runs all jobs at once in folder and waits for them, limit_ms at most. program and
 * script are absolute. EXIT_CODE_UNFIT, with gnuplot's last words, when one fails. */
int gnuplot_run(const char *program, const char *script, const char *folder,
                const struct gnuplot_job *jobs, size_t count, uint64_t limit_ms,
                struct err *err);

#endif
