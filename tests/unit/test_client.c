/* Tests of runtime/raw/client: from what the model reports to what the client needs next
 * and what is recorded. No server and no waiting: the test is the model. */
#include "runtime/raw/client.h"

#include "common/clock.h"
#include "runtime/shared.h"
#include "runtime/task/task.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#define ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

struct stage {
    struct run run;
    struct clients clients;
    struct client *client; /* the first */
};

static struct stage *stage_new(const char *url, uint64_t requests, uint64_t concurrency)
{
    struct stage *stage = calloc(1, sizeof *stage);
    assert_non_null(stage);
    stage->run.settings = (struct settings){.url = url,
                                            .requests = requests,
                                            .concurrency = concurrency,
                                            .timeout_ms = 1000,
                                            .addresses = 1};
    stage->run.task = task_find("http");
    stage->run.shared = shared_new(requests, 1, false);
    struct err err = {0};
    assert_int_equal(clients_init(&stage->clients, &stage->run, SOCK_NONBLOCK, &err), 0);
    stage->client = stage->clients.list;
    for (size_t i = 0; i < concurrency; i++)
        client_start(&stage->clients.list[i]);
    return stage;
}

static const struct recorder *recorder_of(const struct stage *stage)
{
    return &stage->run.shared->recorders[0];
}

/* All clients are at rest, and this is what became of the requests. */
static void stage_free(struct stage *stage, enum outcome outcome, uint64_t count)
{
    assert_int_equal(stage->clients.alive, 0);
    assert_int_equal(recorder_of(stage)->outcomes[outcome], count);
    uint64_t all = 0;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        all += recorder_of(stage)->outcomes[i];
    assert_int_equal(all, stage->run.settings.requests);
    assert_int_equal(atomic_load(&stage->run.shared->in_flight), 0);
    assert_true(clients_next_ns(&stage->clients) == UINT64_MAX);
    clients_done(&stage->clients);
    shared_free(stage->run.shared);
    free(stage);
}

static void connect_it(struct client *client)
{
    assert_int_equal(client->need, CLIENT_CONNECT);
    assert_true(client_open(client));
    client_connected(client, 0);
}

static void send_it(struct client *client)
{
    size_t size = 0;
    assert_int_equal(client->need, CLIENT_SEND);
    assert_memory_equal(client_unsent(client, &size), "GET / ", 6);
    client_sent(client, (ssize_t)size);
    assert_int_equal(client->need, CLIENT_RECEIVE);
}

static void receive(struct client *client, const char *bytes)
{
    client_received(client, bytes, (ssize_t)strlen(bytes));
}

static void test_a_connection_is_kept(void **state)
{
    (void)state;
    struct stage *stage = stage_new("http://127.0.0.1/", 2, 1);
    struct client *client = stage->client;
    connect_it(client);
    size_t size = 0;
    client_sent(client, 6);
    assert_int_equal(client->need, CLIENT_SEND);
    assert_memory_equal(client_unsent(client, &size), "HTTP/1.1\r\n", 10);
    client_sent(client, (ssize_t)size);
    receive(client, "HTTP/1.1 200 OK\r\nContent-Le");
    assert_int_equal(client->need, CLIENT_RECEIVE);
    receive(client, "ngth: 2\r\n\r\no");
    receive(client, "k");
    send_it(client);
    receive(client, ANSWER);
    assert_int_equal(client->need, CLIENT_REST);
    assert_int_equal(recorder_of(stage)->connections_opened, 1);
    assert_int_equal(recorder_of(stage)->bytes_received, 4);
    stage_free(stage, OUTCOME_OK, 2);
}

static void test_when_a_connection_is_not_kept(void **state)
{
    (void)state;
    static const char *const answers[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        ANSWER "more than asked for",
    };
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        struct stage *stage = stage_new("http://127.0.0.1/", 2, 1);
        connect_it(stage->client);
        send_it(stage->client);
        receive(stage->client, answers[i]);
        assert_int_equal(stage->client->fd, -1);
        connect_it(stage->client);
        send_it(stage->client);
        stage->client->is_peer_done = true;
        receive(stage->client, ANSWER);
        assert_int_equal(stage->client->fd, -1);
        stage_free(stage, OUTCOME_OK, 2);
    }
}

static void test_a_kept_connection_that_is_lost_is_tried_again_once(void **state)
{
    (void)state;
    static const ssize_t losses[] = {0, -ECONNRESET};
    for (size_t i = 0; i < COUNT_OF(losses); i++) {
        struct stage *stage = stage_new("http://127.0.0.1/", 3, 1);
        struct client *client = stage->client;
        connect_it(client);
        send_it(client);
        receive(client, ANSWER);
        send_it(client);
        client_received(client, NULL, losses[i]); /* lost: the same request again */
        connect_it(client);
        send_it(client);
        assert_int_equal(recorder_of(stage)->outcomes[OUTCOME_OK], 1);
        client_received(client, NULL, losses[i]); /* a new one is not tried again */
        assert_int_equal(recorder_of(stage)->outcomes[OUTCOME_RESET], 1);
        connect_it(client);
        send_it(client);
        receive(client, ANSWER);
        assert_int_equal(recorder_of(stage)->connections_opened, 3);
        stage_free(stage, OUTCOME_OK, 2);
    }
}

static void test_a_lost_connection_with_a_begun_answer_is_not_tried_again(void **state)
{
    (void)state;
    struct stage *stage = stage_new("http://127.0.0.1/", 2, 1);
    struct client *client = stage->client;
    connect_it(client);
    send_it(client);
    receive(client, ANSWER);
    send_it(client);
    receive(client, "HTTP/1.1 200 OK\r\n");
    client_received(client, NULL, -ECONNRESET);
    assert_int_equal(recorder_of(stage)->outcomes[OUTCOME_OK], 1);
    stage_free(stage, OUTCOME_RESET, 1);
}

static void test_outcomes(void **state)
{
    (void)state;
    static const struct {
        const char *bytes; /* then the connection ends */
        enum outcome outcome;
    } ends[] = {
        {"HTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\nx", OUTCOME_STATUS},
        {"HTTP/1.1 301 There\r\nContent-Length: 0\r\n\r\n", OUTCOME_OK},
        {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", OUTCOME_SHORT},
        {"HTTP/1.1 200 OK\r\n\r\nuntil the end", OUTCOME_OK},
        {"HTTP/1.1 500 OK\r\n\r\nuntil the end", OUTCOME_STATUS},
        {"HTTP/1.1 200 OK", OUTCOME_RESET},
        {"HTTP/1.1 200 OK\r\n", OUTCOME_SHORT},
        {"HTTP/1.1 200 OK\r\nCon", OUTCOME_SHORT},
        {"HTTP/1.1 503 No\r\nA: b\r\n\r", OUTCOME_SHORT},
        {"HTTP/1.1 100 Go on\r\n\r\n", OUTCOME_RESET},
        {"HTTP/1.1 700 Odd\r\nContent-Length: 1\r\n\r\nx", OUTCOME_STATUS},
        {"SSH-2.0-OpenSSH", OUTCOME_PROTOCOL},
    };
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        struct stage *stage = stage_new("http://127.0.0.1/", 1, 1);
        connect_it(stage->client);
        send_it(stage->client);
        receive(stage->client, ends[i].bytes);
        if (stage->client->need == CLIENT_RECEIVE)
            client_received(stage->client, NULL, 0);
        stage_free(stage, ends[i].outcome, 1);
    }
}

static void test_an_answer_cut_in_its_first_line_is_asked_for_again(void **state)
{
    (void)state;
    static const ssize_t losses[] = {0, -ECONNRESET};
    for (size_t i = 0; i < COUNT_OF(losses); i++) {
        struct stage *stage = stage_new("http://127.0.0.1/", 2, 1);
        struct client *client = stage->client;
        connect_it(client);
        send_it(client);
        receive(client, ANSWER);
        send_it(client);
        receive(client, "HTTP/1.1 2");
        client_received(client, NULL, losses[i]);
        connect_it(client);
        send_it(client);
        receive(client, ANSWER);
        stage_free(stage, OUTCOME_OK, 2);
    }
}

/* The first half of a request is sent, and the answer comes. */
static struct stage *half_sent(const char *answer, uint64_t requests)
{
    struct stage *stage = stage_new("http://127.0.0.1/", requests, 1);
    connect_it(stage->client);
    client_sent(stage->client, 6);
    if (*answer)
        receive(stage->client, answer);
    return stage;
}

static void test_the_rest_is_sent_after_an_early_answer(void **state)
{
    (void)state;
    struct stage *stage = half_sent(ANSWER, 2);
    struct client *client = stage->client;
    size_t size = 0;
    assert_int_equal(client->need, CLIENT_SEND);
    assert_true(client_has_answer(client));
    (void)client_unsent(client, &size);
    client_sent(client, (ssize_t)size); /* over, and the next one begins */
    assert_int_equal(recorder_of(stage)->outcomes[OUTCOME_OK], 1);
    assert_false(client_has_answer(client));
    send_it(client);
    receive(client, ANSWER);
    assert_int_equal(recorder_of(stage)->connections_opened, 1);
    stage_free(stage, OUTCOME_OK, 2);
}

static void test_the_rest_is_not_sent_to_a_server_that_will_not_have_it(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        enum outcome outcome;
    } refusals[] = {
        {"HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n", OUTCOME_STATUS},
        {"HTTP/1.1 302 No\r\nContent-Length: 0\r\n\r\n", OUTCOME_OK},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", OUTCOME_OK},
        {"nonsense", OUTCOME_PROTOCOL},
    };
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        struct stage *stage = half_sent(refusals[i].answer, 1);
        assert_int_equal(stage->client->fd, -1);
        stage_free(stage, refusals[i].outcome, 1);
    }
}

static void test_what_came_before_sending_failed_counts(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after; /* sending failed */
        enum outcome outcome;
    } breaks[] = {
        {"", "HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno", OUTCOME_STATUS},
        {"HTTP/1.1 413 No\r\nContent-", "Length: 2\r\n\r\nno", OUTCOME_STATUS},
        {ANSWER, "", OUTCOME_OK},
        {"", "HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nn", OUTCOME_RESET},
        {"", "", OUTCOME_RESET},
    };
    static const ssize_t ends[] = {0, -ECONNRESET, -EAGAIN};
    for (size_t i = 0; i < 3 * (COUNT_OF(breaks)); i++) {
        struct stage *stage = half_sent(breaks[i / 3].before, 1);
        struct client *client = stage->client;
        client_sent(client, -EPIPE);
        if (client->need == CLIENT_RECEIVE && *breaks[i / 3].after)
            receive(client, breaks[i / 3].after);
        if (client->need == CLIENT_RECEIVE)
            client_received(client, NULL, ends[i % 3]);
        assert_int_equal(client->fd, -1);
        stage_free(stage, breaks[i / 3].outcome, 1);
    }
}

static void test_every_address_is_tried(void **state)
{
    (void)state;
    struct stage *stage = stage_new("http://127.0.0.1/", 2, 2);
    struct clients *clients = &stage->clients;
    struct client *other = &clients->list[1];
    clients->target.addresses[1] = clients->target.addresses[0];
    clients->target.count = 2;
    assert_true(client_open(stage->client));
    assert_true(client_open(other));
    client_connected(stage->client, ECONNREFUSED);
    client_connected(other, ECONNREFUSED);
    connect_it(stage->client); /* the second address answers */
    assert_int_equal(clients->target.first, 1);
    assert_true(client_open(other));
    client_connected(other, ECONNREFUSED); /* both have refused it */
    assert_int_equal(recorder_of(stage)->outcomes[OUTCOME_CONNECT], 1);
    send_it(stage->client);
    receive(stage->client, ANSWER);
    stage_free(stage, OUTCOME_OK, 1);
}

static void test_an_unknown_host_fails_every_request(void **state)
{
    (void)state;
    struct stage *stage = stage_new("http://no-such-host.invalid/", 3, 1);
    while (stage->client->need == CLIENT_CONNECT)
        assert_false(client_open(stage->client));
    stage_free(stage, OUTCOME_RESOLVE, 3);
}

static void test_the_oldest_is_late_first(void **state)
{
    (void)state;
    struct stage *stage = stage_new("http://127.0.0.1/", 4, 3);
    struct clients *clients = &stage->clients;
    struct client *list = clients->list;
    for (size_t i = 0; i < 3; i++) {
        connect_it(&list[i]);
        send_it(&list[i]);
    }
    receive(&list[0], ANSWER); /* and begins the fourth: the newest now */
    send_it(&list[0]);
    uint64_t next_ns = clients_next_ns(clients);
    assert_true(next_ns == list[1].worker.start_ns + 1000 * NS_PER_MS);
    assert_null(clients_take_late(clients, next_ns - 1));
    uint64_t all_late_ns = list[0].worker.start_ns + 1000 * NS_PER_MS;
    static const size_t order[] = {1, 2, 0};
    for (size_t i = 0; i < 3; i++) {
        struct client *late = clients_take_late(clients, all_late_ns);
        assert_ptr_equal(late, &list[order[i]]);
        client_end(late, OUTCOME_TIMEOUT);
        assert_int_equal(late->fd, -1);
    }
    assert_int_equal(recorder_of(stage)->outcomes[OUTCOME_OK], 1);
    stage_free(stage, OUTCOME_TIMEOUT, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_connection_is_kept),
        cmocka_unit_test(test_when_a_connection_is_not_kept),
        cmocka_unit_test(test_a_kept_connection_that_is_lost_is_tried_again_once),
        cmocka_unit_test(test_a_lost_connection_with_a_begun_answer_is_not_tried_again),
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_an_answer_cut_in_its_first_line_is_asked_for_again),
        cmocka_unit_test(test_the_rest_is_sent_after_an_early_answer),
        cmocka_unit_test(test_the_rest_is_not_sent_to_a_server_that_will_not_have_it),
        cmocka_unit_test(test_what_came_before_sending_failed_counts),
        cmocka_unit_test(test_every_address_is_tried),
        cmocka_unit_test(test_an_unknown_host_fails_every_request),
        cmocka_unit_test(test_the_oldest_is_late_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
