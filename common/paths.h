/* paths: where the suite's own files are, found from the running program, so that a build
 * tree can be moved or installed: bin/concbench, bin/runner-*, share/concbench/... */
#ifndef COMMON_PATHS_H
#define COMMON_PATHS_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

/* The absolute path of the program `name` that lies beside the running one, e.g.
 * "runner-threads". EXIT_CODE_UNFIT if it is not executable. */
int paths_program(const char *name, char *out_path, size_t size, struct err *err);

/* Whether path is a file that can be executed. */
bool paths_is_program(const char *path);

/* Looks for the program `name` in the folders of PATH, as a shell does; of these only
 * absolute ones count. Without PATH: /usr/bin and /bin. false when there is none, or its
 * path has no room in size bytes. */
bool paths_find(const char *name, char *out_path, size_t size);

/* Where the results are that a command line names: "latest" is results/latest, unless a
 * file here has that name; all else is what it is. Borrowed from given, or constant. */
const char *paths_results(const char *given);

/* The absolute path of share/concbench/<name>, e.g. "scenarios". EXIT_CODE_UNFIT if it
 * does not exist. */
int paths_share(const char *name, char *out_path, size_t size, struct err *err);

#endif
