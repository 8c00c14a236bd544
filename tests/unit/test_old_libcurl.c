/* Tests of runtime/task with a libcurl older than the headers it was built with, as
 * `concbench run --libcurl` may start it: what such a one tells of itself is shorter. */
#include "runtime/document.h"
#include "runtime/task/fetch.h"

#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Stands for libcurl's own. Of 7.74.0 and without TLS; behind its end is no pointer. */
curl_version_info_data *curl_version_info(CURLversion age)
{
    static curl_version_info_data data = {
        .age = CURLVERSION_EIGHTH, .version = "7.74.0", .version_num = 0x074a00};
    (void)age;
    data.feature_names = (const char *const *)(uintptr_t)8;
    return &data;
}

static void test_it_says_what_it_is(void **state)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    (void)state;
    assert_non_null(out);
    document_print_libcurl(out);
    assert_int_equal(fclose(out), 0);
    assert_non_null(strstr(text, "libcurl: 7.74.0\ntls: none\nfeatures:\n"));
    free(text);
}

static void test_https_needs_tls(void **state)
{
    struct err err = {0};
    (void)state;
    assert_int_equal(fetch_check_url("http://127.0.0.1/", 1, &err), 0);
    assert_int_equal(fetch_check_url("https://127.0.0.1/", 1, &err), -EXIT_CODE_USAGE);
    assert_string_equal(err.text, "libcurl 7.74.0 has no TLS: use an http URL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_says_what_it_is),
        cmocka_unit_test(test_https_needs_tls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
