/* The journal keeps what was appended, whatever happens after. */
#include "common/cleanup.h"
#include "common/file.h"
#include "common/journal.h"
#include "common/json.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];
static char path[96];

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/concbench-journal-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(path, sizeof path, "%s/trials.jsonl", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

static void append(struct journal *journal, const char *type, json_int_t number)
{
    struct err err = {0};
    json_auto_t *object = json_object();
    json_put(object, "number", json_integer(number));
    assert_int_equal(journal_append(journal, type, object, &err), 0);
    assert_null(json_object_get(object, "type")); /* borrowed, not changed */
}

/* A journal with two lines, and then these bytes. */
static void write_journal(const char *tail)
{
    struct err err = {0};
    struct journal *journal = NULL;
    assert_int_equal(journal_create(path, &journal, &err), 0);
    append(journal, "header", 1);
    append(journal, "trial", 2);
    journal_free(journal);
    AUTO_FD int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_int_equal(write(fd, tail, strlen(tail)), strlen(tail));
}

static void test_lines_come_back_in_order(void **state)
{
    struct err err = {0};
    json_auto_t *lines = NULL;
    (void)state;
    write_journal("");
    assert_int_equal(journal_read(path, &lines, &err), 0);
    assert_int_equal(json_array_size(lines), 2);
    const json_t *second = json_array_get(lines, 1);
    assert_string_equal(json_string_value(json_object_get(second, "type")), "trial");
    assert_int_equal(json_integer_value(json_object_get(second, "number")), 2);
}

static void test_a_torn_last_line_is_dropped(void **state)
{
    static const char *const tails[] = {"{\"type\": \"tri", "{\"type\": \"trial\"}",
                                        "{\"type\": \"tri\n", "\n"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(tails); i++) {
        struct err err = {0};
        json_auto_t *lines = NULL;
        write_journal(tails[i]);
        assert_int_equal(journal_read(path, &lines, &err), 0);
        assert_int_equal(json_array_size(lines), 2);
        assert_int_equal(unlink(path), 0);
    }
}

static void test_a_bad_line_before_the_last_is_an_error(void **state)
{
    struct err err = {0};
    json_t *lines = NULL;
    (void)state;
    write_journal("{\"type\": \"tri\n{\"type\": \"trial\"}\n");
    assert_int_not_equal(journal_read(path, &lines, &err), 0);
    assert_null(lines);
    assert_non_null(strstr(err.text, path));
    assert_non_null(strstr(err.text, "entry 3"));
}

static void test_an_existing_file_is_not_touched(void **state)
{
    struct err err = {0};
    struct journal *journal = NULL;
    json_auto_t *lines = NULL;
    (void)state;
    write_journal("");
    assert_int_equal(journal_create(path, &journal, &err), -EXIT_CODE_UNFIT);
    assert_null(journal);
    assert_non_null(strstr(err.text, path));
    assert_int_equal(journal_read(path, &lines, &(struct err){0}), 0);
}

static void test_a_full_disk_is_an_error(void **state)
{
    struct err err = {0};
    struct journal *journal = NULL;
    json_auto_t *object = json_object();
    (void)state;
    assert_int_equal(journal_create(path, &journal, &err), 0);
    /* the journal's own descriptor now leads to a full device */
    for (int fd = 3; fd < 64; fd++) {
        char link[32];
        char target[128] = "";
        (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        if (readlink(link, target, sizeof target - 1) > 0 && !strcmp(target, path)) {
            int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
            assert_int_equal(dup2(full, fd), fd);
            assert_int_equal(close(full), 0);
        }
    }
    assert_int_equal(journal_append(journal, "trial", object, &err), -EXIT_CODE_UNFIT);
    assert_non_null(strstr(err.text, path));
    assert_non_null(strstr(err.text, "No space left"));
    journal_free(journal);
    journal_free(NULL);
}

int main(void)
{
#define WITH_FOLDER(test)                                                                \
    cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_lines_come_back_in_order),
        WITH_FOLDER(test_a_torn_last_line_is_dropped),
        WITH_FOLDER(test_a_bad_line_before_the_last_is_an_error),
        WITH_FOLDER(test_an_existing_file_is_not_touched),
        WITH_FOLDER(test_a_full_disk_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
