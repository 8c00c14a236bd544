/* test_report_summary: CSV that parses and cannot become a formula, Markdown that shows
 * data as it is. */
#include "report/page/summary.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct cell cell_of(const char *model)
{
    struct cell cell = {
        .scenario = "s", .model = model, .status = "ok", .concurrency = 8};
    for (size_t i = 0; i < METRIC_COUNT; i++)
        cell.metrics[i] = (struct metric){
            .median = (double)NAN, .low = (double)NAN, .high = (double)NAN};
    for (size_t i = 0; i < LOAD_PHASES; i++)
        cell.phases_ns[i] = (double)NAN;
    return cell;
}

static void check_csv(const char *model, const char *field)
{
    struct cell cell = cell_of(model);
    cell.has_summary = true;
    cell.metrics[METRIC_THROUGHPUT].median = 1234.5;
    cell.metrics[METRIC_HEADLINE].median = 5.5e9;
    cell.metrics[METRIC_CPU_PER_REQUEST].median = 2500;
    struct scenario scenario = {
        .name = "s",
        .headline = {.spec = {"measured_ns", "time, all", UNIT_NS}},
        .cells = &cell,
        .cell_count = 1};
    struct results results = {.run_id = "r",
                              .cells = &cell,
                              .cell_count = 1,
                              .scenarios = &scenario,
                              .scenario_count = 1};
    char *text = NULL;
    size_t size = 0;
    summary_csv(&results, &text, &size);
    char *line = strstr(text, "\r\n");
    assert_non_null(line);
    char wanted[128];
    (void)snprintf(wanted, sizeof wanted, "\r\ns,%s,8,5.5,\"s, time, all\",1234.5,2.5,",
                   field);
    assert_int_equal(strncmp(line, wanted, strlen(wanted)), 0);
    size_t commas[2] = {0, 0};
    int row = 0;
    for (const char *p = text; *p && row < 2; p++) {
        row += *p == '\n';
        commas[row < 2 ? row : 1] += *p == ',';
    }
    if (!strchr(field, '"')) /* two of them are within the unit */
        assert_int_equal(commas[0] + 2, commas[1]);
    assert_string_equal(text + size - 2, "\r\n");
    free(text);
}

static void test_csv_fields(void **state)
{
    (void)state;
    check_csv("threads", "threads");
    check_csv("a,b", "\"a,b\"");
    check_csv("say \"x\"", "\"say \"\"x\"\"\"");
    check_csv("=1+1", "\"'=1+1\"");
    check_csv("+1", "\"'+1\"");
    check_csv("-1", "\"'-1\"");
    check_csv("@SUM(A1)", "\"'@SUM(A1)\"");
}

static void test_markdown_escapes(void **state)
{
    (void)state;
    struct cell cell = cell_of("a|b<i>");
    struct scenario scenario = {
        .name = "s",
        .headline = {.spec = {"throughput_per_s", "requests/s", UNIT_PER_S},
                     .noun = "request"},
        .question = "[x](http://y)",
        .form = "tie",
        .sentence = "*no* stars",
        .caveat = "",
        .why = "",
        .baseline = "a|b<i>",
        .cells = &cell,
        .cell_count = 1};
    struct results results = {.run_id = "r",
                              .cells = &cell,
                              .cell_count = 1,
                              .scenarios = &scenario,
                              .scenario_count = 1,
                              .is_complete = true};
    char *text = NULL;
    size_t size = 0;
    summary_md(&results, &text, &size);
    assert_non_null(strstr(text, "\\[x\\](http://y)"));
    assert_non_null(strstr(text, "\\*no\\* stars"));
    assert_non_null(strstr(text, "| a\\|b&lt;i&gt; |"));
    assert_non_null(strstr(text, "publishable: yes"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv_fields),
        cmocka_unit_test(test_markdown_escapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
