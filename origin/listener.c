/* listener.c: binds and listens; see listener.h. */
#include "origin/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Accept storms: a whole set of clients may connect within one turn of a loop. The kernel
 * lowers it to net.core.somaxconn. */
#define BACKLOG 4096

/* A port that is free at the first of several addresses may be taken at another. */
#define PORT_TRIES 64

union place {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_storage storage;
};

static int read_address(const char *address, uint64_t port, union place *out_place,
                        struct err *err)
{
    union place place = {0};
    if (inet_pton(AF_INET, address, &place.v4.sin_addr) == 1) {
        place.v4.sin_family = AF_INET;
        place.v4.sin_port = htons((uint16_t)port);
    } else if (inet_pton(AF_INET6, address, &place.v6.sin6_addr) == 1) {
        place.v6.sin6_family = AF_INET6;
        place.v6.sin6_port = htons((uint16_t)port);
    } else {
        return err_set(err, EXIT_CODE_USAGE,
                       "--address: '%.60s' is not a numeric address", address);
    }
    *out_place = place;
    return 0;
}

static int set_on(int fd, int level, int option)
{
    const int on = 1;
    return setsockopt(fd, level, option, &on, sizeof on);
}

/* The first socket binds alone and shares only then: with SO_REUSEPORT from the start, a
 * second origin on the same --port would silently take half of the connections. */
static bool bind_and_listen(int fd, const union place *place, bool is_first)
{
    socklen_t size =
        place->any.sa_family == AF_INET ? sizeof place->v4 : sizeof place->v6;
    return !set_on(fd, SOL_SOCKET, SO_REUSEADDR) &&
           (is_first || !set_on(fd, SOL_SOCKET, SO_REUSEPORT)) &&
           !bind(fd, &place->any, size) && !set_on(fd, SOL_SOCKET, SO_REUSEPORT) &&
           !set_on(fd, IPPROTO_TCP, TCP_NODELAY) && !listen(fd, BACKLOG);
}

/* Opens one socket. The first one writes the port it got into *place for the others. */
static int open_one(union place *place, bool is_first, int *out_fd)
{
    int fd = socket(place->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    socklen_t size = sizeof *place;
    if (!bind_and_listen(fd, place, is_first) || getsockname(fd, &place->any, &size)) {
        int status = -errno;
        (void)close(fd);
        return status;
    }
    *out_fd = fd;
    return 0;
}

/* The sockets of every loop at one address; *place as in open_one. */
static int open_address(union place *place, size_t loops, size_t step, int *out_fds)
{
    for (size_t i = 0; i < loops; i++) {
        int status = open_one(place, i == 0, &out_fds[i * step]);
        if (status == 0)
            continue;
        while (i > 0)
            (void)close(out_fds[--i * step]);
        return status;
    }
    return 0;
}

/* place moved on to its next address: 127.0.0.1, 127.0.0.2, ... */
static void go_on(union place *place)
{
    place->v4.sin_addr.s_addr = htonl(ntohl(place->v4.sin_addr.s_addr) + 1);
}

/* All addresses; those opened are closed again when one cannot be had. *out_place is the
 * last one tried. */
static int open_all(const union place *first, size_t addresses, size_t loops,
                    int *out_fds, union place *out_place)
{
    union place place = *first;
    for (size_t a = 0; a < addresses; a++) {
        if (a > 0)
            go_on(&place);
        int status = open_address(&place, loops, addresses, &out_fds[a]);
        *out_place = place;
        if (status == 0)
            continue;
        for (size_t i = 0; i < loops * a; i++)
            (void)close(out_fds[i / a * addresses + i % a]);
        return status;
    }
    return 0;
}

int listener_open(const char *address, uint64_t port, size_t addresses, size_t loops,
                  int *out_fds, struct err *err)
{
    union place first, last;
    int status = read_address(address, port, &first, err);
    if (status)
        return status;
    if (addresses > 1 && strcmp(address, "127.0.0.1") != 0)
        return err_set(err, EXIT_CODE_USAGE, "--addresses needs --address 127.0.0.1");
    for (int tries = 0; tries < PORT_TRIES; tries++) {
        status = open_all(&first, addresses, loops, out_fds, &last);
        if (status != -EADDRINUSE || port != 0)
            break;
    }
    char text[INET6_ADDRSTRLEN] = "";
    if (status == 0)
        return 0;
    (void)snprintf(text, sizeof text, "%.45s", address);
    if (addresses > 1)
        (void)inet_ntop(AF_INET, &last.v4.sin_addr, text, sizeof text);
    return err_set(err, EXIT_CODE_UNFIT, "cannot listen on %s port %u: %s%s", text,
                   (unsigned)port, strerror(-status),
                   status == -EADDRINUSE ? "; choose another --port" : "");
}

int listener_url(int fd, const char *scheme, char *out_url, size_t size, struct err *err)
{
    union place place = {0};
    socklen_t place_size = sizeof place;
    char text[INET6_ADDRSTRLEN] = "";
    if (getsockname(fd, &place.any, &place_size))
        return err_set(err, EXIT_CODE_INTERNAL, "getsockname: %s", strerror(errno));
    bool is_v4 = place.any.sa_family == AF_INET;
    const void *number = is_v4 ? (const void *)&place.v4.sin_addr : &place.v6.sin6_addr;
    if (!inet_ntop(place.any.sa_family, number, text, sizeof text))
        return err_set(err, EXIT_CODE_INTERNAL, "inet_ntop: %s", strerror(errno));
    unsigned port = ntohs(is_v4 ? place.v4.sin_port : place.v6.sin6_port);
    (void)snprintf(out_url, size, is_v4 ? "%s://%s:%u" : "%s://[%s]:%u", scheme, text,
                   port);
    return 0;
}
