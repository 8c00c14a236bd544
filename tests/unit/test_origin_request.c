/* Tests of origin/request: heads in one piece and in many, and what is refused.
 */
#include "origin/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Parses an exactly sized heap copy, so that a sanitizer sees a step beyond its end. */
static int parse_size(const char *text, size_t size, struct request *out_request,
                      struct err *err)
{
    err->code = EXIT_CODE_OK;
    char *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, text, size);
    int status = request_parse(copy, size, out_request, err);
    if (status == 0) /* let the target outlive the copy */
        out_request->target = text + (out_request->target - copy);
    free(copy);
    return status;
}

static int parse(const char *text, struct request *out_request)
{
    struct err err;
    return parse_size(text, strlen(text), out_request, &err);
}

static void test_plain_get(void **state)
{
    (void)state;
    const char *text = "GET /bytes/1 HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\nGET";
    struct request request;
    assert_int_equal(parse(text, &request), 0);
    assert_int_equal(request.method, REQUEST_GET);
    assert_int_equal(request.target_size, 8);
    assert_memory_equal(request.target, "/bytes/1", 8);
    assert_int_equal(request.size, strlen(text) - 3);
    assert_true(request.is_kept_alive);
    assert_false(request.is_1_0);
}

static void test_every_prefix_of_a_head_is_incomplete(void **state)
{
    (void)state;
    const char *text = "POST /stats/reset HTTP/1.1\r\nHost: h\r\n"
                       "Content-Length: 3\r\n\r\n";
    struct request request;
    struct err err;
    for (size_t size = 0; size < strlen(text); size++)
        assert_int_equal(parse_size(text, size, &request, &err), REQUEST_INCOMPLETE);
    assert_int_equal(parse(text, &request), 0);
    assert_int_equal(request.method, REQUEST_POST);
    assert_int_equal(request.size, strlen(text));
    assert_int_equal(request.body_bytes, 3);
    assert_true(request.has_length);
}

static void test_bodies_are_told_and_left_alone(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes;
        bool has_length;
    } cases[] = {
        {"POST / HTTP/1.0\r\n\r\nabc", 0, false},
        {"POST / HTTP/1.0\r\nContent-Length: 0\r\n\r\n", 0, true},
        {"POST / HTTP/1.0\r\ncontent-length: 67108864\r\n\r\nabc", 67108864, true},
        {"GET / HTTP/1.0\r\nContent-Length:\t007 \r\n\r\nabcdefg", 7, true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct request request;
        assert_int_equal(parse(cases[i].text, &request), 0);
        assert_int_equal(request.body_bytes, cases[i].bytes);
        assert_int_equal(request.has_length, cases[i].has_length);
        assert_memory_equal(cases[i].text + request.size - 4, "\r\n\r\n", 4);
    }
}

static void test_keep_alive(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_kept_alive;
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: h\r\nconnection: TE , Close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nHost: h\r\nConnection: closer\r\n\r\n", true},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
        {"GET / HTTP/1.0\n\n", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct request request;
        assert_int_equal(parse(cases[i].text, &request), 0);
        assert_int_equal(request.is_kept_alive, cases[i].is_kept_alive);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int status;
    } cases[] = {
        {"\r\n", 400},
        {"GET /\r\n", 400},
        {"GET  / HTTP/1.1\r\n", 400},
        {"GET / HTTP/1.1 \r\n", 400},
        {" GET / HTTP/1.1\r\n", 400},
        {"get / HTTP/1.1\r\n", 400},
        {"GET / HTTP/1.\r\n", 400},
        {"GET / HTTP/1.x\r\n", 400},
        {"GET / http/1.1\r\n", 400},
        {"GET /\x01 HTTP/1.1\r\n", 400},
        {"GET /\xff HTTP/1.1\r\n", 400},
        {"\x16\x03\x01\x02\n", 400},
        {"GET / HTTP/2.0\r\n", 505},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n", 400},
        {"GET / HTTP/1.1\r\nHost\r\n", 400},
        {"GET / HTTP/1.1\r\n: x\r\n", 400},
        {"GET / HTTP/1.1\r\nHost : x\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\n", 400},
        {"GET / HTTP/1.1\r\nContent-Length: 1x\r\n", 400},
        {"GET / HTTP/1.1\r\nContent-Length:\r\n", 400},
        {"GET / HTTP/1.1\r\nContent-Length: -1\r\n", 400},
        {"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 67108865\r\n\r\n", 413},
        {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: "
         "99999999999999999999999999\r\n\r\n",
         413},
        {"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n", 501},
        {"GET / HTTP/1.1\r\nExpect: 100-continue\r\n", 417},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct request request = {.size = 77};
        assert_int_equal(parse(cases[i].text, &request), cases[i].status);
        assert_int_equal(request.size, 77);
    }
}

static void test_full_buffer_without_end_is_431(void **state)
{
    (void)state;
    char text[REQUEST_HEAD_MAX];
    struct request request;
    struct err err;
    memset(text, 'x', sizeof text);
    assert_int_equal(parse_size(text, sizeof text - 1, &request, &err),
                     REQUEST_INCOMPLETE);
    assert_int_equal(parse_size(text, sizeof text, &request, &err), 431);
    static const char line[] = {"GET / HTTP/1.1\r\n"};
    memcpy(text, line, sizeof line - 1);
    assert_int_equal(parse_size(text, sizeof text, &request, &err), 431);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_get),
        cmocka_unit_test(test_every_prefix_of_a_head_is_incomplete),
        cmocka_unit_test(test_bodies_are_told_and_left_alone),
        cmocka_unit_test(test_keep_alive),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_full_buffer_without_end_is_431),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
