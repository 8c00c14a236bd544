/* servers: the servers that the trials of a run talk to: our origin, in the clear and
 * with TLS, and nginx and PostgreSQL, which a script starts for the run. Only servers
 * that a scenario of the run needs are started. */
#ifndef HARNESS_SERVERS_H
#define HARNESS_SERVERS_H

#include "common/cpus.h"
#include "common/err.h"
#include "harness/servers/origin_control.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERVERS_LINE_MAX 256

/* Made by scripts/<script> start DIR. */
struct private_server {
    char directory[64];          /* "": not started */
    char line[SERVERS_LINE_MAX]; /* what it said: a URL, a connection string */
};

struct servers {
    struct origin_control *origin, *tls_origin; /* owned; NULL: not needed */
    struct private_server nginx, postgres;
    char ca_file[80];  /* the TLS origin's certificate; "": none */
    char nginx_ca[80]; /* nginx's */
};

/* What one trial talks to. All borrowed, NULL: nothing of the kind. */
struct target {
    struct origin_control *origin; /* whose counts are known */
    const char *base_url;          /* before /bytes/N */
    const char *ca_file;
    const char *database; /* --db */
};

/* What the trials of one scenario need. */
struct servers_need {
    bool needs_http;     /* they make requests */
    bool needs_tls;      /* with TLS */
    bool needs_nginx;    /* to nginx, not to our origin */
    bool needs_database; /* they ask PostgreSQL */
    uint64_t bytes;
};

struct servers_context {
    const struct cpus *cpus; /* of the servers; borrowed */
    uint64_t threads, addresses, seed;
    bool has_url;                       /* HTTP goes to the user's server */
    const struct origin_remote *remote; /* borrowed or NULL: instead of our origin */
};

/* Starts what is needed, once for all. *out_servers needs servers_done, also after an
 * error. EXIT_CODE_UNFIT. */
int servers_start(const struct servers_need *needs, size_t count,
                  const struct servers_context *context, struct servers *out_servers,
                  struct err *err);

/* What trials with that need talk to. */
struct target servers_target(const struct servers *servers,
                             const struct servers_need *need);

/* Whether the server that is needed is here; if not, the reason goes to out_reason.
 * Nothing is left running. */
bool servers_check(const struct servers_need *need, char *out_reason, size_t size);

void servers_done(struct servers *servers); /* of a zeroed struct too */

#endif
