/* Tests of runners/loop/bridge against a small server, which closes connections when it
 * is told to. It is a process, not a thread: libevent takes a closed socket out of epoll
 * a moment late, when a thread could have opened another one of that number. */
#include "loop/bridge.h"

#include "core/fetch.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define CONNECTIONS 200
#define QUIET_MS    200

/* Stands in for libc's, to count how often the loop wakes up. */
static uint64_t epoll_waits;

int epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout)
{
    epoll_waits++;
    return (int)syscall(SYS_epoll_pwait, epfd, events, maxevents, timeout, NULL,
                        (size_t)0);
}

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

static int listen_on_loopback(unsigned int *out_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(fd, CONNECTIONS), 0);
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
    int listener = listen_on_loopback(&server->port);
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

/* One easy handle that makes `left` transfers in turn. */
struct client {
    struct fetch fetch;
    struct crowd *crowd;
    unsigned int left;
    CURLcode code; /* of the last transfer */
};

struct crowd {
    struct bridge *bridge;
    size_t alive;
    unsigned int finished, ok; /* transfers */
    uint64_t waits_at_first;   /* epoll_waits when the first transfer had finished */
};

static void client_go(struct client *client)
{
    const struct await transfer = {.kind = AWAIT_TRANSFER, .easy = client->fetch.easy};
    assert_true(bridge_await(client->crowd->bridge, transfer, client));
}

static void on_done(void *user, CURLcode code)
{
    struct client *client = user;
    struct crowd *crowd = client->crowd;
    client->code = code;
    if (crowd->finished++ == 0)
        crowd->waits_at_first = epoll_waits;
    crowd->ok += code == CURLE_OK && client->fetch.body_bytes == 5;
    client->fetch.body_bytes = 0;
    if (--client->left > 0)
        client_go(client);
    else if (--crowd->alive == 0)
        bridge_stop(crowd->bridge);
}

static void crowd_init(struct crowd *crowd, size_t max_connections)
{
    struct err err = {0};
    *crowd = (struct crowd){.finished = 0};
    assert_int_equal(fetch_library_init(&err), 0);
    assert_int_equal(bridge_new(max_connections, false, on_done, &crowd->bridge, &err),
                     0);
}

static void client_init(struct client *client, struct crowd *crowd, const char *host,
                        unsigned int port, const char *path)
{
    char url[100];
    struct err err = {0};
    (void)snprintf(url, sizeof url, "http://%s:%u%s", host, port, path);
    struct settings settings = {.url = url, .timeout_ms = 30000, .buffer_bytes = 16384};
    *client = (struct client){.crowd = crowd, .code = CURLE_FAILED_INIT};
    assert_int_equal(fetch_init(&client->fetch, &settings, 0, &err), 0);
    bridge_adopt(crowd->bridge, client->fetch.easy, client);
}

static void client_start(struct client *client, unsigned int transfers)
{
    client->left = transfers;
    client->crowd->alive++;
    client_go(client);
}

static void crowd_done(struct crowd *crowd, struct client *clients, size_t count)
{
    for (size_t i = 0; i < count; i++)
        fetch_done(&clients[i].fetch);
    bridge_free(crowd->bridge);
}

static void test_one_connection_serves_many_transfers(void **state)
{
    (void)state;
    struct server *server = server_start(false);
    struct crowd crowd;
    struct client client;
    crowd_init(&crowd, 1);
    assert_non_null(strstr(bridge_method(crowd.bridge), "epoll"));
    client_init(&client, &crowd, "127.0.0.1", server->port, "/");
    client_start(&client, 50);
    bridge_loop(crowd.bridge);
    client_start(&client, 1); /* a loop that was stopped can be entered again */
    bridge_loop(crowd.bridge);
    assert_int_equal(crowd.ok, 51);
    crowd_done(&crowd, &client, 1);
    server_stop(server);
    assert_int_equal(server->requests, 51);
    assert_int_equal(server->accepted, 1);
    server_free(server);
}

static void run_crowd(struct server *server, size_t count, unsigned int transfers)
{
    struct crowd crowd;
    struct client clients[100];
    crowd_init(&crowd, count);
    for (size_t i = 0; i < count; i++)
        client_init(&clients[i], &crowd, "127.0.0.1", server->port, "/");
    for (size_t i = 0; i < count; i++)
        client_start(&clients[i], transfers);
    bridge_loop(crowd.bridge);
    crowd_done(&crowd, clients, count);
    assert_int_equal(crowd.finished, count * transfers);
    assert_int_equal(crowd.ok, count * transfers);
}

static void test_many_transfers_at_once(void **state)
{
    (void)state;
    struct server *server = server_start(false);
    run_crowd(server, 100, 10);
    server_stop(server);
    assert_int_equal(server->requests, 1000);
    assert_in_range(server->accepted, 1, 100);
    server_free(server);
}

static void test_a_server_that_closes_after_each_answer(void **state)
{
    (void)state;
    struct server *server = server_start(true);
    run_crowd(server, 20, 10);
    server_stop(server);
    assert_int_equal(server->requests, 200);
    assert_int_equal(server->accepted, 200);
    server_free(server);
}

/* The server closes the idle connection of the first; while the second then waits, the
 * loop must sleep, though that connection stays readable. */
static void test_an_idle_connection_is_closed_by_the_server(void **state)
{
    (void)state;
    struct server *server = server_start(true);
    struct crowd crowd;
    struct client clients[2];
    crowd_init(&crowd, 2);
    client_init(&clients[0], &crowd, "127.0.0.1", server->port, "/");
    client_init(&clients[1], &crowd, "127.0.0.1", server->port, "/quiet");
    client_start(&clients[0], 1);
    client_start(&clients[1], 1);
    bridge_loop(crowd.bridge);
    assert_int_equal(crowd.ok, 2);
    assert_in_range(epoll_waits - crowd.waits_at_first, 1, 20);

    client_start(&clients[0], 2); /* it connects again, twice */
    bridge_loop(crowd.bridge);
    assert_int_equal(crowd.ok, 4);
    crowd_done(&crowd, clients, 2);
    server_stop(server);
    assert_int_equal(server->requests, 4);
    assert_int_equal(server->accepted, 4);
    server_free(server);
}

static void test_a_refused_port_is_told(void **state)
{
    (void)state;
    struct crowd crowd;
    struct client client;
    unsigned int port = 0;
    (void)close(listen_on_loopback(&port));
    crowd_init(&crowd, 1);
    client_init(&client, &crowd, "127.0.0.1", port, "/");
    client_start(&client, 3);
    bridge_loop(crowd.bridge);
    assert_int_equal(crowd.finished, 3);
    assert_int_equal(crowd.ok, 0);
    assert_int_equal(client.code, CURLE_COULDNT_CONNECT);
    crowd_done(&crowd, &client, 1);
}

/* A look-up uses a socket pair of its own, whose numbers connections get afterwards. */
static void test_names_are_looked_up_beside_transfers(void **state)
{
    (void)state;
    struct server *server = server_start(true);
    struct crowd crowd;
    struct client clients[3];
    crowd_init(&crowd, 3);
    client_init(&clients[0], &crowd, "localhost", server->port, "/");
    client_init(&clients[1], &crowd, "no-such-host.invalid", server->port, "/");
    client_init(&clients[2], &crowd, "127.0.0.1", server->port, "/");
    for (size_t i = 0; i < 3; i++)
        client_start(&clients[i], 5);
    bridge_loop(crowd.bridge);
    assert_int_equal(crowd.finished, 15);
    assert_int_equal(crowd.ok, 10);
    assert_int_equal(clients[0].code, CURLE_OK);
    assert_int_equal(clients[1].code, CURLE_COULDNT_RESOLVE_HOST);
    assert_int_equal(clients[2].code, CURLE_OK);
    crowd_done(&crowd, clients, 3);
    server_stop(server);
    server_free(server);
}

static void test_free_accepts_nothing(void **state)
{
    (void)state;
    bridge_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_connection_serves_many_transfers),
        cmocka_unit_test(test_many_transfers_at_once),
        cmocka_unit_test(test_a_server_that_closes_after_each_answer),
        cmocka_unit_test(test_an_idle_connection_is_closed_by_the_server),
        cmocka_unit_test(test_a_refused_port_is_told),
        cmocka_unit_test(test_names_are_looked_up_beside_transfers),
        cmocka_unit_test(test_free_accepts_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
