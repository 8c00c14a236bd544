/* Tests of runtime/settings: the command line that all runners have. */
#include "runtime/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct parsed {
    struct settings settings;
    struct err err;
    int status, help;
};

/* Parses words, separated by single blanks; the words live as long as text. */
static struct parsed parse(char *text)
{
    struct parsed p = {.status = 0};
    char *argv[40] = {text};
    int argc = 1;
    for (char *word = *text ? text : NULL; word && argc < 39; argc++) {
        char *blank = strchr(word, ' ');
        argv[argc] = word;
        if (blank)
            *blank = '\0';
        word = blank ? blank + 1 : NULL;
    }
    p.status = settings_parse(argc, argv, &p.settings, &p.help, &p.err);
    return p;
}

#define PARSE(words) parse((char[]){words})

static void test_the_defaults(void **state)
{
    (void)state;
    struct parsed p = PARSE("");
    assert_int_equal(p.status, 0);
    assert_int_equal(p.help, 0);
    assert_int_equal(p.settings.requests, 100);
    assert_int_equal(p.settings.concurrency, 1);
    assert_int_equal(p.settings.timeout_ms, 30000);
    assert_string_equal(p.settings.task, "http");
    assert_false(p.settings.no_keepalive);
    assert_string_equal(p.settings.tls_resume, "on");
    assert_string_equal(p.settings.http_version, "1.1");
    assert_false(settings_is_http_2(&p.settings));
    assert_int_equal(p.settings.connections, 0);
    assert_int_equal(p.settings.post_bytes, 0);
    assert_int_equal(p.settings.buffer_bytes, 16384);
    assert_int_equal(p.settings.stack_bytes, 65536);
    assert_null(p.settings.switch_backend);
    assert_int_equal(p.settings.work_tests, 0);
    assert_int_equal(p.settings.sleep_count, 1);
    assert_int_equal(p.settings.sleep_ms[0], 1000);
    assert_false(p.settings.trace);
    assert_int_equal(p.settings.queue_slots, 64);
    assert_int_equal(p.settings.fan_out, 1); /* of another task */
    assert_string_equal(p.settings.file_op, "read");
    assert_int_equal(p.settings.file_bytes, 65536);
    assert_null(p.settings.file_dir);
    assert_null(p.settings.db);
    assert_string_equal(p.settings.db_query, "sleep");
    assert_int_equal(p.settings.db_ms, 100);
    assert_null(p.settings.guard);
    assert_int_equal(p.settings.addresses, 1);
    assert_null(p.settings.ca_file);
    assert_false(p.settings.json);
    assert_false(p.settings.version);
    assert_int_equal(p.settings.result_fd, 0);
    assert_null(p.settings.url);
}

static void test_every_flag(void **state)
{
    (void)state;
    char words[] = "--requests 7 --concurrency 3 http://h/ --timeout-ms 9 --task http "
                   "--no-keepalive --buffer-bytes 2048 --stack-bytes 16384 "
                   "--work 5 --work-us 6 --sleep-ms 0,3600000,7 --trace --queue-slots 3 "
                   "--touch-stack 4096 "
                   "--switch ucontext --guard canary --addresses 16 --cacert ca.pem "
                   "--json --result-fd 5 --version";
    struct parsed p = parse(words);
    assert_int_equal(p.status, 0);
    assert_int_equal(p.settings.requests, 7);
    assert_int_equal(p.settings.concurrency, 3);
    assert_string_equal(p.settings.url, "http://h/");
    assert_int_equal(p.settings.timeout_ms, 9);
    assert_string_equal(p.settings.task, "http");
    assert_true(p.settings.no_keepalive);
    assert_int_equal(p.settings.buffer_bytes, 2048);
    assert_int_equal(p.settings.stack_bytes, 16384);
    assert_string_equal(p.settings.switch_backend, "ucontext");
    assert_int_equal(p.settings.work_tests, 5);
    assert_int_equal(p.settings.work_us, 6);
    assert_int_equal(p.settings.sleep_count, 3);
    assert_int_equal(p.settings.sleep_ms[0], 0);
    assert_int_equal(p.settings.sleep_ms[1], 3600000);
    assert_int_equal(p.settings.sleep_ms[2], 7);
    assert_true(p.settings.trace);
    assert_int_equal(p.settings.queue_slots, 3);
    assert_int_equal(p.settings.touch_stack_bytes, 4096);
    assert_string_equal(p.settings.guard, "canary");
    assert_int_equal(p.settings.addresses, 16);
    assert_string_equal(p.settings.ca_file, "ca.pem");
    assert_true(p.settings.json);
    assert_int_equal(p.settings.result_fd, 5);
    assert_true(p.settings.version);
}

static void test_the_letters_of_ab(void **state)
{
    (void)state;
    char words[] = "-n 4000000000 -c 1000000 http://h/";
    struct parsed p = parse(words);
    assert_int_equal(p.status, 0);
    assert_true(p.settings.requests == UINT64_C(4000000000));
    assert_int_equal(p.settings.concurrency, 1000000);
}

static void assert_refused(char *words, const char *named)
{
    struct parsed p = parse(words);
    assert_int_equal(p.status, -EXIT_CODE_USAGE);
    assert_int_equal(p.err.code, EXIT_CODE_USAGE);
    assert_non_null(strstr(p.err.text, named));
    assert_int_equal(p.settings.requests, 0); /* written only on success */
}

#define ASSERT_REFUSED(words, named) assert_refused((char[]){words}, named)

static void test_values_out_of_range(void **state)
{
    (void)state;
    ASSERT_REFUSED("-n 0", "--requests");
    ASSERT_REFUSED("-n 4000000001", "--requests");
    ASSERT_REFUSED("-n 9999999 -c 0", "--concurrency");
    ASSERT_REFUSED("-n 9999999 -c 1000001", "--concurrency");
    ASSERT_REFUSED("--timeout-ms 0", "--timeout-ms");
    ASSERT_REFUSED("--timeout-ms 3600001", "--timeout-ms");
    ASSERT_REFUSED("--buffer-bytes 1023", "--buffer-bytes");
    ASSERT_REFUSED("--buffer-bytes 10485761", "--buffer-bytes");
    ASSERT_REFUSED("--stack-bytes 1023", "--stack-bytes");
    ASSERT_REFUSED("--stack-bytes 1073741825", "--stack-bytes");
    ASSERT_REFUSED("--sleep-ms 3600001", "--sleep-ms");
    ASSERT_REFUSED("--sleep-ms 1,", "--sleep-ms");
    ASSERT_REFUSED("--sleep-ms 1,,2", "--sleep-ms");
    ASSERT_REFUSED("--sleep-ms 1;2", "--sleep-ms");
    ASSERT_REFUSED("--sleep-ms 1234567890123456789012345678901", "--sleep-ms");
    ASSERT_REFUSED("--sleep-ms 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", "--sleep-ms");
    ASSERT_REFUSED("--fan-out 0", "--fan-out");
    ASSERT_REFUSED("--fan-out 1001", "--fan-out");
    ASSERT_REFUSED("--queue-slots 0", "--queue-slots");
    ASSERT_REFUSED("--queue-slots 1048577", "--queue-slots");
    ASSERT_REFUSED("--switch setjmp", "--switch");
    ASSERT_REFUSED("--cacert=", "--cacert");
    ASSERT_REFUSED("--result-fd 2", "--result-fd");
}

static void test_more_workers_than_requests(void **state)
{
    (void)state;
    ASSERT_REFUSED("-n 5 -c 6", "--concurrency 6 is more than --requests 5");
    ASSERT_REFUSED("-c 101", "--requests 100");
    char words[] = "-n 5 -c 5";
    assert_int_equal(parse(words).status, 0);
}

static void test_help_needs_nothing_else_to_be_right(void **state)
{
    (void)state;
    char words[] = "-c 200 one two --help";
    struct parsed p = parse(words);
    assert_int_equal(p.status, 0);
    assert_int_equal(p.help, 1);
}

static void test_a_second_url_is_refused_but_not_shown(void **state)
{
    (void)state;
    char words[] = "http://one/ http://user:secret@two/";
    struct parsed p = parse(words);
    assert_int_equal(p.err.code, EXIT_CODE_USAGE);
    assert_non_null(strstr(p.err.text, "one URL"));
    assert_null(strstr(p.err.text, "secret"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_defaults),
        cmocka_unit_test(test_every_flag),
        cmocka_unit_test(test_the_letters_of_ab),
        cmocka_unit_test(test_values_out_of_range),
        cmocka_unit_test(test_more_workers_than_requests),
        cmocka_unit_test(test_help_needs_nothing_else_to_be_right),
        cmocka_unit_test(test_a_second_url_is_refused_but_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
