/* Tests of runtime/raw/http_parse: what is read, what is refused, and that it does not
 * matter how a response is cut into pieces. */
#include "common/array.h"
#include "runtime/raw/http_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define OK_HEAD "HTTP/1.1 200 OK\r\n"

struct outcome {
    enum http_result result;
    size_t used;
    unsigned status;
    bool is_keep_alive;
    uint64_t body_bytes;
    enum http_eof eof; /* while the result is HTTP_MORE */
    const char *reason;
};

/* Feeds the pieces [0, first), [first, second), [second, size), each as an exactly sized
 * heap copy, so that a sanitizer sees a step beyond its end. */
static struct outcome parse_cut(const char *text, size_t size, size_t first,
                                size_t second)
{
    struct http_parse parse;
    memset(&parse, 0x5a, sizeof parse); /* begin must set all that is used */
    http_parse_begin(&parse);
    size_t cuts[] = {0, first, second, size};
    size_t used = 0;
    for (size_t i = 0; i < 3 && parse.result == HTTP_MORE; i++) {
        size_t piece = cuts[i + 1] - cuts[i];
        char *copy = malloc(piece ? piece : 1);
        assert_non_null(copy);
        memcpy(copy, text + cuts[i], piece);
        size_t taken = http_parse_feed(&parse, copy, piece);
        free(copy);
        assert_true(taken <= piece);
        assert_true(taken == piece || parse.result != HTTP_MORE);
        used += taken;
    }
    return (struct outcome){parse.result,
                            used,
                            parse.status,
                            parse.result == HTTP_DONE && parse.is_keep_alive,
                            parse.body_bytes,
                            parse.result == HTTP_MORE ? http_parse_eof(&parse)
                                                      : HTTP_EOF_LOST,
                            parse.result == HTTP_BAD ? parse.reason : NULL};
}

static struct outcome parse(const char *text)
{
    size_t size = strlen(text);
    return parse_cut(text, size, size, size);
}

struct example {
    const char *text;
    unsigned status;
    uint64_t body_bytes;
    bool is_keep_alive;
    size_t beyond; /* bytes after the response */
};

static const struct example complete[] = {
    {OK_HEAD "Content-Length: 5\r\n\r\nhello", 200, 5, true, 0},
    {OK_HEAD "content-LENGTH:5 \t\r\nX:\r\nY: \xe9\t!\r\n\r\nhello", 200, 5, true, 0},
    {OK_HEAD "Content-Length: 5\r\n\r\nhelloHTTP/1.1 200", 200, 5, true, 12},
    {OK_HEAD "Content-Length: 0\r\n\r\n", 200, 0, true, 0},
    {OK_HEAD "Content-Length: 00000000000000000000000000002\r\n\r\nab", 200, 2, true, 0},
    {OK_HEAD "Connection: close\r\nContent-Length: 1\r\n\r\na", 200, 1, false, 0},
    {OK_HEAD "Connection: x, Close ,y\r\nContent-Length: 1\r\n\r\na", 200, 1, false, 0},
    {OK_HEAD "Connection: enclose\r\nContent-Length: 1\r\n\r\na", 200, 1, true, 0},
    {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", 200, 1, false, 0},
    {"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\na", 200, 1,
     true, 0},
    {"HTTP/1.1 404\r\nContent-Length: 3\r\n\r\nno\n", 404, 3, true, 0},
    {"HTTP/1.1 503 \r\nContent-Length: 3\r\n\r\nno\n", 503, 3, true, 0},
    {"HTTP/1.1 204 No Content\r\n\r\n", 204, 0, true, 0},
    {"HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", 204, 0, true, 0},
    {"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\nabc", 304, 0, true, 3},
    {"HTTP/1.1 100 Continue\r\n\r\n" OK_HEAD "Content-Length: 1\r\n\r\na", 200, 1, true,
     0},
    {"HTTP/1.1 103 Early\r\nConnection: close\r\nContent-Length: 7\r\n\r\nHTTP/1.1 102 "
     "P\r\n\r\n" OK_HEAD "Content-Length: 2\r\n\r\nab",
     200, 2, true, 0},
    {OK_HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 200, 5, true,
     0},
    {OK_HEAD "Transfer-Encoding: Chunked\r\n\r\n1;a=\"b\"\r\nx\r\n0aB ; z\r\n"
             "0123456789012345678901234567890123456789012345678901234567890123456789"
             "0123456789012345678901234567890123456789012345678901234567890123456789"
             "0123456789012345678901234567890\r\n000\r\nContent-Length: 3\r\nT: u\r\n"
             "\r\nX",
     200, 172, true, 1},
    {OK_HEAD "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, 0, true, 0},
    /* what a user agent has to accept */
    {"HTTP/1.1 600 Odd\r\nContent-Length: 1\r\n\r\na", 600, 1, true, 0},
    {"HTTP/1.1 999\r\nContent-Length: 1\r\n\r\na", 999, 1, true, 0},
    {OK_HEAD "A: 1\r\n\tfolded\r\nContent-Length: 1\r\n\r\na", 200, 1, true, 0},
    {OK_HEAD "A:\r\n  twice\r\n \r\nContent-Length: 1\r\n\r\na", 200, 1, true, 0},
    {OK_HEAD "Connection: x,\r\n Close\r\nContent-Length: 1\r\n\r\na", 200, 1, false, 0},
    {OK_HEAD "Connection: clo\r\n\tse\r\nContent-Length: 1\r\n\r\na", 200, 1, true, 0},
    {OK_HEAD "Location: /a\r\n b\r\nContent-Length: 1\r\n\r\na", 200, 1, true, 0},
    {OK_HEAD "Transfer-Encoding: , ,Chunked ,\r\n\r\n0\r\nT: u\r\n v\r\n\r\n", 200, 0,
     true, 0},
    {OK_HEAD "Connection: closes, closed-and-more-than-fits, keep-alives\r\n"
             "Content-Length: 1\r\n\r\na",
     200, 1, true, 0},
};

static void test_complete_responses_in_any_three_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(complete); i++) {
        const struct example *example = &complete[i];
        size_t size = strlen(example->text);
        for (size_t first = 0; first <= size; first++) {
            for (size_t second = first; second <= size; second++) {
                struct outcome got = parse_cut(example->text, size, first, second);
                if (got.result != HTTP_DONE || got.used != size - example->beyond)
                    fail_msg("example %zu cut at %zu and %zu: result %d after %zu", i,
                             first, second, (int)got.result, got.used);
                assert_int_equal(got.status, example->status);
                assert_int_equal(got.body_bytes, example->body_bytes);
                assert_int_equal(got.is_keep_alive, example->is_keep_alive);
            }
        }
    }
}

static void test_every_prefix_is_incomplete(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(complete); i++) {
        size_t size = strlen(complete[i].text) - complete[i].beyond;
        for (size_t prefix = 0; prefix < size; prefix++) {
            struct outcome got = parse_cut(complete[i].text, prefix, prefix, prefix);
            assert_int_equal(got.result, HTTP_MORE);
            assert_int_equal(got.used, prefix);
        }
    }
}

/* text, and how many of its bytes come before the one that is refused */
static const struct {
    const char *text;
    size_t good;
} refused[] = {
    {"\x01 this is not HTTP", 0},
    {"HTTP/2.0 200 OK\r\n", 5},
    {"HTTP/1.2 200 OK\r\n", 7},
    {"http/1.1 200 OK\r\n", 0},
    {"HTTP/1.1  200 OK\r\n", 9},
    {"HTTP/1.1 2x0 OK\r\n", 10},
    {"HTTP/1.1 099 OK\r\n", 11},
    {"HTTP/1.1 2000 OK\r\n", 12},
    {"HTTP/1.1 200 O\x01K\r\n", 14},
    {"HTTP/1.1 200 OK\n", 15},
    {"HTTP/1.1 200 OK\rX", 16},
    {"\r\nHTTP/1.1 200 OK\r\n", 0},
    {"HTTP/1.1 101 Switching Protocols\r\n\r\n", 35},
    {OK_HEAD " folded: 1\r\n", 17},
    {OK_HEAD ": no name\r\n", 17},
    {OK_HEAD "A : 1\r\n", 18},
    {OK_HEAD "A\r\n", 18},
    {OK_HEAD "A(: 1\r\n", 18},
    {OK_HEAD "A\xe9: 1\r\n", 18},
    {OK_HEAD "A: 1\n", 21},
    {OK_HEAD "A: 1\x7f\r\n", 21},
    {OK_HEAD "A: 1\r\r\n", 22},
    {OK_HEAD "A: 1\r\n\rX", 24},
    {OK_HEAD "Content-Length:\r\n", 32},
    {OK_HEAD "Content-Length: -1\r\n", 33},
    {OK_HEAD "Content-Length: +1\r\n", 33},
    {OK_HEAD "Content-Length: 1 1\r\n", 35},
    {OK_HEAD "Content-Length: 5, 5\r\n", 34},
    {OK_HEAD "Content-Length: 0x5\r\n", 34},
    {OK_HEAD "Content-Length: 9223372036854775808\r\n", 51},
    {OK_HEAD "Content-Length: 99999999999999999999999\r\n", 51},
    {OK_HEAD "Content-Length: 5\r\nContent-Length: 5\r\n", 53},
    {OK_HEAD "Content-Length: 5\r\nContent-Length: 6\r\n", 53},
    {OK_HEAD "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 62},
    {OK_HEAD "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 62},
    {OK_HEAD "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 71},
    {OK_HEAD "Transfer-Encoding: gzip, chunked\r\n", 40},
    {OK_HEAD "Transfer-Encoding: identity\r\n", 44},
    {OK_HEAD "Transfer-Encoding:\r\n", 35},
    {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n", 43},
    {OK_HEAD "Transfer-Encoding: chunked\r\n\r\n;\r\n", 47},
    {OK_HEAD "Transfer-Encoding: chunked\r\n\r\n\r\n", 47},
    {OK_HEAD "Transfer-Encoding: chunked\r\n\r\n-1\r\n", 47},
    {OK_HEAD "Transfer-Encoding: chunked\r\n\r\n1g\r\n", 48},
    {OK_HEAD "Transfer-Encoding: chunked\r\n\r\n1\na", 48},
    {OK_HEAD "Transfer-Encoding: chunked\r\n\r\n1\r\nab", 51},
    {OK_HEAD "Transfer-Encoding: chunked\r\n\r\n1\r\na\n", 51},
    {OK_HEAD "Transfer-Encoding: chunked\r\n\r\n1\r\na\r0", 52},
    {OK_HEAD "Transfer-Encoding: chunked\r\n\r\n8000000000000000\r\n", 62},
    {OK_HEAD "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n7fffffffffffffff\r\n", 69},
    {OK_HEAD "Transfer-Encoding: chunked\r\n\r\n0\r\n folded\r\n", 50},
    {OK_HEAD "Content-Length:\r\n 5\r\n", 32},
    {OK_HEAD "Content-Length: 5\r\n 5\r\n", 36},
    {OK_HEAD "Content-Length: 5\r\n \r\n", 36},
    {OK_HEAD "Content-Length: 5,5\r\n", 34},
    {OK_HEAD "Transfer-Encoding: chunked\r\n , chunked\r\n", 45},
    {OK_HEAD "Transfer-Encoding: chunked, chunked\r\n", 52},
    {OK_HEAD "Transfer-Encoding: chunked x\r\n", 44},
    {OK_HEAD "Transfer-Encoding: chunked;x\r\n", 45},
    {OK_HEAD "Transfer-Encoding: ,\r\n", 37},
};

static void test_refused_at_the_byte_however_it_is_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        size_t size = strlen(refused[i].text);
        for (size_t cut = 0; cut <= size; cut++) {
            struct outcome got = parse_cut(refused[i].text, size, cut, cut);
            if (got.result != HTTP_BAD || got.used != refused[i].good)
                fail_msg("text %zu cut at %zu: result %d after %zu, not %zu", i, cut,
                         (int)got.result, got.used, refused[i].good);
            assert_non_null(got.reason);
        }
    }
}

static void test_the_largest_sizes_are_taken(void **state)
{
    (void)state;
    struct outcome got = parse(OK_HEAD "Content-Length: 9223372036854775807\r\n\r\na");
    assert_int_equal(got.result, HTTP_MORE);
    assert_int_equal(got.body_bytes, 1);
    got = parse(OK_HEAD "Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\na");
    assert_int_equal(got.result, HTTP_MORE);
    got = parse(OK_HEAD "Transfer-Encoding: chunked\r\n\r\n"
                        "000000000000000000000000000001\r\na\r\n0\r\n\r\n");
    assert_int_equal(got.result, HTTP_DONE);
}

static void test_the_end_of_the_connection(void **state)
{
    (void)state;
    assert_int_equal(parse("").eof, HTTP_EOF_LOST);
    assert_int_equal(parse("HTTP/1.1 200 OK").eof, HTTP_EOF_LOST);
    assert_int_equal(parse("HTTP/1.1 200 OK\r").eof, HTTP_EOF_LOST);
    assert_int_equal(parse("HTTP/1.1 200 OK\r\n").eof, HTTP_EOF_SHORT);
    assert_int_equal(parse("HTTP/1.1 200 OK\r\nA: ").eof, HTTP_EOF_SHORT);
    assert_int_equal(parse("HTTP/1.1 503 No\r\nA: 1\r\n\r").eof, HTTP_EOF_SHORT);
    assert_int_equal(parse("HTTP/1.1 100 Continue\r\nA: 1\r\n").eof, HTTP_EOF_LOST);
    assert_int_equal(parse("HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 OK").eof, HTTP_EOF_LOST);
    assert_int_equal(parse("HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 OK\r\n").eof,
                     HTTP_EOF_SHORT);
    assert_int_equal(parse("HTTP/1.1 100 Continue\r\n\r\n").eof, HTTP_EOF_LOST);
    assert_int_equal(parse(OK_HEAD "Content-Length: 5\r\n\r\n").eof, HTTP_EOF_SHORT);
    assert_int_equal(parse(OK_HEAD "Content-Length: 5\r\n\r\nhell").eof, HTTP_EOF_SHORT);
    assert_int_equal(parse(OK_HEAD "Transfer-Encoding: chunked\r\n\r\n").eof,
                     HTTP_EOF_SHORT);
    assert_int_equal(parse(OK_HEAD "Transfer-Encoding: chunked\r\n\r\n2\r\na").eof,
                     HTTP_EOF_SHORT);
    assert_int_equal(parse(OK_HEAD "Transfer-Encoding: chunked\r\n\r\n0\r\n").eof,
                     HTTP_EOF_SHORT);
    struct outcome got = parse(OK_HEAD "\r\nuntil the end");
    assert_int_equal(got.result, HTTP_MORE);
    assert_int_equal(got.eof, HTTP_EOF_COMPLETE);
    assert_int_equal(got.body_bytes, 13);
    assert_int_equal(parse("HTTP/1.0 200 OK\r\n\r\n").eof, HTTP_EOF_COMPLETE);
}

static void test_reasons_name_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
    } bad[] = {
        {"SSH-2.0-OpenSSH", "not an answer in HTTP"},
        {"HTTP/1.1 2x0 OK\r\n", "no status"},
        {"HTTP/1.1 200 OK\n", "without CR"},
        {OK_HEAD "A: \001\r\n", "control character"},
        {OK_HEAD "Content-Length: 5\r\nContent-Length: 6\r\n", "two different values"},
        {OK_HEAD "Content-Length: 5\r\nContent-Length: 5\r\n", "given twice"},
        {OK_HEAD "Content-Length: 5\r\n 5\r\n", "Content-Length: a folded line"},
        {OK_HEAD "Transfer-Encoding:\r\n chunked\r\n", "Transfer-Encoding: no value"},
        {OK_HEAD "Transfer-Encoding: gzip\r\n", "other than chunked"},
        {OK_HEAD "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "beside"},
        {OK_HEAD "Transfer-Encoding: chunked\r\n\r\n-5\r\n", "chunk: no size"},
        {"HTTP/1.1 101 Switching\r\n\r\n", "101"},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct outcome got = parse(bad[i].text);
        assert_int_equal(got.result, HTTP_BAD);
        if (!got.reason || !strstr(got.reason, bad[i].words))
            fail_msg("'%s' does not say '%s'", got.reason ? got.reason : "",
                     bad[i].words);
    }
}

static void test_where_a_redirect_leads(void **state)
{
    (void)state;
    static const char answer[] = "HTTP/1.1 301 There\r\nLocation: \t https://h/A?b \r\n"
                                 "Content-Length: 0\r\n\r\n";
    struct http_parse parse;
    for (size_t cut = 0; cut < strlen(answer); cut++) {
        http_parse_begin(&parse);
        (void)http_parse_feed(&parse, answer, cut);
        (void)http_parse_feed(&parse, answer + cut, strlen(answer) - cut);
        assert_int_equal(parse.result, HTTP_DONE);
        assert_int_equal(parse.location_size, strlen("https://h/A?b"));
        assert_memory_equal(parse.location, "https://h/A?b", parse.location_size);
    }
}

static void test_one_struct_reads_one_response_after_the_other(void **state)
{
    (void)state;
    struct http_parse parse;
    for (size_t i = 0; i < COUNT_OF(complete); i++) {
        http_parse_begin(&parse);
        assert_false(parse.has_begun);
        (void)http_parse_feed(&parse, complete[i].text, strlen(complete[i].text));
        assert_true(parse.has_begun);
        assert_int_equal(parse.result, HTTP_DONE);
        assert_int_equal(parse.status, complete[i].status);
        assert_int_equal(parse.body_bytes, complete[i].body_bytes);
        assert_int_equal(http_parse_feed(&parse, "more", 4), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_complete_responses_in_any_three_pieces),
        cmocka_unit_test(test_every_prefix_is_incomplete),
        cmocka_unit_test(test_refused_at_the_byte_however_it_is_cut),
        cmocka_unit_test(test_the_largest_sizes_are_taken),
        cmocka_unit_test(test_the_end_of_the_connection),
        cmocka_unit_test(test_reasons_name_what_is_wrong),
        cmocka_unit_test(test_where_a_redirect_leads),
        cmocka_unit_test(test_one_struct_reads_one_response_after_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
