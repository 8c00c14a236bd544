/* summary: what a person reads when a runner is used alone, as a small ab. */
#ifndef CORE_SUMMARY_H
#define CORE_SUMMARY_H

#include "common/err.h"

struct run;

/* Prints the summary of a finished run on stdout. EXIT_CODE_UNFIT when it cannot. */
int summary_print(const struct run *run, struct err *err);

#endif
