/* target.c: from a URL to addresses and a request; see target.h. */
#include "raw/target.h"

#include "common/clock.h"
#include "common/owners.h"
#include "core/post.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Parts of a URL, borrowed from its text. */
struct span {
    const char *at;
    int size;
};

struct url {
    struct span authority, host, port, path;
    const char *path_begins; /* "/" where the URL leaves it out, else "" */
};

static int unusable(const char *why, struct err *err)
{
    return err_set(err, EXIT_CODE_USAGE, "this model cannot use the URL: %s", why);
}

/* host, host:port, [::1] or [::1]:port. The text of a port may be empty. */
static int split_authority(struct url *url, struct err *err)
{
    const char *at = url->authority.at;
    const char *end = at + url->authority.size;
    const char *bracket = *at == '[' ? memchr(at, ']', (size_t)(end - at)) : NULL;
    const char *host_end = bracket ? bracket + 1 : at;
    while (!bracket && host_end < end && *host_end != ':')
        host_end++;
    url->host = bracket ? (struct span){at + 1, (int)(bracket - at - 1)}
                        : (struct span){at, (int)(host_end - at)};
    bool has_port = host_end < end && *host_end == ':';
    url->port = has_port ? (struct span){host_end + 1, (int)(end - host_end - 1)}
                         : (struct span){"", 0};
    bool is_open = *at == '[' && !bracket;
    if (is_open || url->host.size == 0 || (host_end < end && !has_port))
        return unusable("no host in it", err);
    return 0;
}

/* The host of a URL that libcurl took (core has asked it), and what goes on the wire. */
static int split(const char *text, struct url *url, struct err *err)
{
    static const char scheme[] = "http://";
    if (strncasecmp(text, scheme, sizeof scheme - 1) != 0)
        return unusable("it speaks plain http only, no TLS; use http:// or a model with "
                        "libcurl",
                        err);
    const char *at = text + sizeof scheme - 1;
    url->authority = (struct span){at, (int)strcspn(at, "/?#")};
    if (memchr(at, '@', (size_t)url->authority.size))
        return unusable("it sends no user names; use a model with libcurl", err);
    const char *path = at + url->authority.size;
    url->path = (struct span){path, (int)strcspn(path, "#")};
    url->path_begins = *path == '/' ? "" : "/";
    for (int i = 0; i < url->path.size; i++) {
        if ((unsigned char)path[i] <= ' ' || path[i] == 0x7f)
            return unusable("a blank or a control character in its path", err);
    }
    return split_authority(url, err);
}

static int write_request(struct target *target, const struct url *url,
                         const struct settings *s, struct err *err)
{
    bool is_default =
        url->port.size == 0 || (url->port.size == 2 && !strncmp(url->port.at, "80", 2));
    struct span host = url->authority;
    if (is_default && url->port.at > host.at && url->port.at <= host.at + host.size)
        host.size = (int)(url->port.at - host.at) - 1; /* as in libcurl's Host field */
    char fields[96] = "";
    const char *body = s->post_bytes ? post_body(s->post_bytes) : "";
    if (s->post_bytes)
        (void)snprintf(fields, sizeof fields,
                       "Content-Type: " POST_CONTENT_TYPE "\r\nContent-Length: %" PRIu64
                       "\r\n",
                       s->post_bytes);
    int size = !body
                   ? -1
                   : asprintf(&target->request,
                              "%s %s%.*s HTTP/1.1\r\nHost: %.*s\r\nAccept: */*\r\n%s\r\n"
                              "%.*s",
                              s->post_bytes ? "POST" : "GET", url->path_begins,
                              url->path.size, url->path.at, host.size, host.at, fields,
                              (int)s->post_bytes, body);
    if (size < 0) {
        target->request = NULL;
        return err_set(err, EXIT_CODE_UNFIT, "no memory for the request");
    }
    target->request_size = (size_t)size;
    return 0;
}

/* A host that is not found is no error here: it is what becomes of every request.
 * `localhost` is not looked up, as libcurl does not either (RFC 6761): a system without
 * /etc/hosts has it too. */
static int look_up(struct target *target, const struct url *url, struct err *err)
{
    AUTO_FREE char *host = strndup(url->host.at, (size_t)url->host.size);
    AUTO_FREE char *port =
        url->port.size ? strndup(url->port.at, (size_t)url->port.size) : strdup("80");
    if (!host || !port)
        return err_set(err, EXIT_CODE_UNFIT, "no memory for the URL");
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    uint64_t start_ns = clock_ns();
    const char *node = strcasecmp(host, "localhost") ? host : NULL; /* NULL: loopback */
    if (getaddrinfo(node, port, &hints, &found))
        return 0;
    target->lookup_ns = clock_ns() - start_ns;
    for (struct addrinfo *one = found; one && target->count < TARGET_ADDRESSES_MAX;
         one = one->ai_next) {
        struct address *address = &target->addresses[target->count++];
        memcpy(&address->bytes, one->ai_addr, one->ai_addrlen);
        address->size = one->ai_addrlen;
    }
    freeaddrinfo(found);
    return 0;
}

int target_init(struct target *target, const struct settings *settings, struct err *err)
{
    *target = (struct target){.spread_count = settings->addresses};
    struct url url = {0};
    int status = split(settings->url, &url, err);
    if (!status)
        status = write_request(target, &url, settings, err);
    if (!status)
        status = look_up(target, &url, err);
    return status;
}

struct address target_address(const struct target *target, uint64_t worker_index,
                              size_t index)
{
    struct address address = target->addresses[index % target->count];
    if (target->spread_count > 1) { /* core has seen to it that the host is 127.0.0.1 */
        struct sockaddr_in *ip = (struct sockaddr_in *)(void *)&address.bytes;
        ip->sin_addr.s_addr =
            htonl(INADDR_LOOPBACK + (uint32_t)(worker_index % target->spread_count));
    }
    return address;
}

void target_done(struct target *target)
{
    free(target->request);
    *target = (struct target){0};
}
