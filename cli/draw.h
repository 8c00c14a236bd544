/* draw: pages that concbench-report draws from a document that is in no file. */
#ifndef CLI_DRAW_H
#define CLI_DRAW_H

#include "common/err.h"

#include <jansson.h>
#include <stddef.h>

/* Puts json into a file in memory, so that nothing can be left behind; its path into
 * out_path, valid in programs that we start or become as long as the descriptor is open.
 * Returns the descriptor, which the caller closes, or -1: EXIT_CODE_UNFIT. */
int draw_hold(const json_t *json, char *out_path, size_t size, struct err *err);

/* Has concbench-report draw json as the page html; option says as what: "--compare" or
 * "--hosts". Errors as of report_program_run. */
int draw_page(const json_t *json, const char *option, const char *html, struct err *err);

#endif
