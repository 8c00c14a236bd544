/* paths.c: the suite's own files, found from /proc/self/exe; see paths.h. */
#include "common/paths.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int join(const char *between, const char *name, int mode, char *out_path,
                size_t size, struct err *err)
{
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length < 0)
        return err_set(err, EXIT_CODE_UNFIT, "/proc/self/exe: %s; is /proc mounted?",
                       strerror(errno));
    self[length] = '\0';
    char *slash = strrchr(self, '/');
    if (slash)
        *slash = '\0';
    char path[PATH_MAX];
    int wanted = snprintf(path, sizeof path, "%s/%s%s", self, between, name);
    if (wanted < 0 || (size_t)wanted >= sizeof path || (size_t)wanted >= size)
        return err_set(err, EXIT_CODE_UNFIT, "%.200s: path too long", name);
    if (access(path, mode))
        return err_set(err, EXIT_CODE_UNFIT, "%.400s: %s; build it with `make build`",
                       path, strerror(errno));
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

bool paths_find(const char *name, char *out_path, size_t size)
{
    const char *path = getenv("PATH"); // NOLINT(concurrency-mt-unsafe): one thread
    for (const char *at = path && *path ? path : "/usr/bin:/bin"; *at;) {
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

const char *paths_results(const char *given)
{
    static const char latest[] = "results/latest";
    const bool is_meant =
        !strcmp(given, "latest") && access(given, F_OK) && !access(latest, F_OK);
    return is_meant ? latest : given;
}
