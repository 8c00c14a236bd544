/* Tests of common/paths: what lies beside the running program is found, whatever the cwd.
 */
#include "common/paths.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void test_program_beside_this_one(void **state)
{
    (void)state;
    char path[PATH_MAX];
    char self[PATH_MAX];
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(paths_program("test_paths", path, sizeof path, NULL), 0);
    assert_int_equal(path[0], '/');
    assert_non_null(realpath("/proc/self/exe", self));
    assert_string_equal(path, self);
}

static void test_missing_program_is_named(void **state)
{
    (void)state;
    char path[PATH_MAX] = "untouched";
    struct err err = {0};
    assert_int_equal(paths_program("runner-none", path, sizeof path, &err), -3);
    assert_int_equal(err.code, EXIT_CODE_UNFIT);
    assert_non_null(strstr(err.text, "/runner-none: No such file or directory"));
    assert_string_equal(path, "untouched");
}

static void test_small_buffer(void **state)
{
    (void)state;
    char path[PATH_MAX];
    struct err err = {0};
    assert_int_equal(paths_program("test_paths", path, sizeof path, NULL), 0);
    size_t length = strlen(path);
    assert_int_equal(paths_program("test_paths", path, length, &err), -3);
    assert_string_equal(err.text, "test_paths: path too long");
    assert_int_equal(paths_program("test_paths", path, length + 1, NULL), 0);
}

static void test_share(void **state)
{
    (void)state;
    char path[PATH_MAX];
    struct err err = {0};
    assert_int_equal(paths_share("scenarios", path, sizeof path, NULL), 0);
    assert_non_null(strstr(path, "/../share/concbench/scenarios"));
    assert_int_equal(paths_share("no-such", path, sizeof path, &err), -3);
    assert_int_equal(err.code, EXIT_CODE_UNFIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_program_beside_this_one),
        cmocka_unit_test(test_missing_program_is_named),
        cmocka_unit_test(test_small_buffer),
        cmocka_unit_test(test_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
