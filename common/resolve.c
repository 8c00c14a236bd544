/* resolve.c: see resolve.h. */
#include "common/resolve.h"

#include "common/options.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

static bool is_numeric(const char *address)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, address, bytes) == 1 ||
           inet_pton(AF_INET6, address, bytes) == 1;
}

int resolve_read(const char *text, struct resolve *out, struct err *err)
{
    uint64_t port = 0;
    const size_t host = strcspn(text, ":");
    const size_t digits = text[host] ? strcspn(text + host + 1, ":") : 0;
    const char *address = digits ? text + host + 1 + digits : "";
    address += *address == ':';
    size_t size = strlen(address);
    const bool is_bracketed = size > 2 && *address == '[' && address[size - 1] == ']';
    address += is_bracketed;
    size -= 2 * (size_t)is_bracketed;
    *out = (struct resolve){0};
    const bool fits = host > 0 && host < sizeof out->host && digits < sizeof out->port &&
                      size < sizeof out->address;
    if (fits) {
        memcpy(out->host, text, host);
        memcpy(out->port, text + host + (digits > 0), digits);
        memcpy(out->address, address, size);
    }
    if (fits && !options_parse_uint(out->port, &port) && port >= 1 && port <= 65535 &&
        is_numeric(out->address))
        return 0;
    return err_set(err, EXIT_CODE_USAGE,
                   "--resolve: expected HOST:PORT:ADDRESS with a numeric address, as "
                   "www.example.org:443:192.0.2.1, got '%.200s'",
                   text);
}

bool resolve_is_for(const struct resolve *resolve, const char *host, const char *port)
{
    return !strcasecmp(resolve->host, host) && !strcmp(resolve->port, port);
}
