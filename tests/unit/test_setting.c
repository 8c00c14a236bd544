/* test_setting: where a verdict holds, in words. */
#include "analysis/setting.h"
#include "single_quotes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void expect(const char *scenario_text, json_int_t rate_per_s, const char *url,
                   const char *wanted)
{
    json_auto_t *scenario = json_quoted(scenario_text);
    json_auto_t *results = json_pack("{s:{s:s?}}", "run", "url", url);
    const struct contest contest = {.results = results,
                                    .scenario = scenario,
                                    .concurrency = 8,
                                    .rate_per_s = rate_per_s};
    struct sentence text = {.used = 0};
    setting_say(&text, &contest);
    assert_string_equal(text.bytes, wanted);
}

static void test_the_origin(void **state)
{
    static const struct {
        const char *origin, *said;
    } cases[] = {
        {"{'delay_ms':0}", "against an origin that answers at once"},
        {"{'delay_ms':20}", "against a 20 ms origin"},
        {"{'delay_ms':5,'exp_ms':20}", "against an origin that takes 25 ms on average"},
        {"{'delay_ms':10,'tail_ppm':10000,'tail_ms':2000}",
         "against a 10 ms origin with a tail of 2000 ms"},
        {"{'delay_ms':0,'fault':'refused'}", "against a port on which nothing listens"},
        {"{'delay_ms':0,'fault':'reset','fault_ppm':250000}",
         "against an origin that answers at once, with faults in 25 % of the requests"},
        {"{'delay_ms':20,'status':503,'fault_ppm':100}",
         "against a 20 ms origin, with faults in 0.01 % of the requests"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char scenario[300], said[200];
        (void)snprintf(scenario, sizeof scenario, "{'task':'http','origin':%s}",
                       cases[i].origin);
        (void)snprintf(said, sizeof said, "At concurrency 8 %s", cases[i].said);
        expect(scenario, 0, NULL, said);
    }
    expect("{'task':'http','origin':{'delay_ms':20}}", 0, "http://127.0.0.1:1/",
           "At concurrency 8 against http://127.0.0.1:1/");
}

static void test_what_a_request_is(void **state)
{
    (void)state;
    expect("{'task':'sleep','origin':null}", 0, NULL,
           "At concurrency 8, where a request is one sleep task");
    expect("{'task':'sleep','origin':null}", 20, NULL,
           "At 20 requests/s, open loop, with 8 workers, where a request is one sleep "
           "task");
    expect("{'task':'fan-out','origin':{'delay_ms':5}}", 0, NULL,
           "At concurrency 8 against a 5 ms origin, where a request is one fan-out task");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_origin),
        cmocka_unit_test(test_what_a_request_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
