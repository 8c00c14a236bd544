/* checks: those behind the rows of conform.c; each fills in its finding. */
#ifndef CLI_CHECKS_H
#define CLI_CHECKS_H

#include "cli/conform/conform.h"

#define CHECK_FUNCTION(name)                                                             \
    void name(struct conform *conform, const struct check *check, struct finding *finding)

/* checks_line.c: what is said on the command line and on stdout and stderr */
CHECK_FUNCTION(check_help);
CHECK_FUNCTION(check_flags);
CHECK_FUNCTION(check_bad_flags);
CHECK_FUNCTION(check_no_url);
CHECK_FUNCTION(check_concurrency);
CHECK_FUNCTION(check_tasks);

/* Whether the command ends with exit code 2, one line on stderr and nothing on stdout. */
bool checks_refused(struct conform *conform, const char *words, struct finding *finding);

/* checks_describe.c: what --describe says, and whether it is so */
CHECK_FUNCTION(check_describe);

/* checks_document.c: what the document says of simple requests */
CHECK_FUNCTION(check_document);
CHECK_FUNCTION(check_stdout);
CHECK_FUNCTION(check_quiet);
CHECK_FUNCTION(check_counts);
CHECK_FUNCTION(check_bytes);
CHECK_FUNCTION(check_times);
CHECK_FUNCTION(check_cpu);
CHECK_FUNCTION(check_trace);

/* checks_load.c: connections, concurrency, arrivals, failures */
CHECK_FUNCTION(check_keepalive);
CHECK_FUNCTION(check_no_keepalive);
CHECK_FUNCTION(check_warm);
CHECK_FUNCTION(check_in_flight);
CHECK_FUNCTION(check_together);
CHECK_FUNCTION(check_proxy);
CHECK_FUNCTION(check_open_loop);
CHECK_FUNCTION(check_lag);
CHECK_FUNCTION(check_redirect);
CHECK_FUNCTION(check_failure); /* detail: a struct check_fault */

struct check_fault {
    const char *outcome; /* failure class */
    const char *scheme, *path;
    bool is_refused;  /* nothing listens there */
    bool is_stall;    /* it ends by --timeout-ms */
    bool is_counted;  /* the faulty server sees each request */
    bool is_optional; /* a runner may refuse the scheme, with exit code 2 */
};

/* checks_end.c: how it ends */
CHECK_FUNCTION(check_leftovers);
CHECK_FUNCTION(check_signal); /* detail: an int, the signal */

#endif
