/* target.c: from a URL to addresses and a request; see target.h. */
#include "runtime/raw/target.h"

#include "common/clock.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/resolve.h"
#include "runtime/task/post.h"
#include "runtime/task/url_parts.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int unusable(const char *why, struct err *err)
{
    return err_set(err, EXIT_CODE_USAGE, "this model cannot use the URL: %s", why);
}

/* Checks that such a client can ask for the URL; libcurl can ask for more. */
static int check(const struct url_parts *url, struct err *err)
{
    if (strcmp(url->scheme, "http") != 0)
        return unusable("it speaks plain http only, no TLS; use http:// or a model with "
                        "libcurl",
                        err);
    if (url->has_user)
        return unusable("it sends no user names; use a model with libcurl", err);
    const char *const texts[] = {url->host, url->path, url->query ? url->query : ""};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        for (const char *c = texts[i]; *c; c++) {
            if ((unsigned char)*c <= ' ' || *c == 0x7f)
                return unusable("it has a blank or a control character", err);
        }
    }
    return 0;
}

/* The port is left out where it is the default one, as in libcurl's Host field. */
static struct request_text write_request(const char *host, const struct url_parts *url,
                                         const struct settings *s)
{
    bool is_default = !strcmp(url->port, "80");
    char fields[96] = "";
    const char *body = s->post_bytes ? post_body(s->post_bytes) : "";
    if (s->post_bytes)
        (void)snprintf(fields, sizeof fields,
                       "Content-Type: " POST_CONTENT_TYPE "\r\nContent-Length: %" PRIu64
                       "\r\n",
                       s->post_bytes);
    struct request_text request = {NULL, 0};
    int size = asprintf(&request.bytes,
                        "%s %s%s%s HTTP/1.1\r\nHost: %s%s%s\r\nAccept: */*\r\n"
                        "%s\r\n%.*s",
                        s->post_bytes ? "POST" : "GET", url->path, url->query ? "?" : "",
                        url->query ? url->query : "", host, is_default ? "" : ":",
                        is_default ? "" : url->port, fields, (int)s->post_bytes, body);
    if (size < 0)
        memory_exhausted();
    request.size = (size_t)size;
    return request;
}

/* As libcurl, which is told another host for each address. */
static void write_requests(struct target *target, const struct url_parts *url,
                           const struct settings *s)
{
    char host[32];
    target->requests = memory_calloc((size_t)s->addresses, sizeof *target->requests);
    for (uint64_t i = 0; i < s->addresses; i++) {
        (void)snprintf(host, sizeof host, "127.0.0.%u", (unsigned int)i + 1);
        target->requests[i] = write_request(s->addresses > 1 ? host : url->host, url, s);
    }
}

/* Whether host is localhost or a name in it (RFC 6761, 6.3), as in libcurl. */
static bool is_localhost(const char *host)
{
    static const char name[] = "localhost";
    const size_t size = strlen(host), own = sizeof name - 1;
    return size >= own && !strcasecmp(host + size - own, name) &&
           (size == own || host[size - own - 1] == '.');
}

static void add_address(struct target *target, const struct addrinfo *found,
                        uint32_t scope)
{
    struct address *address = &target->addresses[target->count++];
    memcpy(&address->bytes, found->ai_addr, found->ai_addrlen);
    address->size = found->ai_addrlen;
    if (scope && found->ai_family == AF_INET6)
        ((struct sockaddr_in6 *)(void *)&address->bytes)->sin6_scope_id = scope;
}

/* The scope for a number or an interface name; 0: no such interface, which libcurl
 * ignores too. */
static uint32_t scope_of(const char *zone)
{
    uint64_t number = 0;
    if (!zone)
        return 0;
    bool is_number = !options_parse_uint(zone, &number) && number <= UINT32_MAX;
    return is_number ? (uint32_t)number : if_nametoindex(zone);
}

/* Looks the host up. If it is not found, every request fails, which is no error here.
 * localhost is not looked up, as a system without /etc/hosts has it too. */
static void look_up(struct target *target, const struct url_parts *url, const char *given)
{
    struct resolve resolve;
    struct err ignored = {0};
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    uint64_t start_ns = clock_ns();
    char *end = url->host + strlen(url->host) - 1;
    const bool is_v6 = url->host[0] == '[' && *end == ']';
    if (is_v6)
        *end = '\0';
    const char *node = is_v6 ? url->host + 1 : url->host;
    if (given && !resolve_read(given, &resolve, &ignored) &&
        resolve_is_for(&resolve, node, url->port))
        node = resolve.address;
    target->lookup_error =
        getaddrinfo(is_localhost(node) ? NULL : node, url->port, &hints, &found);
    if (is_v6)
        *end = ']';
    if (target->lookup_error == EAI_MEMORY)
        memory_exhausted();
    if (target->lookup_error)
        return;
    target->lookup_ns = clock_ns() - start_ns;
    for (const struct addrinfo *one = found; one && target->count < TARGET_ADDRESSES_MAX;
         one = one->ai_next)
        add_address(target, one, scope_of(url->zone));
    freeaddrinfo(found);
}

int target_init(struct target *target, const struct settings *settings, struct err *err)
{
    *target = (struct target){.spread_count = settings->addresses};
    struct url_parts url;
    int status = url_parts_init(&url, settings->url, err);
    if (!status)
        status = check(&url, err);
    if (!status) {
        write_requests(target, &url, settings);
        look_up(target, &url, settings->resolve);
    }
    url_parts_done(&url);
    return status;
}

struct address target_address(const struct target *target, uint64_t worker_index,
                              size_t index)
{
    struct address address = target->addresses[index % target->count];
    if (target->spread_count > 1) { /* core has checked that the host is 127.0.0.1 */
        struct sockaddr_in *ip = (struct sockaddr_in *)(void *)&address.bytes;
        ip->sin_addr.s_addr =
            htonl(INADDR_LOOPBACK + (uint32_t)(worker_index % target->spread_count));
    }
    return address;
}

const struct request_text *target_request(const struct target *target,
                                          uint64_t worker_index)
{
    return &target->requests[worker_index % target->spread_count];
}

void target_done(struct target *target)
{
    for (uint64_t i = 0; target->requests && i < target->spread_count; i++)
        free(target->requests[i].bytes);
    free(target->requests);
    *target = (struct target){0};
}
