/* curl_loop_server: a small server for the tests of the loop, which closes connections
 * when it is told to. It is a process, not a thread: libevent takes a closed socket out
 * of epoll a moment late, when a thread could have opened another one of that number. */
#ifndef TESTS_UNIT_CURL_LOOP_SERVER_H
#define TESTS_UNIT_CURL_LOOP_SERVER_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define CONNECTIONS 200
#define QUIET_MS    200

/* Lies in memory that the server and the tests share. */
struct server {
    pid_t pid;
    struct pollfd fds[CONNECTIONS + 2]; /* [0] the listener, [1] ends when to stop */
    nfds_t count;
    int waiting[CONNECTIONS]; /* connections whose answer is held back */
    size_t waiting_count;
    int stop_fd;
    unsigned int port;
    bool closes; /* each connection, after its answer, without saying so */
    unsigned int accepted, requests;
};

static void server_answer(struct server *server, struct pollfd *slot)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    server->requests++;
    (void)send(slot->fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
    if (server->closes) {
        (void)close(slot->fd);
        slot->fd = -1;
    }
}

/* A request of libcurl arrives in one piece; /quiet is answered when all is quiet. */
static void server_read(struct server *server, struct pollfd *slot)
{
    char request[4096];
    ssize_t size = read(slot->fd, request, sizeof request - 1);
    if (size <= 0) {
        (void)close(slot->fd);
        slot->fd = -1;
        return;
    }
    request[size] = '\0';
    if (strncmp(request, "GET /quiet ", 11) == 0)
        server->waiting[server->waiting_count++] = (int)(slot - server->fds);
    else
        server_answer(server, slot);
}

static void server_accept(struct server *server)
{
    nfds_t free_slot = 2;
    while (free_slot < server->count && server->fds[free_slot].fd >= 0)
        free_slot++;
    int fd = accept4(server->fds[0].fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0 || free_slot >= CONNECTIONS + 2)
        return;
    server->accepted++;
    server->fds[free_slot] = (struct pollfd){.fd = fd, .events = POLLIN};
    if (free_slot == server->count)
        server->count++;
}

static _Noreturn void server_main(struct server *server)
{
    while (!server->fds[1].revents) {
        if (poll(server->fds, server->count, QUIET_MS) == 0) {
            while (server->waiting_count > 0)
                server_answer(server,
                              &server->fds[server->waiting[--server->waiting_count]]);
        }
        for (nfds_t i = 2; i < server->count; i++) {
            if (server->fds[i].fd >= 0 && server->fds[i].revents)
                server_read(server, &server->fds[i]);
        }
        if (server->fds[0].revents)
            server_accept(server);
    }
    _exit(0);
}

/* A socket with a port of its own, which refuses connections until it listens. */
static int bind_on_loopback(unsigned int *out_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    *out_port = ntohs(address.sin_port);
    return fd;
}

static struct server *server_start(bool closes)
{
    int stop[2];
    struct server *server = mmap(NULL, sizeof *server, PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(server != MAP_FAILED);
    assert_int_equal(pipe2(stop, O_CLOEXEC), 0);
    int listener = bind_on_loopback(&server->port);
    assert_int_equal(listen(listener, CONNECTIONS), 0);
    server->fds[0] = (struct pollfd){.fd = listener, .events = POLLIN};
    server->fds[1] = (struct pollfd){.fd = stop[0], .events = POLLIN};
    server->count = 2;
    server->closes = closes;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)close(stop[1]); /* the parent alone holds it, so its end ends the server */
        server_main(server);
    }
    server->pid = pid;
    server->stop_fd = stop[1];
    (void)close(stop[0]);
    (void)close(listener);
    return server;
}

/* What the server counted stays readable until server_free. */
static void server_stop(const struct server *server)
{
    int status = -1;
    (void)close(server->stop_fd);
    assert_int_equal(waitpid(server->pid, &status, 0), server->pid);
    assert_int_equal(status, 0);
}

static void server_free(struct server *server)
{
    (void)munmap(server, sizeof *server);
}

#endif
