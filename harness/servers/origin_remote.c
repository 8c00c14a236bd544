/* origin_remote.c: see origin_remote.h and docs/origin.md, "On another host". */
#include "harness/servers/origin_remote.h"

#include "common/cleanup.h"
#include "common/options.h"
#include "harness/servers/origin_control.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HOST_SIZE 256
#define TOKEN_MIN 16 /* as the origin has it */

/* The host between "http://" and ":PORT", without the brackets of IPv6. */
static int split(const char *url, char *out_host, const char **out_port, struct err *err)
{
    const char *host = url + strlen("http://");
    const char *colon = strrchr(url, ':');
    uint64_t port = 0;
    if (strncasecmp(url, "http://", strlen("http://")) != 0 || colon <= host ||
        colon - host >= HOST_SIZE || options_parse_uint(colon + 1, &port) || port < 1 ||
        port > UINT16_MAX)
        return err_set(err, EXIT_CODE_USAGE,
                       "--origin: '%.100s' is not http://HOST:PORT, as concbench-origin "
                       "prints it",
                       url);
    size_t length = (size_t)(colon - host);
    if (*host == '[' && host[length - 1] == ']') {
        host++;
        length -= 2;
    }
    (void)snprintf(out_host, HOST_SIZE, "%.*s", (int)length, host);
    *out_port = colon + 1;
    return 0;
}

/* Makes the address that of *remote, and its URL with the number instead of the name. */
static int use_address(const struct addrinfo *info, const char *port,
                       struct origin_remote *remote, struct err *err)
{
    char number[64];
    const bool is_v6 = info->ai_family == AF_INET6;
    const int status = getnameinfo(info->ai_addr, info->ai_addrlen, number, sizeof number,
                                   NULL, 0, NI_NUMERICHOST);
    if (status)
        return err_set(err, EXIT_CODE_UNFIT, "--origin: %s", gai_strerror(status));
    memcpy(&remote->address, info->ai_addr, info->ai_addrlen);
    remote->address_size = info->ai_addrlen;
    (void)snprintf(remote->url, sizeof remote->url, "http://%s%s%s:%s", is_v6 ? "[" : "",
                   number, is_v6 ? "]" : "", port);
    return 0;
}

static int ask(struct origin_remote *remote, struct err *err)
{
    struct origin_stats stats;
    struct origin_control *origin = origin_control_join(remote);
    const int status = origin_control_stats(origin, 1, &stats, err);
    origin_control_free(origin);
    if (!status)
        remote->threads = stats.threads;
    return status;
}

/* The first address of the host at which the origin answers: a name may have one of IPv6
 * and one of IPv4, and the origin only one of them. */
static int find_address(const char *url, struct origin_remote *remote, struct err *err)
{
    char host[HOST_SIZE];
    const char *port = NULL;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    struct err failed = {0};
    if (split(url, host, &port, err))
        return -1;
    int status = getaddrinfo(host, port, &hints, &found);
    if (status)
        return err_set(err, EXIT_CODE_UNFIT, "--origin: cannot resolve %.100s: %s", host,
                       gai_strerror(status));
    status = -1;
    for (const struct addrinfo *info = found; info && status; info = info->ai_next) {
        status = use_address(info, port, remote, &failed);
        if (!status)
            status = ask(remote, &failed);
    }
    freeaddrinfo(found);
    return status ? err_set(err, failed.code, "%s", failed.text) : 0;
}

static int read_token(const char *path, char *out_token, struct err *err)
{
    AUTO_FILE FILE *file = path ? fopen(path, "re") : NULL;
    const char *given = getenv(ORIGIN_REMOTE_TOKEN); /* NOLINT(concurrency-mt-unsafe) */
    if (path && (!file || !fgets(out_token, ORIGIN_TOKEN_SIZE, file)))
        return err_set(err, EXIT_CODE_USAGE, "--origin-token %.200s: %s", path,
                       file ? "it is empty" : strerror(errno));
    if (!path && !given)
        return err_set(err, EXIT_CODE_USAGE,
                       "--origin needs the token that the origin was started with: give "
                       "a file with it (--origin-token) or set " ORIGIN_REMOTE_TOKEN);
    if (!path)
        (void)snprintf(out_token, ORIGIN_TOKEN_SIZE, "%s", given);
    (void)unsetenv(ORIGIN_REMOTE_TOKEN); /* NOLINT(concurrency-mt-unsafe): one thread */
    out_token[strcspn(out_token, "\r\n")] = '\0';
    size_t length = 0;
    while (out_token[length] > 0x20 && out_token[length] < 0x7f)
        length++;
    if (out_token[length] || length < TOKEN_MIN)
        return err_set(
            err, EXIT_CODE_USAGE,
            "the origin's token is a line of %d to %d visible ASCII characters",
            TOKEN_MIN, ORIGIN_TOKEN_SIZE - 1);
    return 0;
}

int origin_remote_find(const char *url, const char *token_file,
                       struct origin_remote *out_remote, struct err *err)
{
    struct origin_remote remote = {.address_size = 0};
    if (read_token(token_file, remote.token, err) || find_address(url, &remote, err))
        return -1;
    *out_remote = remote;
    return 0;
}
