/* Tests of runtime/raw/target: what a URL becomes on the wire, and what is refused. */
#include "runtime/raw/target.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>

static struct settings settings_of(const char *url, uint64_t addresses)
{
    return (struct settings){.url = url, .addresses = addresses};
}

static const struct {
    const char *url, *line, *host;
    uint16_t port;
} examples[] = {
    {"http://127.0.0.1", "GET / ", "127.0.0.1", 80},
    {"http://127.0.0.1/", "GET / ", "127.0.0.1", 80},
    {"http://127.0.0.1:8080/a/b?c=d#e", "GET /a/b?c=d ", "127.0.0.1:8080", 8080},
    {"HTTP://127.0.0.1:80?x=/#", "GET /?x=/ ", "127.0.0.1", 80},
    {"http://127.0.0.1:?x", "GET /?x ", "127.0.0.1", 80},
    {"http://127.0.0.1:800/%20", "GET /%20 ", "127.0.0.1:800", 800},
    {"http://[::1]/", "GET / ", "[::1]", 80},
    {"http://[::1]:99/", "GET / ", "[::1]:99", 99},
};

static uint16_t port_of(const struct target *target)
{
    struct address address = target_address(target, 0, 0);
    if (address.bytes.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)(void *)&address.bytes)->sin6_port);
    return ntohs(((struct sockaddr_in *)(void *)&address.bytes)->sin_port);
}

static void test_what_is_sent_and_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        struct settings settings = settings_of(examples[i].url, 1);
        struct target target;
        struct err err = {0};
        assert_int_equal(target_init(&target, &settings, &err), 0);
        char expected[200];
        (void)snprintf(expected, sizeof expected,
                       "%sHTTP/1.1\r\nHost: %s\r\nAccept: */*\r\n\r\n", examples[i].line,
                       examples[i].host);
        assert_string_equal(target_request(&target, 0)->bytes, expected);
        assert_int_equal(target_request(&target, 7)->size, strlen(expected));
        assert_true(target.count > 0);
        assert_int_equal(port_of(&target), examples[i].port);
        target_done(&target);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *url, *words;
    } refused[] = {{"https://127.0.0.1/", "TLS"},
                   {"ftp://127.0.0.1/", "plain http"},
                   {"http://user@127.0.0.1/", "user"},
                   {"http://u:p@127.0.0.1/", "user"},
                   {"http://", "the URL"},
                   {"http://:80/", "the URL"},
                   {"http://[::1/", "the URL"},
                   {"http://[::1]x/", "the URL"},
                   {"http://127.0.0.1/a b", "the URL"},
                   {"http://127.0.0.1/\r\nX: y", "the URL"},
                   {"http://127.0.0.1/\x7f", "the URL"}};
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct settings settings = settings_of(refused[i].url, 1);
        struct target target;
        struct err err = {0};
        assert_int_equal(target_init(&target, &settings, &err), -EXIT_CODE_USAGE);
        assert_non_null(strstr(err.text, refused[i].words));
        assert_null(strstr(err.text, "u:p"));
        target_done(&target);
    }
}

static void test_an_unknown_host_is_no_error(void **state)
{
    (void)state;
    struct settings settings = settings_of("http://no-such-host.invalid/", 1);
    struct target target;
    struct err err = {0};
    assert_int_equal(target_init(&target, &settings, &err), 0);
    assert_int_equal(target.count, 0);
    target_done(&target);
}

static void test_workers_are_spread_over_addresses(void **state)
{
    (void)state;
    struct settings settings = settings_of("http://127.0.0.1:7/", 3);
    struct target target;
    struct err err = {0};
    assert_int_equal(target_init(&target, &settings, &err), 0);
    static const char *const expected[] = {"127.0.0.1", "127.0.0.2", "127.0.0.3",
                                           "127.0.0.1"};
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        struct address address = target_address(&target, i, 0);
        const struct sockaddr_in *ip = (struct sockaddr_in *)(void *)&address.bytes;
        char text[INET_ADDRSTRLEN];
        assert_non_null(inet_ntop(AF_INET, &ip->sin_addr, text, sizeof text));
        assert_string_equal(text, expected[i]);
        assert_int_equal(ntohs(ip->sin_port), 7);
    }
    target_done(&target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_sent_and_where),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_an_unknown_host_is_no_error),
        cmocka_unit_test(test_workers_are_spread_over_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
