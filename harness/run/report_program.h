/* report_program: runs concbench-report and waits for it. */
#ifndef HARNESS_REPORT_PROGRAM_H
#define HARNESS_REPORT_PROGRAM_H

#include "common/cpus.h"
#include "common/err.h"

#include <signal.h>

struct report_request {
    const char *const *words; /* borrowed; its arguments, NULL at the end */
    const struct cpus *cpus;  /* borrowed or NULL; that it may use */
    const volatile sig_atomic_t *interrupted; /* borrowed or NULL; set by a handler of
                                                 SIGHUP, SIGINT or SIGTERM */
};

/* 0 when it has made its page. What it prints on stdout is dropped, on stderr it says
 * itself what is wrong. An interrupt is passed on as SIGTERM, and SIGKILL follows after a
 * second; when the harness dies it gets SIGTERM from the kernel. EXIT_CODE_UNFIT or
 * EXIT_CODE_INTERNAL, with a text that begins with `failure`. */
int report_program_run(const struct report_request *request, const char *failure,
                       struct err *err);

#endif
