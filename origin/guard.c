/* guard.c: tokens, hosts and origins; see guard.h. */
#include "origin/guard.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* Fills buffer from fd to the end or the first line break. Returns the size or -errno. */
static ssize_t read_line(int fd, char *buffer, size_t room)
{
    size_t size = 0;
    while (size < room && !memchr(buffer, '\n', size)) {
        ssize_t got = read(fd, buffer + size, room - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        size += (size_t)got;
    }
    const char *end = memchr(buffer, '\n', size);
    return (ssize_t)(end ? (size_t)(end - buffer) : size);
}

int guard_read(struct guard *guard, int fd, struct err *err)
{
    char line[GUARD_TOKEN_MAX + 1] = "";
    ssize_t size = read_line(fd, line, sizeof line);
    (void)close(fd);
    if (size < 0)
        return err_set(err, EXIT_CODE_USAGE, "--token-fd: %s", strerror((int)-size));
    bool is_good = size >= GUARD_TOKEN_MIN && size <= GUARD_TOKEN_MAX;
    for (ssize_t i = 0; is_good && i < size; i++)
        is_good = line[i] > ' ' && line[i] < 0x7f;
    if (!is_good)
        return err_set(err, EXIT_CODE_USAGE,
                       "--token-fd: a token of %d to %d visible ASCII characters is "
                       "needed, in one line",
                       GUARD_TOKEN_MIN, GUARD_TOKEN_MAX);
    memcpy(guard->token, line, (size_t)size);
    guard->size = (size_t)size;
    return 0;
}

/* The text in brackets, or up to the port. */
static struct request_text without_port(struct request_text host)
{
    if (host.size > 0 && host.at[0] == '[') {
        const char *end = memchr(host.at, ']', host.size);
        return (struct request_text){host.at + 1, end ? (size_t)(end - host.at - 1) : 0};
    }
    const char *colon = memchr(host.at, ':', host.size);
    return (struct request_text){host.at, colon ? (size_t)(colon - host.at) : host.size};
}

/* A number cannot be made to resolve to something else; localhost is not looked up. */
static bool is_own_host(struct request_text host)
{
    char text[INET6_ADDRSTRLEN] = "";
    unsigned char bytes[sizeof(struct in6_addr)];
    struct request_text name = without_port(host);
    if (name.size == 0 || name.size >= sizeof text)
        return false;
    memcpy(text, name.at, name.size);
    const int family = host.at[0] == '[' ? AF_INET6 : AF_INET;
    return inet_pton(family, text, bytes) == 1 || strcasecmp(text, "localhost") == 0;
}

static bool is_same_origin(struct request_text origin, struct request_text host)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        size_t size = strlen(schemes[i]);
        if (origin.size == size + host.size && !memcmp(origin.at, schemes[i], size) &&
            !strncasecmp(origin.at + size, host.at, host.size))
            return true;
    }
    return false;
}

static bool has_token(const struct guard *guard, struct request_text authorization)
{
    static const char scheme[] = "Bearer ";
    const size_t size = sizeof scheme - 1;
    return guard->size > 0 && authorization.size == size + guard->size &&
           !strncasecmp(authorization.at, scheme, size) &&
           CRYPTO_memcmp(authorization.at + size, guard->token, guard->size) == 0;
}

const char *guard_refusal(const struct guard *guard, const struct request *request,
                          bool is_order)
{
    if (request->host.at && !is_own_host(request->host))
        return "a foreign Host: this path is for numeric addresses and localhost";
    if (request->origin.at &&
        (!request->host.at || !is_same_origin(request->origin, request->host)))
        return "a foreign Origin: this path is not for pages of others";
    if (is_order && !guard->size)
        return "this origin takes no orders; start it with --token-fd";
    if (is_order && !has_token(guard, request->authorization))
        return "an order needs 'Authorization: Bearer' and the token of --token-fd";
    return NULL;
}
