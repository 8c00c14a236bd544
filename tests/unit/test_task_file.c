/* Tests of runtime/task/task_file: what becomes of a request whose file is not what it
 * should be. The file has no name, but it gets the first free descriptor. */
#include "runtime/shared.h"
#include "runtime/task/task.h"
#include "runtime/worker.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#define FILE_BYTES 700000 /* several system calls, the last of them a part of a chunk */

struct fixture {
    struct run run;
    struct worker worker;
    struct err err;
    int fd; /* the worker's */
};

static int first_free_fd(void)
{
    int fd = dup(STDERR_FILENO);
    (void)close(fd);
    return fd;
}

/* Returns what init returned. */
static int start(struct fixture *f, const char *op, uint64_t file_bytes)
{
    *f = (struct fixture){
        .run = {.settings = {.file_op = op, .file_bytes = file_bytes, .file_dir = "."},
                .task = task_find("file"),
                .shared = shared_new(100, 1, false)}};
    assert_non_null(f->run.shared);
    struct err err = {0};
    assert_int_equal(fetch_library_init(&err), 0); /* may open what it keeps */
    assert_int_equal(f->run.task->check(&f->run.settings, &f->err), 0);
    f->fd = first_free_fd();
    return worker_init(&f->worker, &f->run, 0, &wait_blocking, &f->err);
}

static void finish(struct fixture *f)
{
    worker_done(&f->worker);
    assert_int_equal(first_free_fd(), f->fd);
    shared_free(f->run.shared);
}

/* Makes one request; returns how many there are of that outcome now. */
static uint64_t perform(struct fixture *f, enum outcome outcome)
{
    worker_perform(&f->worker);
    return f->run.shared->recorders[0].outcomes[outcome];
}

static void test_all_bytes_are_read_and_compared(void **state)
{
    (void)state;
    struct fixture f;
    assert_int_equal(start(&f, "read", FILE_BYTES), 0);
    assert_int_equal(perform(&f, OUTCOME_OK), 1);
    assert_int_equal(perform(&f, OUTCOME_OK), 2);
    assert_int_equal(f.run.shared->recorders[0].bytes_received, 2 * FILE_BYTES);
    char byte = 0;
    for (off_t at = 0; at < FILE_BYTES; at += FILE_BYTES - 1) {
        assert_int_equal(pread(f.fd, &byte, 1, at), 1);
        byte ^= 1;
        assert_int_equal(pwrite(f.fd, &byte, 1, at), 1);
        assert_int_equal(perform(&f, OUTCOME_OTHER), at == 0 ? 1 : 2);
        byte ^= 1;
        assert_int_equal(pwrite(f.fd, &byte, 1, at), 1);
    }
    assert_int_equal(perform(&f, OUTCOME_OK), 3);
    finish(&f);
}

static void test_a_file_that_ends_early_is_short(void **state)
{
    (void)state;
    struct fixture f;
    assert_int_equal(start(&f, "read", FILE_BYTES), 0);
    assert_int_equal(ftruncate(f.fd, FILE_BYTES - 1), 0);
    assert_int_equal(perform(&f, OUTCOME_SHORT), 1);
    assert_int_equal(ftruncate(f.fd, 0), 0);
    assert_int_equal(perform(&f, OUTCOME_SHORT), 2);
    assert_int_equal(f.run.shared->recorders[0].bytes_received, 0);
    finish(&f);
}

static void test_what_is_written_is_what_is_read(void **state)
{
    (void)state;
    struct fixture f;
    assert_int_equal(start(&f, "write", FILE_BYTES), 0);
    assert_int_equal(ftruncate(f.fd, 0), 0);
    assert_int_equal(perform(&f, OUTCOME_OK), 1);
    assert_int_equal(f.run.shared->recorders[0].bytes_received, FILE_BYTES);
    for (off_t at = 0; at < FILE_BYTES; at++) {
        unsigned char byte = 0;
        assert_int_equal(pread(f.fd, &byte, 1, at), 1);
        assert_int_equal(byte, at % 251);
    }
    assert_int_equal(lseek(f.fd, 0, SEEK_END), FILE_BYTES);
    finish(&f);
}

static void test_a_descriptor_that_fails_is_a_failed_request(void **state)
{
    (void)state;
    static const char *const ops[] = {"read", "write"};
    for (size_t i = 0; i < 2; i++) {
        struct fixture f;
        assert_int_equal(start(&f, ops[i], FILE_BYTES), 0);
        int other = open("/dev/null", O_PATH | O_CLOEXEC);
        assert_int_equal(dup3(other, f.fd, O_CLOEXEC), f.fd);
        assert_int_equal(close(other), 0);
        assert_int_equal(perform(&f, OUTCOME_OTHER), 1);
        finish(&f);
    }
}

static void test_no_room_is_known_before_the_first_request(void **state)
{
    (void)state;
    struct fixture f;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit small = {.rlim_cur = FILE_BYTES / 2, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int status = start(&f, "read", FILE_BYTES);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(status, -EXIT_CODE_UNFIT);
    assert_non_null(strstr(f.err.text, "700000 bytes in .: File too large"));
    finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_bytes_are_read_and_compared),
        cmocka_unit_test(test_a_file_that_ends_early_is_short),
        cmocka_unit_test(test_what_is_written_is_what_is_read),
        cmocka_unit_test(test_a_descriptor_that_fails_is_a_failed_request),
        cmocka_unit_test(test_no_room_is_known_before_the_first_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
