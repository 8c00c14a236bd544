/* test_gnuplot: how gnuplot is run. A script stands in for it, which tells its words and
 * does what the test is about. */
#include "report/draw/gnuplot.h"

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/file.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/concbench-gnuplot-XXXXXX";
static char program[PATH_MAX];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(program, sizeof program, "%s/gnuplot", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"gnuplot", "words", "0.log", "1.log"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[PATH_MAX];
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    return rmdir(folder);
}

static int run(const char *script, size_t count, uint64_t limit_ms, struct err *err)
{
    static const char *const names[] = {"first", "second", "third"};
    assert_int_equal(file_write(program, script, strlen(script), err), 0);
    assert_int_equal(chmod(program, 0700), 0);
    return gnuplot_run(program, folder, names, count, false, limit_ms, err);
}

static void reads_no_start_up_file(void **state)
{
    (void)state;
    struct err err = {0};
    char path[PATH_MAX];
    AUTO_FREE char *words = NULL;
    size_t size = 0;
    assert_int_equal(
        run("#!/bin/sh\nprintf '%s|' \"$@\" \"$HOME\" >words\n", 1, 60000, &err), 0);
    (void)snprintf(path, sizeof path, "%s/words", folder);
    assert_int_equal(file_read(path, 1000, &words, &size, &err), 0);
    /* -d: neither the system's nor the user's, whose home it does not know either */
    assert_string_equal(words, "-d|-e|formats = 'svg'|first.gp||");
}

/* The sleepers end by themselves, so that a limit that does not hold is a failure, not a
 * test that hangs. */
static void takes_no_longer_than_the_limit(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_not_equal(run("#!/bin/sh\nexec sleep 20\n", 2, 300, &err), 0);
    assert_int_equal(err.code, EXIT_CODE_UNFIT);
    assert_non_null(strstr(err.text, "gnuplot took longer than 0.3 s"));
}

/* Two processes share the scripts, each of which is drawn once. */
static void draws_each_script_once(void **state)
{
    (void)state;
    struct err err = {0};
    char path[PATH_MAX];
    AUTO_FREE char *words = NULL;
    size_t size = 0;
    (void)snprintf(path, sizeof path, "%s/words", folder);
    (void)unlink(path);
    assert_int_equal(
        run("#!/bin/sh\nshift 3\nprintf '%s ' \"$@\" >>words\n", 3, 60000, &err), 0);
    assert_int_equal(file_read(path, 1000, &words, &size, &err), 0);
    assert_int_equal(size, strlen("first.gp second.gp third.gp "));
    assert_non_null(strstr(words, "first.gp third.gp "));
    assert_non_null(strstr(words, "second.gp "));
}

static void tells_the_last_line(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_not_equal(run("#!/bin/sh\necho one\necho two\nexit 1\n", 1, 60000, &err),
                         0);
    assert_string_equal(err.text, "gnuplot failed: two");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_no_start_up_file),
        cmocka_unit_test(takes_no_longer_than_the_limit),
        cmocka_unit_test(draws_each_script_once),
        cmocka_unit_test(tells_the_last_line),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
