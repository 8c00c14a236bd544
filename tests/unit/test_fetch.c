/* Tests of runtime/task/fetch: which URLs are accepted, and what each end of a transfer
 * is called. */
#include "runtime/task/fetch.h"

#include "runtime/shared.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_urls_that_are_accepted(void **state)
{
    (void)state;
    const char *const urls[] = {"http://127.0.0.1/",   "http://127.0.0.1:8080/a/b?c=d&e",
                                "https://example.org", "HTTP://EXAMPLE.ORG/",
                                "http://[::1]:80/",    "http://user:secret@example.org/"};
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        struct err err = {0};
        assert_int_equal(fetch_check_url(urls[i], 1, &err), 0);
        assert_int_equal(err.code, EXIT_CODE_OK);
    }
}

static void test_urls_that_are_refused(void **state)
{
    (void)state;
    const char *const urls[] = {"",
                                "example.org",
                                "127.0.0.1:80",
                                "/a/path",
                                "ftp://127.0.0.1/",
                                "file:///etc/passwd",
                                "http://",
                                "http://[",
                                "http://127.0.0.1:99999/",
                                "http://127.0.0.1:port/",
                                "http://a b/"};
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        struct err err = {0};
        assert_int_equal(fetch_check_url(urls[i], 1, &err), -EXIT_CODE_USAGE);
        assert_non_null(strstr(err.text, urls[i])); /* it names what is wrong */
        assert_non_null(strstr(err.text, "URL"));
    }
}

static void test_credentials_are_not_shown(void **state)
{
    (void)state;
    const char *const urls[] = {"ftp://user:secret@host/", "http://user:secret@[",
                                "http://user:se@secret@host:99999/", "user:secret@host"};
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        struct err err = {0};
        assert_int_equal(fetch_check_url(urls[i], 1, &err), -EXIT_CODE_USAGE);
        assert_null(strstr(err.text, "secret"));
    }
}

static void test_only_the_first_loopback_address_can_be_spread(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(fetch_check_url("http://127.0.0.1:80/", 16, &err), 0);
    const char *const urls[] = {"http://localhost/", "http://10.0.0.1/", "http://[::1]/"};
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        struct err refused = {0};
        assert_int_equal(fetch_check_url(urls[i], 2, &refused), -EXIT_CODE_USAGE);
        assert_non_null(strstr(refused.text, "127.0.0.1"));
    }
}

/* Workers go round the addresses, and begin again. */
static void test_workers_go_round_the_addresses(void **state)
{
    (void)state;
    const char *const expected[] = {"127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.1"};
    struct settings settings = {
        .url = "http://127.0.0.1:80/a?b", .buffer_bytes = 16384, .addresses = 3};
    for (uint64_t i = 0; i < 4; i++) {
        struct fetch fetch = {0};
        struct err err = {0};
        char *host = NULL;
        assert_int_equal(fetch_init(&fetch, &settings, i, &err), 0);
        assert_int_equal(curl_url_get(fetch.url, CURLUPART_HOST, &host, 0), 0);
        assert_string_equal(host, expected[i]);
        curl_free(host);
        fetch_done(&fetch);
    }
}

static void test_a_hostile_url_cannot_draw_on_a_terminal(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(fetch_check_url("http://\033[2J\n", 1, &err), -EXIT_CODE_USAGE);
    assert_null(strchr(err.text, '\033'));
    assert_null(strchr(err.text, '\n'));
}

static void test_failures_have_classes(void **state)
{
    (void)state;
    static const struct {
        CURLcode code;
        enum outcome outcome;
    } table[] = {
        {CURLE_COULDNT_RESOLVE_HOST, OUTCOME_RESOLVE},
        {CURLE_COULDNT_CONNECT, OUTCOME_CONNECT},
        {CURLE_SSL_CONNECT_ERROR, OUTCOME_TLS},
        {CURLE_PEER_FAILED_VERIFICATION, OUTCOME_TLS},
        {CURLE_OPERATION_TIMEDOUT, OUTCOME_TIMEOUT},
        {CURLE_RECV_ERROR, OUTCOME_RESET},
        {CURLE_SEND_ERROR, OUTCOME_RESET},
        {CURLE_GOT_NOTHING, OUTCOME_RESET},
        {CURLE_PARTIAL_FILE, OUTCOME_SHORT},
        {CURLE_WEIRD_SERVER_REPLY, OUTCOME_PROTOCOL},
        {CURLE_OUT_OF_MEMORY, OUTCOME_OTHER},
        {CURLE_FAILED_INIT, OUTCOME_OTHER},
    };
    struct settings settings = {.url = "http://127.0.0.1/", .buffer_bytes = 16384};
    struct shared *shared = shared_new(1, 1, false);
    struct fetch fetch = {0};
    struct err err = {0};
    assert_int_equal(fetch_init(&fetch, &settings, 0, &err), 0);
    for (size_t i = 0; i < COUNT_OF(table); i++)
        assert_int_equal(
            fetch_outcome(&fetch, table[i].code, &shared->recorders[0], shared),
            table[i].outcome);
    assert_int_equal(shared->recorders[0].connections_opened, 0);
    fetch_done(&fetch);
    assert_null(fetch.easy);
    fetch_done(&fetch); /* a worker that failed to start is also taken down */
    shared_free(shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urls_that_are_accepted),
        cmocka_unit_test(test_urls_that_are_refused),
        cmocka_unit_test(test_credentials_are_not_shown),
        cmocka_unit_test(test_only_the_first_loopback_address_can_be_spread),
        cmocka_unit_test(test_workers_go_round_the_addresses),
        cmocka_unit_test(test_a_hostile_url_cannot_draw_on_a_terminal),
        cmocka_unit_test(test_failures_have_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
