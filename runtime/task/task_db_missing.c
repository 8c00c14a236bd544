/* task_db_missing.c: what stands for task_db.c in a build without libpq's headers. */
#include "runtime/task/task.h"

static int check(const struct settings *settings, struct err *err)
{
    (void)settings;
    return err_set(
        err, EXIT_CODE_USAGE,
        "this build has no libpq, which task db needs: install the package libpq-dev "
        "and build again");
}

const struct task task_db = {.name = "db", .check = check};
