/* verbs: what `concbench VERB` does, one file each. Each takes argc and argv from the
 * verb on (argv[0] is the verb), prints its result on stdout, and returns the exit code
 * with which main ends. An error that fills err comes before that: main prints it and ends
 * with its code, whatever the verb returned. */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "common/err.h"

int verb_run(int argc, char **argv, struct err *err);
int verb_rerun(int argc, char **argv, struct err *err);
int verb_tune(int argc, char **argv, struct err *err);
int verb_show(int argc, char **argv, struct err *err);
int verb_report(int argc, char **argv, struct err *err);
int verb_compare(int argc, char **argv, struct err *err);
int verb_merge(int argc, char **argv, struct err *err);
int verb_export(int argc, char **argv, struct err *err);
int verb_check(int argc, char **argv, struct err *err);
int verb_conform(int argc, char **argv, struct err *err);
int verb_doctor(int argc, char **argv, struct err *err);
int verb_lesson(int argc, char **argv, struct err *err);
int verb_list(int argc, char **argv, struct err *err);
int verb_validate(int argc, char **argv, struct err *err);

#endif
