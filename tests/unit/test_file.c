/* Tests of common/file: a file is old or new and never half, and errors name the path. */
#include "common/file.h"

#include "common/cleanup.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

/* Every test runs in a new empty folder as its current one. */
static int enter_new_folder(void **state)
{
    char *folder = strdup("/tmp/concbench-file.XXXXXX");
    *state = folder;
    return !folder || !mkdtemp(folder) || chdir(folder) ? -1 : 0;
}

static int count_entries(const char *folder, bool remove)
{
    int count = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        count++;
        if (remove)
            (void)unlinkat(dirfd(dir), entry->d_name,
                           entry->d_type == DT_DIR ? AT_REMOVEDIR : 0);
    }
    (void)closedir(dir);
    return count;
}

static int leave_folder(void **state)
{
    (void)count_entries(".", true);
    int status = chdir("/") || rmdir(*state);
    free(*state);
    return status;
}

static void assert_holds(const char *path, const char *expected)
{
    AUTO_FREE char *text = NULL;
    size_t size = 0;
    assert_int_equal(file_read(path, 100000, &text, &size, NULL), 0);
    assert_int_equal(size, strlen(expected));
    assert_string_equal(text, expected);
}

static void test_write_and_read_back(void **state)
{
    (void)state;
    assert_int_equal(file_write("a", "one", 3, NULL), 0);
    assert_holds("a", "one");
    assert_int_equal(file_write("a", "longer than one", 15, NULL), 0);
    assert_holds("a", "longer than one");
    assert_int_equal(file_write("a", "", 0, NULL), 0);
    assert_holds("a", "");
    assert_int_equal(count_entries(".", false), 1);
}

static void test_write_replaces_rather_than_overwrites(void **state)
{
    (void)state;
    assert_int_equal(file_write("a", "old", 3, NULL), 0);
    assert_int_equal(link("a", "reader-has-it-open"), 0);
    assert_int_equal(file_write("a", "new", 3, NULL), 0);
    assert_holds("reader-has-it-open", "old");
    assert_holds("a", "new");
}

static void test_missing_folder(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(file_write("none/a", "x", 1, &err), -EXIT_CODE_UNFIT);
    assert_string_equal(err.text, "cannot write none/a: No such file or directory");
    assert_int_equal(count_entries(".", false), 0);
}

/* A full disk, without one: writing stops after 4096 bytes, as it does on ENOSPC. */
static void test_full_disk_leaves_the_old_file(void **state)
{
    (void)state;
    static char bytes[8192];
    assert_int_equal(file_write("a", "old", 3, NULL), 0);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {4096, before.rlim_max};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction old_action;
    assert_int_equal(sigaction(SIGXFSZ, &ignore, &old_action), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    struct err err = {0};
    int status = file_write("a", bytes, sizeof bytes, &err);
    (void)setrlimit(RLIMIT_FSIZE, &before);
    (void)sigaction(SIGXFSZ, &old_action, NULL);
    assert_int_equal(status, -EXIT_CODE_UNFIT);
    assert_string_equal(err.text, "cannot write a: File too large");
    assert_holds("a", "old");
    assert_int_equal(count_entries(".", false), 1);
}

static void make_file(const char *path)
{
    AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
}

/* In a container every process may be number 1: a name made of the number comes again. */
static void test_leftovers_of_killed_writers_block_nobody(void **state)
{
    (void)state;
    char with_pid[64];
    (void)snprintf(with_pid, sizeof with_pid, "a.tmp.%d", (int)getpid());
    make_file(with_pid);
    make_file("a.tmp.1");
    make_file("a.tmp.0123abcd");
    assert_int_equal(file_write("a", "new", 3, NULL), 0);
    assert_holds("a", "new");
    assert_int_equal(count_entries(".", false), 1);
}

static void test_only_leftovers_are_removed(void **state)
{
    (void)state;
    static const char *const others[] = {"b.tmp.1", "a.tmp.", "a.tmp.notes", "xa.tmp.1",
                                         "a.tmp.123456789"};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        make_file(others[i]);
    make_file("a.tmp.00000001"); /* its writer lives and has it locked */
    assert_int_equal(symlink("b.tmp.1", "a.tmp.2"), 0);
    AUTO_FD int fd = open("a.tmp.00000001", O_WRONLY | O_CLOEXEC);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    assert_int_equal(file_write("a", "new", 3, NULL), 0);
    assert_int_equal(count_entries(".", false), 1 + 5 + 1 + 1);
}

static void test_permissions(void **state)
{
    (void)state;
    struct stat st;
    mode_t mask = umask(027);
    assert_int_equal(file_write("a", "1", 1, NULL), 0);
    (void)umask(mask);
    assert_int_equal(stat("a", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    assert_int_equal(chmod("a", 0600), 0);
    assert_int_equal(file_write("a", "2", 1, NULL), 0);
    assert_int_equal(stat("a", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_what_is_not_a_regular_file_is_left_alone(void **state)
{
    (void)state;
    struct stat st;
    struct err err = {0};
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_int_equal(file_write("pipe", "x", 1, &err), -EXIT_CODE_UNFIT);
    assert_string_equal(err.text, "cannot write pipe: not a regular file");
    assert_int_equal(lstat("pipe", &st), 0);
    assert_true(S_ISFIFO(st.st_mode));
    assert_int_equal(mkdir("folder", 0700), 0);
    assert_int_equal(file_write("folder", "x", 1, NULL), -EXIT_CODE_UNFIT);
    assert_int_equal(count_entries(".", false), 2);
}

static void test_path_too_long(void **state)
{
    (void)state;
    char path[PATH_MAX + 1];
    memset(path, 'x', PATH_MAX);
    path[PATH_MAX] = '\0';
    struct err err = {0};
    assert_int_equal(file_write(path, "x", 1, &err), -EXIT_CODE_UNFIT);
    assert_non_null(strstr(err.text, "path too long"));
}

static void test_read_limits_the_size(void **state)
{
    (void)state;
    AUTO_FREE char *text = NULL;
    size_t size = 0;
    struct err err = {0};
    assert_int_equal(file_write("a", "12345", 5, NULL), 0);
    assert_int_equal(file_read("a", 4, &text, &size, &err), -EXIT_CODE_USAGE);
    assert_string_equal(err.text, "a: larger than 4 bytes");
    assert_null(text);
    assert_int_equal(file_read("a", 5, &text, &size, NULL), 0);
    assert_int_equal(size, 5);
}

/* A FIFO would block the reader for ever, and a device never ends. */
static void test_read_refuses_what_is_not_a_regular_file(void **state)
{
    (void)state;
    assert_int_equal(mkfifo("pipe", 0600), 0);
    const char *const paths[] = {"pipe", "/dev/zero", "."};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        char *text = NULL;
        size_t size = 0;
        struct err err = {0};
        assert_int_equal(file_read(paths[i], 100, &text, &size, &err), -EXIT_CODE_USAGE);
        assert_non_null(strstr(err.text, "not a regular file"));
    }
}

static void test_read_names_a_missing_file(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    struct err err = {0};
    assert_int_equal(file_read("none", 100, &text, &size, &err), -EXIT_CODE_USAGE);
    assert_string_equal(err.text, "none: No such file or directory");
}

static void test_json_is_sorted_and_ends_with_a_newline(void **state)
{
    (void)state;
    json_t *json = json_pack("{s:i, s:f, s:[]}", "b", 1, "a", 0.1, "c");
    assert_int_equal(file_write_json("a.json", json, NULL), 0);
    json_decref(json);
    assert_holds("a.json", "{\n \"a\": 0.1,\n \"b\": 1,\n \"c\": []\n}\n");
}

#define IN_FOLDER(test)                                                                  \
    cmocka_unit_test_setup_teardown(test, enter_new_folder, leave_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_write_and_read_back),
        IN_FOLDER(test_write_replaces_rather_than_overwrites),
        IN_FOLDER(test_missing_folder),
        IN_FOLDER(test_full_disk_leaves_the_old_file),
        IN_FOLDER(test_leftovers_of_killed_writers_block_nobody),
        IN_FOLDER(test_only_leftovers_are_removed),
        IN_FOLDER(test_permissions),
        IN_FOLDER(test_what_is_not_a_regular_file_is_left_alone),
        IN_FOLDER(test_path_too_long),
        IN_FOLDER(test_read_limits_the_size),
        IN_FOLDER(test_read_refuses_what_is_not_a_regular_file),
        IN_FOLDER(test_read_names_a_missing_file),
        IN_FOLDER(test_json_is_sorted_and_ends_with_a_newline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
