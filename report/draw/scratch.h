/* scratch: the temporary folder that gnuplot works in. It is named after its process, so
 * that a later process can find and remove what a killed one has left. */
#ifndef REPORT_SCRATCH_H
#define REPORT_SCRATCH_H

#include "common/err.h"

#include <stddef.h>

/* Makes <TMPDIR or /tmp>/concbench-report.NAMESPACE-PID-START.XXXXXX and removes the
 * folders beside it whose process, of this user and pid namespace, has ended.
 * EXIT_CODE_UNFIT when it cannot be made; *out_folder is "" then. Out of memory, a
 * program removes the folder too (common/memory.h): out_folder stays where it is until
 * then. */
int scratch_make(char *out_folder, size_t size, struct err *err);

/* Removes the folder and the plain files in it; nothing for "". */
void scratch_remove(const char *folder);

#endif
