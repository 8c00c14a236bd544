/* servers.c: see servers.h. The scripts' side of the agreement is in their first lines:
 * start says one line when the server is ready, and the server ends with its owner. */
#include "harness/servers/servers.h"

#include "common/memory.h"
#include "common/paths.h"
#include "harness/host/probe.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SCRIPT_LIMIT_MS 65000 /* a start may take a minute */
#define SIZES_MAX       400   /* bytes of nginx's list of bodies */

static int script_path(const char *name, char *out_path, struct err *err)
{
    char file[64];
    (void)snprintf(file, sizeof file, "scripts/%s", name);
    return paths_share(file, out_path, PATH_MAX, err);
}

/* A script with its words; what it says on stdout is the server's line. */
static int start_private(const char *name, const char *const *words,
                         const struct cpus *cpus, struct private_server *server,
                         struct err *err)
{
    char path[PATH_MAX], owner[24];
    const char *argv[12] = {path, "start", server->directory, "--owner", owner};
    size_t count = 5;
    struct cpus before;
    if (script_path(name, path, err))
        return -1;
    (void)snprintf(server->directory, sizeof server->directory, "/tmp/concbench-XXXXXX");
    if (!mkdtemp(server->directory)) {
        *server->directory = '\0';
        return err_set(err, EXIT_CODE_UNFIT, "a directory in /tmp for %s: %s", name,
                       strerror(errno));
    }
    (void)snprintf(owner, sizeof owner, "%d", (int)getpid());
    for (; *words && count < 11; words++)
        argv[count++] = *words;
    (void)cpus_read(0, &before);
    (void)cpus_use(0, cpus); /* a child starts with its parent's */
    int code = probe_ask(argv, SCRIPT_LIMIT_MS, server->line, sizeof server->line);
    (void)cpus_use(0, &before);
    if (code != 0)
        return err_set(err, EXIT_CODE_UNFIT, "%s does not start its server: %s", name,
                       code > 0 ? "the reason is printed above" : "it did not answer");
    return 0;
}

static void stop_private(const char *name, struct private_server *server)
{
    char path[PATH_MAX], line[PROBE_TEXT_SIZE];
    const char *const argv[] = {path, "stop", server->directory, NULL};
    struct err err = {0};
    if (!*server->directory)
        return;
    if (!script_path(name, path, &err))
        (void)probe_run(argv, SCRIPT_LIMIT_MS, line);
    (void)rmdir(server->directory); /* where it did not come to run */
    *server->directory = '\0';
}

static const char *ca_file_now; /* NULL: there is none */

static int remove_ca_file(const char *why)
{
    (void)why;
    if (ca_file_now)
        (void)unlink(ca_file_now);
    return 0;
}

static int start_tls(const struct servers_context *context, struct servers *servers,
                     struct err *err)
{
    (void)snprintf(servers->ca_file, sizeof servers->ca_file, "/tmp/concbench-ca-XXXXXX");
    int fd = mkstemp(servers->ca_file);
    if (fd < 0) {
        *servers->ca_file = '\0';
        return err_set(err, EXIT_CODE_UNFIT, "a certificate in /tmp: %s",
                       strerror(errno));
    }
    (void)close(fd);
    ca_file_now = servers->ca_file;
    memory_on_end(remove_ca_file);
    return origin_control_start(context->cpus, context->threads, context->addresses,
                                context->seed, servers->ca_file, &servers->tls_origin,
                                err);
}

/* The sizes of all bodies that are asked of nginx: "0,1024". */
static void list_sizes(const struct servers_need *needs, size_t count, char *out_sizes)
{
    size_t used = 0;
    *out_sizes = '\0';
    for (size_t i = 0; i < count && used + 24 < SIZES_MAX; i++) {
        if (needs[i].needs_nginx)
            used += (size_t)snprintf(out_sizes + used, SIZES_MAX - used, "%s%" PRIu64,
                                     used ? "," : "", needs[i].bytes);
    }
}

static int start_nginx(const char *sizes, const struct cpus *cpus,
                       struct servers *servers, struct err *err)
{
    const char *const words[] = {"--form", "h2", "--bytes", sizes, NULL};
    int status = start_private("private-nginx", words, cpus, &servers->nginx, err);
    (void)snprintf(servers->nginx_ca, sizeof servers->nginx_ca, "%s/ca.pem",
                   servers->nginx.directory);
    return status;
}

int servers_start(const struct servers_need *needs, size_t count,
                  const struct servers_context *context, struct servers *out_servers,
                  struct err *err)
{
    bool needs_plain = false, needs_tls = false, needs_nginx = false,
         needs_postgres = false;
    char sizes[SIZES_MAX];
    const char *const no_words[] = {NULL};
    *out_servers = (struct servers){0};
    for (size_t i = 0; i < count; i++) {
        const struct servers_need *need = &needs[i];
        const bool fetches = need->needs_http && !context->has_url;
        const bool is_remote = context->remote != NULL; /* which is plain */
        const bool is_plain = !need->needs_tls && !need->needs_nginx;
        needs_nginx = needs_nginx || (fetches && need->needs_nginx && !is_remote);
        needs_tls =
            needs_tls || (fetches && need->needs_tls && !need->needs_nginx && !is_remote);
        needs_plain = needs_plain || (fetches && is_plain);
        needs_postgres = needs_postgres || need->needs_database;
    }
    list_sizes(needs, count, sizes);
    int status = 0;
    if (needs_plain && context->remote)
        out_servers->origin = origin_control_join(context->remote);
    else if (needs_plain)
        status = origin_control_start(context->cpus, context->threads, context->addresses,
                                      context->seed, NULL, &out_servers->origin, err);
    if (!status && needs_tls)
        status = start_tls(context, out_servers, err);
    if (!status && needs_nginx)
        status = start_nginx(sizes, context->cpus, out_servers, err);
    if (!status && needs_postgres)
        status = start_private("private-postgres", no_words, context->cpus,
                               &out_servers->postgres, err);
    return status;
}

struct target servers_target(const struct servers *servers,
                             const struct servers_need *need)
{
    struct target target = {0};
    if (need->needs_database)
        target.database = servers->postgres.line;
    if (!need->needs_http)
        return target;
    if (need->needs_nginx) {
        target.base_url = servers->nginx.line;
        target.ca_file = servers->nginx_ca;
        return target;
    }
    target.origin = need->needs_tls ? servers->tls_origin : servers->origin;
    target.base_url = target.origin ? origin_control_url(target.origin) : NULL;
    target.ca_file = need->needs_tls ? servers->ca_file : NULL;
    return target;
}

bool servers_check(const struct servers_need *need, char *out_reason, size_t size)
{
    char path[PATH_MAX], line[PROBE_TEXT_SIZE] = "";
    const char *const argv[] = {path, "check", NULL};
    struct err err = {0};
    const char *script = NULL;
    if (need->needs_nginx)
        script = "private-nginx";
    else if (need->needs_database)
        script = "private-postgres";
    if (!script)
        return true;
    const bool is_found = !script_path(script, path, &err);
    if (is_found && probe_once(argv, PROBE_LIMIT_MS, line) == 0)
        return true;
    (void)snprintf(out_reason, size, "%s", is_found ? line : err.text);
    return false;
}

void servers_done(struct servers *servers)
{
    origin_control_free(servers->origin);
    origin_control_free(servers->tls_origin);
    stop_private("private-nginx", &servers->nginx);
    stop_private("private-postgres", &servers->postgres);
    if (*servers->ca_file)
        (void)unlink(servers->ca_file);
    ca_file_now = NULL;
    *servers = (struct servers){0};
}
