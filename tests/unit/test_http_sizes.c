/* Tests of runtime/raw/http_parse: how large a response may be. */
#include "runtime/raw/http_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define OK_HEAD "HTTP/1.1 200 OK\r\n"

/* Feeds `piece` again and again; returns the bytes taken before it was refused. */
static size_t bytes_until_refused(const char *start, const char *piece)
{
    struct http_parse parse;
    http_parse_begin(&parse);
    size_t used = http_parse_feed(&parse, start, strlen(start));
    while (parse.result == HTTP_MORE && used < 10000000)
        used += http_parse_feed(&parse, piece, strlen(piece));
    assert_int_equal(parse.result, HTTP_BAD);
    assert_non_null(strstr(parse.reason, "more than 1 MiB"));
    return used;
}

static void test_the_sum_of_a_head_is_bounded(void **state)
{
    (void)state;
    const size_t max = HTTP_HEAD_MAX_BYTES;
    assert_int_equal(bytes_until_refused("HTTP/1.1 200 ", "reason "), max);
    assert_int_equal(bytes_until_refused(OK_HEAD "A: ", "abc"), max);
    assert_int_equal(bytes_until_refused(OK_HEAD, "name"), max);
    assert_int_equal(bytes_until_refused("", "HTTP/1.1 100 Continue\r\n\r\n"), max);
    assert_int_equal(bytes_until_refused(OK_HEAD, "A: b\r\n"), max);
    assert_int_equal(bytes_until_refused(OK_HEAD "A: b\r\n", " c\r\n"), max);
    assert_int_equal(bytes_until_refused(OK_HEAD "Connection:", " x"), max);
    assert_int_equal(bytes_until_refused(OK_HEAD "Content-Length:", "0"), max);
    static const char chunked[] = OK_HEAD "Transfer-Encoding: chunked\r\n\r\n";
    assert_int_equal(bytes_until_refused(chunked, "0"), strlen(chunked) + max);
    assert_int_equal(
        bytes_until_refused(OK_HEAD "Transfer-Encoding: chunked\r\n\r\n1;", "x"),
        strlen(chunked) + max);
    assert_int_equal(bytes_until_refused(
                         OK_HEAD "Transfer-Encoding: chunked\r\n\r\n0\r\n", "A: b\r\n"),
                     strlen(chunked) + 3 + max);
}

/* Text of `count` times `piece` between two others; it is read in one piece and
 * in two. */
static void expect_long(const char *before, const char *piece, size_t count,
                        const char *after, bool is_keep_alive)
{
    const size_t head = strlen(before), one = strlen(piece), tail = strlen(after);
    const size_t size = head + one * count + tail;
    char *text = malloc(size + 1);
    assert_non_null(text);
    char *at = mempcpy(text, before, head);
    for (size_t i = 0; i < count; i++)
        at = mempcpy(at, piece, one);
    memcpy(at, after, tail + 1);
    for (int i = 0; i < 2; i++) {
        const size_t cut = i ? size / 3 : size;
        struct http_parse parse;
        http_parse_begin(&parse);
        assert_int_equal(http_parse_feed(&parse, text, cut), cut);
        assert_int_equal(http_parse_feed(&parse, text + cut, size - cut), size - cut);
        assert_int_equal(parse.result, HTTP_DONE);
        assert_int_equal(parse.body_bytes, 1);
        assert_int_equal(parse.is_keep_alive, is_keep_alive);
    }
    free(text);
}

static void test_what_is_not_understood_has_any_size(void **state)
{
    (void)state;
    static const char body[] = "Content-Length: 1\r\n\r\na";
    static const char chunk[] = "1\r\na\r\n0\r\n\r\n";
    static const char chunked[] = OK_HEAD "Transfer-Encoding: chunked\r\n\r\n";
    expect_long(OK_HEAD, "Set-Cookie: c=v; Path=/\r\n", 150, body, true);
    expect_long(OK_HEAD, "A: b\r\n", 100000, body, true);
    expect_long(OK_HEAD "A: ", "value ", 150000, "\r\nContent-Length: 1\r\n\r\na", true);
    expect_long(OK_HEAD, "name", 200000, ": x\r\nContent-Length: 1\r\n\r\na", true);
    expect_long(OK_HEAD "A: b\r\n", "\tfolded\r\n", 50000, body, true);
    expect_long(OK_HEAD "Connection: ", "x-option, ", 50000,
                "keep-alive\r\nContent-Length: 1\r\n\r\na", true);
    expect_long(OK_HEAD "Connection: ", "x-option, ", 50000,
                "close\r\nContent-Length: 1\r\n\r\na", false);
    expect_long(OK_HEAD "Content-Length: ", "0", 500000, "1\r\n\r\na", true);
    expect_long(OK_HEAD "Location: /", "there/", 500, "\r\nContent-Length: 1\r\n\r\na",
                true);
    expect_long("", "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n", 1000,
                OK_HEAD "Content-Length: 1\r\n\r\na", true);
    expect_long(chunked, "0", 500000, chunk, true);
    expect_long(OK_HEAD "Transfer-Encoding: chunked\r\n\r\n1", ";name=\"value\"", 50000,
                "\r\na\r\n0\r\n\r\n", true);
    expect_long(OK_HEAD "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", "T: u\r\n",
                100000, "\r\n", true);
}

static void test_chunks_without_end_are_no_head(void **state)
{
    (void)state;
    struct http_parse parse;
    http_parse_begin(&parse);
    static const char head[] = OK_HEAD "Transfer-Encoding: chunked\r\n\r\n";
    (void)http_parse_feed(&parse, head, strlen(head));
    for (int i = 0; i < 100000; i++)
        assert_int_equal(http_parse_feed(&parse, "1\r\na\r\n", 6), 6);
    assert_int_equal(http_parse_feed(&parse, "0\r\n\r\n", 5), 5);
    assert_int_equal(parse.result, HTTP_DONE);
    assert_int_equal(parse.body_bytes, 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_sum_of_a_head_is_bounded),
        cmocka_unit_test(test_what_is_not_understood_has_any_size),
        cmocka_unit_test(test_chunks_without_end_are_no_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
