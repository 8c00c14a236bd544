/* test_url: what is a URL to measure, and that nobody listening is an error. */
#include "harness/run/url.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void test_good(void **state)
{
    (void)state;
    static const char *const good[] = {
        "http://h",       "http://h/",          "https://h:8443/x?y#z", "HTTP://H/",
        "http://[::1]/",  "http://[::1]:80/",   "http://u:p@h/",        "http://h?q",
        "http://h:65535", "http://a.b.c/%20/x", "http://h/a@b",         "http://h/a:b"};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        struct err err = {0};
        if (url_check(good[i], &err))
            fail_msg("%s: %s", good[i], err.text);
    }
}

static void test_bad(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "h",
                                      "http:",
                                      "http://",
                                      "http:///x",
                                      "ftp://h",
                                      "http://:80",
                                      "http://h:",
                                      "http://h:0",
                                      "http://h:-1",
                                      "http://h:x",
                                      "http://h:65536",
                                      "http://[::1",
                                      "http://u@",
                                      "http://h x/",
                                      "http://h\n",
                                      "http://[]/",
                                      "http://[::1]x",
                                      "file:///x",
                                      "http://\x01",
                                      "http://h\x7f",
                                      "http://\xc3\xa4/"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct err err = {0};
        if (!url_check(bad[i], &err))
            fail_msg("accepted: %s", bad[i]);
        assert_int_equal(err.code, EXIT_CODE_USAGE);
        assert_null(strchr(err.text, '\n'));
    }
    char large[3000];
    memset(large, 'a', sizeof large);
    memcpy(large, "http://", 7);
    large[sizeof large - 1] = '\0';
    assert_true(url_check(large, NULL) < 0);
}

/* A loopback socket, bound and, if wanted, listening; its URL is in out_url. */
static int open_port(int listening, char *out_url, size_t size)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    if (listening)
        assert_int_equal(listen(fd, 1), 0);
    (void)snprintf(out_url, size, "http://127.0.0.1:%u/x", ntohs(address.sin_port));
    return fd;
}

static void test_reach(void **state)
{
    (void)state;
    char url[64], name[64], given[64], resolve[URL_RESOLVE_SIZE] = "old";
    struct addrinfo *list = NULL;
    struct err err = {0};
    int fd = open_port(1, url, sizeof url);
    const char *port = strrchr(url, ':') + 1;
    assert_int_equal(url_look_up(url, NULL, &list, &err), 0);
    assert_true(url_is_here(list));
    assert_int_equal(url_reach(url, list, resolve, &err), 0);
    assert_string_equal(resolve, "");
    freeaddrinfo(list);
    (void)snprintf(name, sizeof name, "http://no.invalid:%s", port);
    assert_true(url_look_up(name, NULL, &list, &err) < 0);
    assert_int_equal(err.code, EXIT_CODE_UNFIT);
    err = (struct err){0};
    (void)snprintf(given, sizeof given, "no.invalid:%.*s:[127.0.0.1]",
                   (int)strcspn(port, "/"), port);
    assert_int_equal(url_look_up(name, given, &list, &err), 0);
    assert_int_equal(url_reach(name, list, resolve, &err), 0);
    assert_non_null(strstr(resolve, ":127.0.0.1"));
    assert_memory_equal(resolve, "no.invalid:", strlen("no.invalid:"));
    (void)close(fd);
    freeaddrinfo(list);
    fd = open_port(0, url, sizeof url); /* bound, so nobody else listens there */
    assert_int_equal(url_look_up(url, NULL, &list, &err), 0);
    assert_true(url_reach(url, list, resolve, &err) < 0);
    assert_int_equal(err.code, EXIT_CODE_UNFIT);
    assert_non_null(strstr(err.text, "127.0.0.1"));
    freeaddrinfo(list);
    (void)close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_reach),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
