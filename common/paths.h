/* paths: where the suite's own files are, found from the running program, so that a build
 * tree can be moved or installed: bin/concbench, bin/runner-*, share/concbench/...; and
 * where results go. */
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

/* Where runs go unless --out says otherwise: $CONCBENCH_RESULTS; else results, in a
 * checkout of concbench; else concbench in $XDG_STATE_HOME, which is ~/.local/state if it
 * is not set (freedesktop.org, XDG Base Directory Specification 0.8). Not made here.
 * Static; the first call reads the environment, so it belongs into one thread. */
const char *paths_results_folder(void);

/* The same, for the help of an option. */
#define PATHS_RESULTS_HELP                                                               \
    "(default $CONCBENCH_RESULTS, else results in a checkout, else "                     \
    "~/.local/state/concbench)"

/* Where the results are that a command line names: "latest" is latest in the folder of
 * the results, unless a file here has that name; all else is what it is. Borrowed from
 * given, or static. One thread. */
const char *paths_results(const char *given);

/* The absolute path of share/concbench/<name>, e.g. "scenarios". EXIT_CODE_UNFIT if it
 * does not exist. */
int paths_share(const char *name, char *out_path, size_t size, struct err *err);

#endif
