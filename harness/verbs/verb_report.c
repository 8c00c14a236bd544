/* verb_report.c: becomes bin/concbench-report, which knows its own options. */
#include "harness/verbs/verbs.h"

#include "common/paths.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

int verb_report(int argc, char **argv, struct err *err)
{
    (void)argc;
    char program[PATH_MAX];
    if (paths_program("concbench-report", program, sizeof program, err))
        return err->code;
    argv[0] = program;
    (void)execv(program, argv);
    return err_set(err, EXIT_CODE_UNFIT, "cannot start %.300s: %s", program,
                   strerror(errno));
}
