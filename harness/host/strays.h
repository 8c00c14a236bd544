/* strays: what a runner leaves behind when its launcher dies first, or when it is asked
 * what it is. While it runs the harness is a subreaper, so whatever is orphaned then becomes its child: daemons
 * with a session of their own, another user, an emptied environment too. A process that
 * was a child before (an origin) is not a stray. */
#ifndef HARNESS_STRAYS_H
#define HARNESS_STRAYS_H

#include "common/err.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define STRAYS_BEFORE_MAX 64
#define STRAYS_LIMIT_MS   UINT64_C(4000) /* they have this long to end when killed */

struct strays {
    pid_t before[STRAYS_BEFORE_MAX]; /* children that are to live */
    size_t before_count;
};

/* Before the launcher is started; there may be no child yet that ends during the trial.
 * Makes this process a subreaper. */
void strays_begin(struct strays *out_strays);

/* After the launcher was reaped. Kills and reaps every child that was not there at the
 * beginning, until there is none; *out_ended is how many. Is no subreaper afterwards.
 * EXIT_CODE_UNFIT, naming one, when some live on after 4 s: nothing may be measured
 * beside them. */
int strays_end(const struct strays *strays, unsigned int *out_ended, struct err *err);

#endif
