/* test_durable: the order in which files and the journal reach the disk. The linker puts
 * this file's write, fsync, rename and ftruncate in the place of libc's (--wrap), since
 * a lost fsync shows itself only when the power fails. */
#include "common/cleanup.h"
#include "common/file.h"
#include "common/journal.h"
#include "common/json.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names */
ssize_t __real_write(int fd, const void *bytes, size_t size);
int __real_fsync(int fd);
int __real_rename(const char *from, const char *to);
int __real_ftruncate(int fd, off_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);
int __wrap_fsync(int fd);
int __wrap_rename(const char *from, const char *to);
int __wrap_ftruncate(int fd, off_t size);

static struct {
    char calls[16]; /* w: write, s: fsync of a file, d: of a folder, r: rename, t */
    size_t count;
    bool is_watched;
    size_t room; /* bytes until the disk is full */
    bool fsync_fails, fsync_is_unknown;
} disk;

static void note(char call)
{
    if (disk.is_watched && disk.count + 1 < sizeof disk.calls)
        disk.calls[disk.count++] = call;
}

static bool is_folder(int fd)
{
    struct stat st;
    return !fstat(fd, &st) && S_ISDIR(st.st_mode);
}

/* A full disk takes what there is room for and then says no. */
ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
    if (!disk.is_watched)
        return __real_write(fd, bytes, size);
    note('w');
    if (size > 0 && disk.room == 0) {
        errno = ENOSPC;
        return -1;
    }
    const size_t fits = size < disk.room ? size : disk.room;
    disk.room -= fits;
    return __real_write(fd, bytes, fits);
}

int __wrap_fsync(int fd)
{
    note(is_folder(fd) ? 'd' : 's');
    if (!disk.fsync_fails && !disk.fsync_is_unknown)
        return __real_fsync(fd);
    errno = disk.fsync_fails ? EIO : EINVAL;
    return -1;
}

int __wrap_rename(const char *from, const char *to)
{
    note('r');
    return __real_rename(from, to);
}

int __wrap_ftruncate(int fd, off_t size)
{
    note('t');
    return __real_ftruncate(fd, size);
}
/* NOLINTEND(bugprone-reserved-identifier) */

static void watch(void)
{
    memset(&disk, 0, sizeof disk);
    disk.room = SIZE_MAX;
    disk.is_watched = true;
}

static int enter_new_folder(void **state)
{
    char *folder = strdup("/tmp/concbench-durable.XXXXXX");
    *state = folder;
    memset(&disk, 0, sizeof disk);
    return !folder || !mkdtemp(folder) || chdir(folder) ? -1 : 0;
}

static int leave_folder(void **state)
{
    memset(&disk, 0, sizeof disk);
    (void)unlink("a");
    (void)unlink("j");
    int status = chdir("/") || rmdir(*state);
    free(*state);
    return status;
}

static void test_a_file_is_on_the_disk_before_it_has_its_name(void **state)
{
    (void)state;
    watch();
    assert_int_equal(file_write("a", "new", 3, NULL), 0);
    assert_string_equal(disk.calls, "wsrd");
}

static void test_a_file_that_is_not_on_the_disk_has_no_name(void **state)
{
    (void)state;
    struct err err = {0};
    watch();
    disk.fsync_fails = true;
    assert_int_equal(file_write("a", "new", 3, &err), -EXIT_CODE_UNFIT);
    assert_string_equal(disk.calls, "ws");
    assert_int_equal(access("a", F_OK), -1);
    assert_string_equal(err.text, "cannot write a: Input/output error");
}

static int append(struct journal *journal, json_int_t number, struct err *err)
{
    json_auto_t *object = json_object();
    json_put(object, "number", json_integer(number));
    return journal_append(journal, "trial", object, err);
}

static void test_a_line_is_on_the_disk_before_the_next_trial(void **state)
{
    (void)state;
    struct journal *journal = NULL;
    watch();
    assert_int_equal(journal_create("j", &journal, NULL), 0);
    assert_string_equal(disk.calls, "d"); /* its name is there after a crash, too */
    assert_int_equal(append(journal, 1, NULL), 0);
    assert_string_equal(disk.calls, "dws");
    assert_int_equal(append(journal, 2, NULL), 0);
    assert_string_equal(disk.calls, "dwsws");
    journal_free(journal);
}

/* Some file systems cannot fsync; that is no reason not to measure. */
static void test_a_disk_without_fsync_is_no_error(void **state)
{
    (void)state;
    struct journal *journal = NULL;
    watch();
    disk.fsync_is_unknown = true;
    assert_int_equal(journal_create("j", &journal, NULL), 0);
    assert_int_equal(append(journal, 1, NULL), 0);
    journal_free(journal);
}

static void assert_numbers(json_int_t first, json_int_t second)
{
    json_auto_t *lines = NULL;
    assert_int_equal(journal_read("j", &lines, NULL), 0);
    assert_int_equal(json_array_size(lines), 2);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(
            json_integer_value(json_object_get(json_array_get(lines, i), "number")),
            i == 0 ? first : second);
}

/* What did not fit is cut off: a half line before a whole one is damage. */
static void test_a_failed_append_leaves_no_half_line(void **state)
{
    (void)state;
    for (size_t room = 0; room < 20; room++) {
        struct err err = {0};
        struct journal *journal = NULL;
        watch();
        assert_int_equal(journal_create("j", &journal, NULL), 0);
        assert_int_equal(append(journal, 1, NULL), 0);
        disk.room = room;
        assert_int_equal(append(journal, 2, &err), -EXIT_CODE_UNFIT);
        assert_string_equal(err.text, "cannot write j: No space left on device");
        disk.room = SIZE_MAX; /* somebody made room */
        assert_int_equal(append(journal, 3, NULL), 0);
        journal_free(journal);
        assert_numbers(1, 3);
        assert_int_equal(unlink("j"), 0);
    }
}

/* Nor a whole one of which nobody knows whether it is on the disk. */
static void test_a_failed_fsync_takes_the_line_back(void **state)
{
    (void)state;
    struct journal *journal = NULL;
    watch();
    assert_int_equal(journal_create("j", &journal, NULL), 0);
    assert_int_equal(append(journal, 1, NULL), 0);
    disk.fsync_fails = true;
    assert_int_equal(append(journal, 2, NULL), -EXIT_CODE_UNFIT);
    disk.fsync_fails = false;
    assert_int_equal(append(journal, 3, NULL), 0);
    journal_free(journal);
    assert_numbers(1, 3);
}

#define IN_FOLDER(test)                                                                  \
    cmocka_unit_test_setup_teardown(test, enter_new_folder, leave_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_a_file_is_on_the_disk_before_it_has_its_name),
        IN_FOLDER(test_a_file_that_is_not_on_the_disk_has_no_name),
        IN_FOLDER(test_a_line_is_on_the_disk_before_the_next_trial),
        IN_FOLDER(test_a_disk_without_fsync_is_no_error),
        IN_FOLDER(test_a_failed_append_leaves_no_half_line),
        IN_FOLDER(test_a_failed_fsync_takes_the_line_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
