/* paths.c: the suite's own files, found from /proc/self/exe; see paths.h. */
#include "common/paths.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
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
