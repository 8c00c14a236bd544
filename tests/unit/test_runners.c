/* Runners of a scenario: what may be written, which row of the table holds, what becomes
 * of a command, and what is found missing before anything runs. */
#include "common/cleanup.h"
#include "harness/host/probe.h"
#include "harness/plan/scenario.h"
#include "harness/trial/command.h"
#include "single_quotes.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define REST                                                                             \
    "'title':'t','question':'q','models':['threads'],'origin':"                          \
    "{'bytes':1},'load':{'concurrency':[4],'requests':8}}"
#define WITH(runners) "{'runners':[" runners "]," REST
#define COMMAND(word) "{'name':'x','command':['" word "']}"

static int read_text(const char *text, struct scenario **out_scenario, struct err *err)
{
    json_t *json = json_quoted(text);
    int status = scenario_from_json("s", json, out_scenario, err);
    json_decref(json);
    return status;
}

static struct scenario *made(const char *text)
{
    struct scenario *s = NULL;
    struct err err = {0};
    if (read_text(text, &s, &err))
        fail_msg("%s", err.text);
    return s;
}

static void test_each_form_has_its_row(void **state)
{
    (void)state;
    struct scenario *s = made(WITH("{'name':'py','command':['python3','a b']},"
                                   "{'name':'co.u','model':'coroutines',"
                                   "'flags':['--switch','ucontext']},"
                                   "{'name':'one','model':'sequential'}"));
    assert_int_equal(s->model_count, 4); /* appended to models */
    assert_string_equal(s->models[0], "threads");
    assert_string_equal(s->models[1], "py");
    assert_string_equal(runners_model(s, "threads")->name, "threads");
    assert_string_equal(runners_model(s, "co.u")->name, "coroutines");
    assert_true(runners_model(s, "one")->is_single);
    assert_int_equal(runners_model(s, "py")->units, MODEL_UNITS_UNCHECKED);
    assert_string_equal(runners_document_model(s, "co.u"), "coroutines");
    assert_string_equal(runners_document_model(s, "threads"), "threads");
    assert_null(runners_document_model(s, "py"));
    assert_null(runners_find(s, "nobody"));
    assert_string_equal(runners_find(s, "py")->program, "python3");
    assert_string_equal(runners_find(s, "py")->words[0], "a b");
    assert_null(runners_find(s, "py")->words[1]);
    scenario_free(s);
}

static void test_errors_name_the_place(void **state)
{
    static const struct {
        const char *text, *expected;
    } table[] = {
        {WITH("1"), "runners[0]: expected an object"},
        {WITH("{}"), "runners[0].name: missing"},
        {WITH("{'name':'x'}"), "runners[0]: expected either command or model"},
        {WITH("{'name':'../x','command':['a']}"), "runners[0].name: expected 1 to 64"},
        {WITH("{'name':'threads','command':['a']}"),
         "runners[0].name: 'threads' is a model of ours"},
        {WITH(COMMAND("a") "," COMMAND("b")), "runners[1].name: 'x' is listed twice"},
        {WITH("{'name':'x','command':[]}"), "runners[0].command: expected an array of 1"},
        {WITH(COMMAND("")), "runners[0].command[0]: expected a string of 1"},
        {WITH("{'name':'x','command':['a',1]}"), "runners[0].command[1]: "},
        {WITH("{'name':'x','command':'a b'}"), "runners[0].command: expected an a"},
        {WITH("{'name':'x','command':['a'],'shell':true}"),
         "runners[0].shell: unknown key"},
        {WITH("{'name':'x','command':['a'],'flags':['b']}"),
         "runners[0].flags: means something only with model"},
        {WITH("{'name':'x','model':'threads','probe':['b']}"),
         "runners[0].probe: means something only with command"},
        {WITH("{'name':'x','model':'py'}"), "runners[0].model: 'py' is not a model"},
        {WITH("{'name':'x','model':'null'}"), "runners[0].model: 'null' is not"},
        {WITH("{'name':'x','command':['a'],'libcurl':'b'}"),
         "runners[0].libcurl: means something only with a model that uses libcurl"},
        {WITH("{'name':'x','model':'epoll','libcurl':'b'}"),
         "runners[0].libcurl: means something only with a model that uses libcurl"},
        {WITH("{'name':'x','model':'threads','libcurl':'a:b'}"),
         "runners[0].libcurl: expected one directory"},
        {"{'runners':{}," REST, "runners: expected an array"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct scenario *s = NULL;
        struct err err = {0};
        assert_true(read_text(table[i].text, &s, &err) < 0);
        assert_null(s);
        assert_int_equal(err.code, EXIT_CODE_USAGE);
        if (strncmp(err.text, table[i].expected, strlen(table[i].expected)) != 0)
            fail_msg("'%s', expected '%s'", err.text, table[i].expected);
    }
}

/* The command line of one trial at concurrency 4, as one text. */
static void expect_command(const struct scenario *s, const char *model,
                           const char *expected)
{
    const struct trial_context context = {.url = "http://h/"};
    const struct trial_request request = {
        .scenario = s, .model = model, .concurrency = 4, .requests = 8};
    struct command command;
    struct err err = {0};
    char text[512] = "";
    if (command_build(&context, &request, &command, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < command.count; i++) {
        size_t used = strlen(text);
        (void)snprintf(text + used, sizeof text - used, "%s|", command.argv[i]);
    }
    assert_non_null(strstr(text, expected));
    command_done(&command);
}

static void test_a_command_is_followed_by_the_flags_of_the_contract(void **state)
{
    (void)state;
    struct scenario *s = made(WITH("{'name':'py','command':['/x/py','$HOME *']}"));
    expect_command(s, "py",
                   "/x/py|$HOME *|-n|8|-c|4|--timeout-ms|30000|--task|http|"
                   "--result-fd|3|http://h/|");
    scenario_free(s);
}

static void test_what_is_stored_shows_no_directory(void **state)
{
    (void)state;
    struct scenario *s = made(WITH("{'name':'py','command':['/home/me/py','--ca="
                                   "/home/me/ca.pem'],'probe':['/home/me/p']}"));
    AUTO_FREE char *text = json_dumps(s->json, 0);
    assert_null(strstr(text, "/home"));
    assert_non_null(strstr(text, "--ca=ca.pem"));
    assert_string_equal(runners_find(s, "py")->program, "/home/me/py");
    assert_string_equal(runners_find(s, "py")->words[0], "--ca=/home/me/ca.pem");
    assert_string_equal(runners_find(s, "py")->probe[0], "/home/me/p");
    scenario_free(s);
}

static void expect_reason(const char *text, const char *expected)
{
    struct err err = {0};
    struct scenario *s = made(text);
    if (runners_resolve(s, "/", &err))
        fail_msg("%s", err.text);
    assert_string_equal(runners_find(s, "x")->skip_reason, expected);
    scenario_free(s);
}

#define PROBE(words) WITH("{'name':'x','command':['sh'],'probe':[" words "]}")

static void test_what_is_missing_is_a_reason(void **state)
{
    (void)state;
    expect_reason(WITH(COMMAND("sh")), "");
    expect_reason(WITH(COMMAND("no-such-program")), "no-such-program is not installed");
    expect_reason(WITH(COMMAND("/nonexistent/x")), "x: No such file or directory");
    expect_reason(WITH(COMMAND("/etc/passwd")), "passwd: Permission denied");
    expect_reason(PROBE("'true'"), "");
    expect_reason(PROBE("'false'"), "probe failed: exit code 1");
    expect_reason(PROBE("'no-such-program'"), "no-such-program is not installed");
    expect_reason(
        PROBE("'sh','-c','echo one >&2; echo \\u0027\\ttwo \\u0027 >&2; exit 3'"),
        "probe failed: ?two");
    expect_reason(PROBE("'sh','-c','kill -9 $$'"), "probe failed: killed by signal 9");
}

static void test_a_name_that_is_nothing_is_an_error(void **state)
{
    (void)state;
    struct err err = {0};
    struct scenario *s =
        made("{'title':'t','question':'q','models':['nosuch'],"
             "'origin':{'bytes':1},'load':{'concurrency':[4],'requests':8}}");
    assert_int_equal(runners_resolve(s, "/", &err), -EXIT_CODE_USAGE);
    assert_non_null(strstr(err.text, "'nosuch' has no runner here"));
    scenario_free(s);
}

/* Words that name files are found beside the scenario, also through a link, which stays.
 */
static void test_files_are_looked_for_beside_the_scenario(void **state)
{
    char top[] = "/tmp/test_runners.XXXXXX", path[80], real[PATH_MAX];
    (void)state;
    assert_non_null(mkdtemp(top));
    (void)snprintf(path, sizeof path, "%s/x", top);
    assert_int_equal(symlink("/bin/sh", path), 0);
    char *word = strdup("./x"), *absent = strdup("./y"), *flag = strdup("-a/./x");
    char *name = strdup("x");
    runners_locate(&word, top);
    runners_locate(&absent, top);
    runners_locate(&flag, top);
    runners_locate(&name, top);
    assert_non_null(realpath(top, real));
    assert_memory_equal(word, real, strlen(real));
    assert_string_equal(word + strlen(real), "/./x");
    assert_string_equal(absent, "./y");
    assert_string_equal(flag, "-a/./x");
    assert_string_equal(name, "x"); /* without a slash: a program on PATH, or a word */
    free(word);
    free(absent);
    free(flag);
    free(name);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(top), 0);
}

/* Bounded although what it started keeps its stderr open. */
static void test_a_probe_that_does_not_end_is_ended(void **state)
{
    const char *const argv[] = {"/bin/sh", "-c", "echo waiting >&2; sleep 60 & sleep 60",
                                NULL};
    const char *const leaves[] = {"/bin/sh", "-c", "sleep 60 & echo left >&2; exit 4",
                                  NULL};
    char line[PROBE_TEXT_SIZE];
    (void)state;
    assert_int_equal(probe_run(argv, 1000, line), -1);
    assert_string_equal(line, "no answer within 1 s");
    assert_int_equal(probe_run(leaves, PROBE_LIMIT_MS, line), 4);
    assert_string_equal(line, "left");
}

static void test_the_same_is_asked_once(void **state)
{
    (void)state;
    char path[] = "/tmp/concbench-probe.XXXXXX";
    char script[128], line[PROBE_TEXT_SIZE];
    AUTO_FD int fd = mkstemp(path);
    (void)snprintf(script, sizeof script, "echo x >> %s; echo no $0 >&2; exit 3", path);
    const char *const one[] = {"/bin/sh", "-c", script, "one", NULL};
    const char *const other[] = {"/bin/sh", "-c", script, "one ", NULL};
    const char *const more[] = {"/bin/sh", "-c", script, "one", "", NULL};
    const char *const bytes[] = {"/bin/sh", "-c", script, "\xff", NULL};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(probe_once(one, PROBE_LIMIT_MS, line), 3);
        assert_string_equal(line, "no one");
    }
    assert_int_equal(lseek(fd, 0, SEEK_END), 2); /* x and a newline */
    assert_int_equal(probe_once(other, PROBE_LIMIT_MS, line), 3);
    assert_int_equal(probe_once(more, PROBE_LIMIT_MS, line), 3);
    assert_int_equal(lseek(fd, 0, SEEK_END), 6);
    assert_int_equal(probe_once(bytes, PROBE_LIMIT_MS, line), 3);
    assert_int_equal(probe_run(one, PROBE_LIMIT_MS, line), 3);
    assert_int_equal(lseek(fd, 0, SEEK_END), 10);
    (void)unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_form_has_its_row),
        cmocka_unit_test(test_errors_name_the_place),
        cmocka_unit_test(test_a_command_is_followed_by_the_flags_of_the_contract),
        cmocka_unit_test(test_what_is_stored_shows_no_directory),
        cmocka_unit_test(test_what_is_missing_is_a_reason),
        cmocka_unit_test(test_a_name_that_is_nothing_is_an_error),
        cmocka_unit_test(test_files_are_looked_for_beside_the_scenario),
        cmocka_unit_test(test_a_probe_that_does_not_end_is_ended),
        cmocka_unit_test(test_the_same_is_asked_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
