/* libcurls: adds the models of a scenario once more with another libcurl: `concbench run
 * --libcurl DIR`. The runners link libcurl dynamically, so it is the same binary. */
#ifndef HARNESS_LIBCURLS_H
#define HARNESS_LIBCURLS_H

#include "common/err.h"
#include "common/options.h"

#include <jansson.h>

#define LIBCURLS_FILE "libcurl.so.4"

/* Adds to "runners" and "models" of a scenario's json, for each directory of dirs and
 * behind each model that uses libcurl, the same model with the LIBCURLS_FILE there:
 * MODEL.libcurl-VERSION. A runner that is started with it gives the version.
 * EXIT_CODE_USAGE when there is no libcurl in the directory, it is the runners' own or
 * was given already, a runner does not start with it or still loads another, or no model
 * uses libcurl. */
int libcurls_add(json_t *json, const struct option_list *dirs, struct err *err);

#endif
