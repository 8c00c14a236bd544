/* summary: what a person reads when a runner is used alone, as a small ab. */
#ifndef RUNTIME_SUMMARY_H
#define RUNTIME_SUMMARY_H

#include "common/err.h"

#include <stdio.h>

struct run;

/* Prints the summary of a finished run on stdout. EXIT_CODE_UNFIT when it cannot. */
int summary_print(const struct run *run, struct err *err);

/* Prints a line for each class of failures there was, with its reason. program is
 * "runner-threads". */
void summary_complain(const struct run *run, const char *program, FILE *out);

#endif
