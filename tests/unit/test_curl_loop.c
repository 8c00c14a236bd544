/* Tests of runtime/loop/curl_loop against a small server. */
#include "runtime/loop/curl_loop.h"

#include "runtime/task/fetch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "curl_loop_server.h"

/* Stands in for libc's, to count how often the loop wakes up. */
static uint64_t epoll_waits;

int epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout)
{
    epoll_waits++;
    return (int)syscall(SYS_epoll_pwait, epfd, events, maxevents, timeout, NULL,
                        (size_t)0);
}

/* One easy handle that makes `left` transfers in turn. */
struct client {
    struct fetch fetch;
    struct group *group;
    unsigned int left;
    CURLcode code; /* of the last transfer */
};

struct group {
    struct curl_loop *loop;
    size_t alive;
    unsigned int finished, ok; /* transfers */
    uint64_t waits_at_first;   /* epoll_waits when the first transfer had finished */
};

static void client_go(struct client *client)
{
    const struct await transfer = {.kind = AWAIT_TRANSFER, .easy = client->fetch.easy};
    assert_true(curl_loop_await(client->group->loop, transfer, client));
}

static void on_done(void *user, CURLcode code)
{
    struct client *client = user;
    struct group *group = client->group;
    client->code = code;
    if (group->finished++ == 0)
        group->waits_at_first = epoll_waits;
    group->ok += code == CURLE_OK && client->fetch.body_bytes == 5;
    client->fetch.body_bytes = 0;
    if (--client->left > 0)
        client_go(client);
    else if (--group->alive == 0)
        curl_loop_stop(group->loop);
}

static void group_init(struct group *group, size_t max_connections)
{
    struct err err = {0};
    *group = (struct group){.finished = 0};
    assert_int_equal(fetch_library_init(&err), 0);
    assert_int_equal(curl_loop_new(max_connections, false, on_done, &group->loop, &err),
                     0);
}

static void client_init(struct client *client, struct group *group, const char *host,
                        unsigned int port, const char *path)
{
    char url[100];
    struct err err = {0};
    (void)snprintf(url, sizeof url, "http://%s:%u%s", host, port, path);
    struct settings settings = {.url = url, .timeout_ms = 30000, .buffer_bytes = 16384};
    *client = (struct client){.group = group, .code = CURLE_FAILED_INIT};
    assert_int_equal(fetch_init(&client->fetch, &settings, 0, &err), 0);
    curl_loop_adopt(group->loop, client->fetch.easy, client);
}

static void client_start(struct client *client, unsigned int transfers)
{
    client->left = transfers;
    client->group->alive++;
    client_go(client);
}

static void group_done(struct group *group, struct client *clients, size_t count)
{
    for (size_t i = 0; i < count; i++)
        fetch_done(&clients[i].fetch);
    curl_loop_free(group->loop);
}

static void test_one_connection_serves_many_transfers(void **state)
{
    (void)state;
    struct server *server = server_start(false);
    struct group group;
    struct client client;
    group_init(&group, 1);
    assert_non_null(strstr(curl_loop_method(group.loop), "epoll"));
    client_init(&client, &group, "127.0.0.1", server->port, "/");
    client_start(&client, 50);
    curl_loop_run(group.loop);
    client_start(&client, 1); /* a loop that was stopped can be entered again */
    curl_loop_run(group.loop);
    assert_int_equal(group.ok, 51);
    group_done(&group, &client, 1);
    server_stop(server);
    assert_int_equal(server->requests, 51);
    assert_int_equal(server->accepted, 1);
    server_free(server);
}

static void run_clients(struct server *server, size_t count, unsigned int transfers)
{
    struct group group;
    struct client clients[100];
    group_init(&group, count);
    for (size_t i = 0; i < count; i++)
        client_init(&clients[i], &group, "127.0.0.1", server->port, "/");
    for (size_t i = 0; i < count; i++)
        client_start(&clients[i], transfers);
    curl_loop_run(group.loop);
    group_done(&group, clients, count);
    assert_int_equal(group.finished, count * transfers);
    assert_int_equal(group.ok, count * transfers);
}

static void test_many_transfers_at_once(void **state)
{
    (void)state;
    struct server *server = server_start(false);
    run_clients(server, 100, 10);
    server_stop(server);
    assert_int_equal(server->requests, 1000);
    assert_true(server->accepted >= 1 && server->accepted <= 100);
    server_free(server);
}

static void test_a_server_that_closes_after_each_answer(void **state)
{
    (void)state;
    struct server *server = server_start(true);
    run_clients(server, 20, 10);
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
    struct group group;
    struct client clients[2];
    group_init(&group, 2);
    client_init(&clients[0], &group, "127.0.0.1", server->port, "/");
    client_init(&clients[1], &group, "127.0.0.1", server->port, "/quiet");
    client_start(&clients[0], 1);
    client_start(&clients[1], 1);
    curl_loop_run(group.loop);
    assert_int_equal(group.ok, 2);
    assert_true(epoll_waits > group.waits_at_first &&
                epoll_waits <= group.waits_at_first + 20);

    client_start(&clients[0], 2); /* it connects again, twice */
    curl_loop_run(group.loop);
    assert_int_equal(group.ok, 4);
    group_done(&group, clients, 2);
    server_stop(server);
    assert_int_equal(server->requests, 4);
    assert_int_equal(server->accepted, 4);
    server_free(server);
}

static void test_a_refused_port_is_told(void **state)
{
    (void)state;
    struct group group;
    struct client client;
    unsigned int port = 0;
    const int refusing = bind_on_loopback(&port);
    group_init(&group, 1);
    client_init(&client, &group, "127.0.0.1", port, "/");
    client_start(&client, 3);
    curl_loop_run(group.loop);
    assert_int_equal(group.finished, 3);
    assert_int_equal(group.ok, 0);
    assert_int_equal(client.code, CURLE_COULDNT_CONNECT);
    group_done(&group, &client, 1);
    (void)close(refusing);
}

/* One that nobody answers ends first, two are answered: one on_done, each its own code.
 */
static void test_transfers_that_are_awaited_together(void **state)
{
    (void)state;
    struct server *server = server_start(false);
    struct group group;
    struct client clients[3];
    struct transfer list[3];
    struct transfers together = {.list = list, .count = 3};
    unsigned int refused_port = 0;
    const int refusing = bind_on_loopback(&refused_port);
    group_init(&group, 3);
    for (size_t i = 0; i < 3; i++) {
        client_init(&clients[i], &group, "127.0.0.1",
                    i == 1 ? refused_port : server->port, "/");
        list[i] = (struct transfer){clients[i].fetch.easy, CURLE_FAILED_INIT, &together};
    }
    curl_loop_adopt_together(group.loop, &together);
    for (unsigned int turn = 1; turn <= 5; turn++) {
        clients[0].left = 1;
        group.alive = 1;
        const struct await await = {.kind = AWAIT_TRANSFERS, .together = &together};
        assert_true(curl_loop_await(group.loop, await, &clients[0]));
        curl_loop_run(group.loop);
        assert_int_equal(group.finished, turn);
        assert_int_equal(clients[0].code, CURLE_OK);
        assert_int_equal(list[0].code, CURLE_OK);
        assert_int_equal(list[1].code, CURLE_COULDNT_CONNECT);
        assert_int_equal(list[2].code, CURLE_OK);
    }
    assert_int_equal(clients[2].fetch.body_bytes, 25);
    group_done(&group, clients, 3);
    (void)close(refusing);
    server_stop(server);
    assert_int_equal(server->requests, 10);
    assert_true(server->accepted >= 1 && server->accepted <= 2);
    server_free(server);
}

/* A look-up uses a socket pair of its own, whose numbers connections get afterwards. */
static void test_names_are_looked_up_beside_transfers(void **state)
{
    (void)state;
    struct server *server = server_start(true);
    struct group group;
    struct client clients[3];
    group_init(&group, 3);
    client_init(&clients[0], &group, "localhost", server->port, "/");
    client_init(&clients[1], &group, "no-such-host.invalid", server->port, "/");
    client_init(&clients[2], &group, "127.0.0.1", server->port, "/");
    for (size_t i = 0; i < 3; i++)
        client_start(&clients[i], 5);
    curl_loop_run(group.loop);
    assert_int_equal(group.finished, 15);
    assert_int_equal(group.ok, 10);
    assert_int_equal(clients[0].code, CURLE_OK);
    assert_int_equal(clients[1].code, CURLE_COULDNT_RESOLVE_HOST);
    assert_int_equal(clients[2].code, CURLE_OK);
    group_done(&group, clients, 3);
    server_stop(server);
    server_free(server);
}

static void test_free_accepts_nothing(void **state)
{
    (void)state;
    curl_loop_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_connection_serves_many_transfers),
        cmocka_unit_test(test_many_transfers_at_once),
        cmocka_unit_test(test_a_server_that_closes_after_each_answer),
        cmocka_unit_test(test_an_idle_connection_is_closed_by_the_server),
        cmocka_unit_test(test_a_refused_port_is_told),
        cmocka_unit_test(test_transfers_that_are_awaited_together),
        cmocka_unit_test(test_names_are_looked_up_beside_transfers),
        cmocka_unit_test(test_free_accepts_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
