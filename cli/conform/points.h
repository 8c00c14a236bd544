/* points: the checks behind the rows of conform.c; each fills in its finding. */
#ifndef CLI_POINTS_H
#define CLI_POINTS_H

#include "cli/conform/conform.h"

#define POINT_CHECK(name)                                                                \
    void name(struct conform *conform, const struct point *point, struct finding *finding)

/* points_line.c: what is said on the command line and on stdout and stderr */
POINT_CHECK(point_help);
POINT_CHECK(point_flags);
POINT_CHECK(point_bad_flags);
POINT_CHECK(point_no_url);
POINT_CHECK(point_concurrency);
POINT_CHECK(point_tasks);

/* Whether the command ends with exit code 2, one line on stderr and nothing on stdout. */
bool points_refused(struct conform *conform, const char *words, struct finding *finding);

/* points_describe.c: what --describe says, and whether it is so */
POINT_CHECK(point_describe);

/* points_document.c: what the document says of simple requests */
POINT_CHECK(point_document);
POINT_CHECK(point_stdout);
POINT_CHECK(point_quiet);
POINT_CHECK(point_counts);
POINT_CHECK(point_bytes);
POINT_CHECK(point_times);
POINT_CHECK(point_cpu);
POINT_CHECK(point_trace);

/* points_load.c: connections, concurrency, arrivals, failures */
POINT_CHECK(point_keepalive);
POINT_CHECK(point_no_keepalive);
POINT_CHECK(point_in_flight);
POINT_CHECK(point_together);
POINT_CHECK(point_proxy);
POINT_CHECK(point_open_loop);
POINT_CHECK(point_lag);
POINT_CHECK(point_redirect);
POINT_CHECK(point_failure); /* detail: a struct point_fault */

struct point_fault {
    const char *outcome; /* failure class */
    const char *scheme, *path;
    bool is_refused;  /* nothing listens there */
    bool is_stall;    /* it ends by --timeout-ms */
    bool is_counted;  /* the faulty server sees each request */
    bool is_optional; /* a runner may refuse the scheme, with exit code 2 */
};

/* points_end.c: how it ends */
POINT_CHECK(point_leftovers);
POINT_CHECK(point_signal); /* detail: an int, the signal */

#endif
