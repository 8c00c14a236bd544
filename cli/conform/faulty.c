/* faulty.c: one thread, one poll loop, a table of faults; see faulty.h. */
#include "cli/conform/faulty.h"

#include "common/cleanup.h"
#include "common/memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#define CONNECTIONS_MAX 64
#define HEAD_MAX        8192
#define TLS_HANDSHAKE   0x16 /* the first byte of a client's hello */

struct connection {
    int fd; /* -1: free */
    size_t used;
    char head[HEAD_MAX];
};

struct faulty {
    int listener, stop_fd;
    uint16_t port;
    pthread_t thread;
    bool is_running;
    _Atomic uint64_t count;
    struct connection connections[CONNECTIONS_MAX];
};

enum afterwards { KEEP, END, RESET };

static const struct fault {
    const char *path, *answer;
    enum afterwards afterwards;
} faults[] = {
    {"/stall", "", KEEP},
    {"/reset", "", RESET},
    {"/short", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this", END},
    {"/garbage", "\001\002 this is not HTTP\r\n\r\n", END},
    {"/status", "HTTP/1.1 503 Unavailable\r\nContent-Length: 4\r\n\r\nbusy", KEEP},
    {"/redirect",
     "HTTP/1.1 302 Found\r\nLocation: /status\r\nContent-Length: 6\r\n\r\nthere\n", KEEP},
};
static const struct fault *const garbage = &faults[3];

static const struct fault *find(const char *path)
{
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        if (!strncmp(path, faults[i].path, strlen(faults[i].path)))
            return &faults[i];
    }
    return garbage;
}

static void drop(struct connection *c)
{
    (void)close(c->fd);
    c->fd = -1;
}

/* After END the connection stays until the client closes its side: a close with bytes
 * unread would reset it, and the client might never see the answer. */
static void answer(struct connection *c, const struct fault *fault)
{
    static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    c->used = 0;
    (void)send(c->fd, fault->answer, strlen(fault->answer), MSG_NOSIGNAL);
    if (fault->afterwards == END)
        (void)shutdown(c->fd, SHUT_WR);
    if (fault->afterwards == RESET) {
        (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        drop(c);
    }
}

static void serve(struct faulty *faulty, struct connection *c)
{
    ssize_t got = recv(c->fd, c->head + c->used, HEAD_MAX - 1 - c->used, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        drop(c);
        return;
    }
    c->used += (size_t)got;
    c->head[c->used] = '\0';
    if (c->head[0] == TLS_HANDSHAKE) {
        answer(c, garbage);
    } else if (strstr(c->head, "\r\n\r\n")) {
        (void)atomic_fetch_add(&faulty->count, 1);
        answer(c, find(c->head + strcspn(c->head, " ") + 1));
    } else if (c->used + 1 == HEAD_MAX) {
        drop(c);
    }
}

static void accept_one(struct faulty *faulty)
{
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *c = &faulty->connections[i];
        if (c->fd < 0) {
            c->fd = accept4(faulty->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
            c->used = 0;
            return;
        }
    }
}

static bool has_room(const struct faulty *faulty)
{
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (faulty->connections[i].fd < 0)
            return true;
    }
    return false;
}

static void *thread_main(void *arg)
{
    struct faulty *faulty = arg;
    struct pollfd fds[CONNECTIONS_MAX + 2];
    do {
        for (size_t i = 0; i < CONNECTIONS_MAX; i++)
            fds[i] = (struct pollfd){.fd = faulty->connections[i].fd, .events = POLLIN};
        fds[CONNECTIONS_MAX] = (struct pollfd){
            .fd = has_room(faulty) ? faulty->listener : -1, .events = POLLIN};
        fds[CONNECTIONS_MAX + 1] =
            (struct pollfd){.fd = faulty->stop_fd, .events = POLLIN};
        if (poll(fds, CONNECTIONS_MAX + 2, -1) < 0)
            continue;
        for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
            if (fds[i].revents)
                serve(faulty, &faulty->connections[i]);
        }
        if (fds[CONNECTIONS_MAX].revents)
            accept_one(faulty);
    } while (!fds[CONNECTIONS_MAX + 1].revents);
    return NULL;
}

static int listen_on_loopback(struct faulty *faulty)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    faulty->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (faulty->listener < 0 ||
        bind(faulty->listener, (const struct sockaddr *)&address, size) ||
        listen(faulty->listener, CONNECTIONS_MAX) ||
        getsockname(faulty->listener, (struct sockaddr *)&address, &size))
        return -errno;
    faulty->port = ntohs(address.sin_port);
    faulty->stop_fd = eventfd(0, EFD_CLOEXEC);
    return faulty->stop_fd < 0 ? -errno : 0;
}

/* Signals are the main thread's business. */
static int start_thread(struct faulty *faulty)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int status = -pthread_create(&faulty->thread, NULL, thread_main, faulty);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    faulty->is_running = !status;
    return status;
}

int faulty_start(struct faulty **out_faulty, struct err *err)
{
    struct faulty *faulty = memory_calloc(1, sizeof *faulty);
    faulty->listener = -1;
    faulty->stop_fd = -1;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        faulty->connections[i].fd = -1;
    int status = listen_on_loopback(faulty);
    if (!status)
        status = start_thread(faulty);
    if (status) {
        faulty_free(faulty);
        return err_set(err, EXIT_CODE_UNFIT, "cannot start a server on loopback: %s",
                       strerror(-status));
    }
    *out_faulty = faulty;
    return 0;
}

uint16_t faulty_port(const struct faulty *faulty)
{
    return faulty->port;
}

uint64_t faulty_take_count(struct faulty *faulty)
{
    return atomic_exchange(&faulty->count, 0);
}

void faulty_free(struct faulty *faulty)
{
    if (!faulty)
        return;
    if (faulty->is_running) {
        (void)eventfd_write(faulty->stop_fd, 1);
        (void)pthread_join(faulty->thread, NULL);
    }
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        cleanup_close_fd(&faulty->connections[i].fd);
    cleanup_close_fd(&faulty->listener);
    cleanup_close_fd(&faulty->stop_fd);
    free(faulty);
}
