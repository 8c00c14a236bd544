/* url.c: syntax and reachability of the user's server; see url.h. The full grammar is
 * left to libcurl in the runner. Here it is enough to refuse early what cannot work. */
#include "harness/run/url.h"

#include "common/cleanup.h"
#include "common/options.h"
#include "common/resolve.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#define CONNECT_MS 5000
#define HOST_SIZE  256

struct address {
    char host[HOST_SIZE], port[8];
};

static int bad(struct err *err, const char *why)
{
    return err_set(err, EXIT_CODE_USAGE,
                   "--url: %s; expected http://HOST[:PORT]/PATH or https://...", why);
}

/* host and port between the scheme and the path, credentials left out */
static int split(const char *text, struct address *out, struct err *err)
{
    bool is_https = !strncasecmp(text, "https://", 8);
    const char *start = text + (is_https ? 8 : 7);
    size_t length = strcspn(start, "/?#");
    const char *at = memrchr(start, '@', length);
    if (at) {
        length -= (size_t)(at + 1 - start);
        start = at + 1;
    }
    bool is_bracketed = *start == '[';
    const char *end = is_bracketed ? memchr(start, ']', length) : NULL;
    if (is_bracketed && !end)
        return bad(err, "'[' without ']'");
    const char *host = start + is_bracketed;
    size_t host_length = is_bracketed ? (size_t)(end - host) : strcspn(start, ":/?#");
    const char *rest = host + host_length + is_bracketed;
    size_t rest_length = length - (size_t)(rest - start);
    if (host_length == 0 || host_length >= HOST_SIZE)
        return bad(err, "no host name");
    (void)snprintf(out->host, sizeof out->host, "%.*s", (int)host_length, host);
    (void)snprintf(out->port, sizeof out->port, "%s", is_https ? "443" : "80");
    if (rest_length == 0)
        return 0;
    uint64_t port = 0;
    char digits[8] = "";
    if (*rest != ':' || rest_length > 6)
        return bad(err, "the port is not a number from 1 to 65535");
    memcpy(digits, rest + 1, rest_length - 1);
    if (options_parse_uint(digits, &port) || port < 1 || port > 65535)
        return bad(err, "the port is not a number from 1 to 65535");
    memcpy(out->port, digits, sizeof digits);
    return 0;
}

/* libcurl would decode a percent-encoded host, and look up what no server is called. */
static bool host_is_foreign(const char *text)
{
    const char *start = strstr(text, "://");
    if (!start)
        return false;
    start += 3;
    size_t length = strcspn(start, "/?#");
    const char *at = memrchr(start, '@', length);
    const char *host = at ? at + 1 : start;
    if (*host == '[') /* whose zone may have one: [fe80::1%25eth0] */
        return false;
    for (; host < start + length; host++) {
        if ((unsigned char)*host >= 0x80 || *host == '%')
            return true;
    }
    return false;
}

int url_check(const char *text, struct err *err)
{
    struct address address;
    if (strlen(text) > 2000)
        return bad(err, "longer than 2000 bytes");
    if (host_is_foreign(text))
        return bad(err, "the host is not plain ASCII: write it as xn--..., the form that "
                        "`idn2 HOST` prints");
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p <= 0x20 || *p >= 0x7f)
            return bad(err, "blank, control or non-ASCII character (percent-encode it)");
    }
    if (strncasecmp(text, "http://", 7) != 0 && strncasecmp(text, "https://", 8) != 0)
        return bad(err, "not an http or https URL");
    return split(text, &address, err);
}

/* Connects without blocking for more than CONNECT_MS. 0 or -errno. */
static int try_connect(const struct addrinfo *info)
{
    AUTO_FD int fd =
        socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (!connect(fd, info->ai_addr, info->ai_addrlen))
        return 0;
    if (errno != EINPROGRESS)
        return -errno;
    struct pollfd wait = {fd, POLLOUT, 0};
    int ready = poll(&wait, 1, CONNECT_MS);
    if (ready <= 0)
        return ready ? -errno : -ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) ? -errno : -error;
}

int url_look_up(const char *url, const char *resolve, struct addrinfo **out_list,
                struct err *err)
{
    struct address address;
    struct resolve given;
    struct err ignored = {0};
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    if (split(url, &address, err))
        return -1;
    const bool is_given = resolve && !resolve_read(resolve, &given, &ignored);
    const int status = getaddrinfo(is_given ? given.address : address.host, address.port,
                                   &hints, out_list);
    if (status)
        return err_set(err, EXIT_CODE_UNFIT, "--url: cannot resolve %.100s: %s",
                       address.host, gai_strerror(status));
    return 0;
}

/* A socket can be bound to the addresses of this machine alone. */
static bool is_here(const struct addrinfo *info)
{
    struct sockaddr_storage any_port = {0};
    memcpy(&any_port, info->ai_addr, info->ai_addrlen);
    if (info->ai_family == AF_INET6)
        ((struct sockaddr_in6 *)&any_port)->sin6_port = 0;
    else
        ((struct sockaddr_in *)&any_port)->sin_port = 0;
    AUTO_FD int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return fd >= 0 && !bind(fd, (struct sockaddr *)&any_port, info->ai_addrlen);
}

bool url_is_here(const struct addrinfo *list)
{
    bool is_found = false;
    for (const struct addrinfo *info = list; info && !is_found; info = info->ai_next)
        is_found = is_here(info);
    return is_found;
}

int url_check_resolve(const char *url, const char *resolve, struct err *err)
{
    struct address address;
    struct resolve given;
    if (split(url, &address, err) || resolve_read(resolve, &given, err))
        return -1;
    if (resolve_is_for(&given, address.host, address.port))
        return 0;
    return err_set(err, EXIT_CODE_USAGE, "--resolve: the URL asks %.200s port %s",
                   address.host, address.port);
}

/* An address and localhost are looked up by nobody; a zone cannot be written. */
static void write_resolve(const struct address *address, const struct addrinfo *found,
                          char *out_resolve)
{
    char text[URL_RESOLVE_SIZE + 16], numeric[64];
    struct resolve read;
    struct err ignored = {0};
    *out_resolve = '\0';
    if (getnameinfo(found->ai_addr, found->ai_addrlen, numeric, sizeof numeric, NULL, 0,
                    NI_NUMERICHOST) ||
        !strcasecmp(numeric, address->host) || !strcasecmp("localhost", address->host) ||
        strchr(address->host, ':'))
        return;
    (void)snprintf(text, sizeof text, "%s:%s:%.47s", address->host, address->port,
                   numeric);
    if (!resolve_read(text, &read, &ignored))
        (void)snprintf(out_resolve, URL_RESOLVE_SIZE, "%.319s", text);
}

int url_reach(const char *url, const struct addrinfo *list, char *out_resolve,
              struct err *err)
{
    struct address address;
    if (split(url, &address, err))
        return -1;
    int status = -EADDRNOTAVAIL;
    for (const struct addrinfo *info = list; info && status; info = info->ai_next) {
        status = try_connect(info);
        if (!status)
            write_resolve(&address, info, out_resolve);
    }
    if (status)
        return err_set(err, EXIT_CODE_UNFIT,
                       "--url: cannot reach %.100s port %s: %s; is the server running?",
                       address.host, address.port, strerror(-status));
    return 0;
}
