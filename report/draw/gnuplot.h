/* gnuplot: runs the scripts of plot.h. gnuplot is a program with a shell inside, so no
 * text of data is in a script, and it gets an empty environment, no start-up file, a
 * private folder and a time limit. It returns 0 even for a full disk, so its files are
 * checked. */
#ifndef REPORT_GNUPLOT_H
#define REPORT_GNUPLOT_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The absolute path of gnuplot on PATH. EXIT_CODE_UNFIT, naming the package, if there is
 * none. */
int gnuplot_find(char *out_path, size_t size, struct err *err);

/* Runs the scripts NAME.gp in folder, shared by a few processes, and waits for these,
 * limit_ms at most. Each writes NAME.svg, and NAME.png with has_png. program is absolute.
 * EXIT_CODE_UNFIT, with gnuplot's last words, when one fails. */
int gnuplot_run(const char *program, const char *folder, const char *const *names,
                size_t count, bool has_png, uint64_t limit_ms, struct err *err);

#endif
