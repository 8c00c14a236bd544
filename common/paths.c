/* paths.c: the suite's own files, found from /proc/self/exe; see paths.h. */
#include "common/paths.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folder of the running program. */
static int own_folder(char out_path[PATH_MAX], struct err *err)
{
    ssize_t length = readlink("/proc/self/exe", out_path, PATH_MAX - 1);
    if (length < 0)
        return err_set(err, EXIT_CODE_UNFIT, "/proc/self/exe: %s; is /proc mounted?",
                       strerror(errno));
    out_path[length] = '\0';
    char *slash = strrchr(out_path, '/');
    if (slash)
        *slash = '\0';
    return 0;
}

/* What to do about a file that is missing beside programs in folder. */
static const char *remedy(const char *folder)
{
    static const char installed[] = "/lib/concbench/bin";
    const size_t length = strlen(folder), end = sizeof installed - 1;
    return length >= end && !strcmp(folder + length - end, installed)
               ? "this installation of concbench is not whole, install it again"
               : "build it with `make build`";
}

static int join(const char *between, const char *name, int mode, char *out_path,
                size_t size, struct err *err)
{
    char folder[PATH_MAX], path[PATH_MAX];
    if (own_folder(folder, err))
        return -1;
    int wanted = snprintf(path, sizeof path, "%s/%s%s", folder, between, name);
    if (wanted < 0 || (size_t)wanted >= sizeof path || (size_t)wanted >= size)
        return err_set(err, EXIT_CODE_UNFIT, "%.200s: path too long", name);
    if (access(path, mode))
        return err_set(err, EXIT_CODE_UNFIT, "%.400s: %s; %s", path, strerror(errno),
                       remedy(folder));
    memcpy(out_path, path, (size_t)wanted + 1);
    return 0;
}

int paths_program(const char *name, char *out_path, size_t size, struct err *err)
{
    return join("", name, X_OK, out_path, size, err);
}

int paths_share(const char *name, char *out_path, size_t size, struct err *err)
{
    return join("../share/concbench/", name, R_OK, out_path, size, err);
}

bool paths_is_program(const char *path)
{
    struct stat st;
    return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

/* The value of an environment variable, or NULL where it is unset or empty. */
static const char *environment(const char *name)
{
    const char *value = getenv(name); // NOLINT(concurrency-mt-unsafe): one thread
    return value && *value ? value : NULL;
}

bool paths_find(const char *name, char *out_path, size_t size)
{
    const char *path = environment("PATH");
    for (const char *at = path ? path : "/usr/bin:/bin"; *at;) {
        const size_t length = strcspn(at, ":");
        const int written =
            length < PATH_MAX ? snprintf(out_path, size, "%.*s/%s", (int)length, at, name)
                              : -1;
        if (*at == '/' && written > 0 && (size_t)written < size &&
            paths_is_program(out_path))
            return true;
        at += length + (at[length] == ':');
    }
    return false;
}

const char *paths_results_folder(void)
{
    static char folder[PATH_MAX];
    const char *given = environment("CONCBENCH_RESULTS"),
               *state = environment("XDG_STATE_HOME"), *home = environment("HOME");
    if (given)
        (void)snprintf(folder, sizeof folder, "%s", given);
    else if (!access("results/schema/results.schema.json", F_OK))
        return "results";
    else if (state && *state == '/')
        (void)snprintf(folder, sizeof folder, "%s/concbench", state);
    else
        (void)snprintf(folder, sizeof folder, "%s/.local/state/concbench",
                       home ? home : "");
    return folder;
}

const char *paths_results(const char *given)
{
    static char latest[PATH_MAX];
    const int length =
        snprintf(latest, sizeof latest, "%s/latest", paths_results_folder());
    const bool is_meant = !strcmp(given, "latest") && access(given, F_OK) &&
                          length < (int)sizeof latest && !access(latest, F_OK);
    return is_meant ? latest : given;
}
