/* Tests of common/memory: a program without memory ends with exit code 1 and one line,
 * whichever of its threads notice, and what it has registered is cleaned up before. */
#include "common/json.h"
#include "common/memory.h"

#include "common/cleanup.h"
#include "common/err.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define LINE "test_memory_end: out of memory\n"

/* Runs end() in a child and checks its exit code and what it says. */
static void check_end(void (*end)(void), const char *said)
{
    int ends[2];
    char text[256] = "";
    size_t used = 0;
    int status = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)dup2(ends[1], STDERR_FILENO);
        end();
        _exit(99);
    }
    (void)close(ends[1]);
    for (ssize_t got = 0; (got = read(ends[0], text + used, sizeof text - 1 - used)) > 0;)
        used += (size_t)got;
    (void)close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_string_equal(text, said);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EXIT_CODE_INTERNAL);
}

static void put_nothing(void)
{
    json_t *object = json_object();
    json_put(object, "key", NULL);
}

static void test_the_end_is_one_line_and_exit_1(void **state)
{
    (void)state;
    check_end(memory_exhausted, LINE);
    check_end(put_nothing, "test_memory_end: out of memory or invalid UTF-8 in a JSON "
                           "value\n");
}

static int clean(const char *why)
{
    (void)!write(STDERR_FILENO, "cleaned ", 8);
    return strcmp(why, "out of memory") != 0;
}

static int clean_and_tell(const char *why)
{
    return clean(why) + 1;
}

static int clean_without_memory(const char *why)
{
    (void)clean(why);
    memory_exhausted();
}

static void end_clean(void)
{
    memory_on_end(clean);
    memory_exhausted();
}

static void end_told(void)
{
    memory_on_end(clean_and_tell);
    memory_exhausted();
}

static void end_twice(void)
{
    memory_on_end(clean_without_memory);
    memory_exhausted();
}

static void test_what_is_left_behind_is_cleaned_up(void **state)
{
    (void)state;
    check_end(end_clean, "cleaned " LINE);
    check_end(end_told, "cleaned ");
    check_end(end_twice, "cleaned ");
}

static void *thread_main(void *arg)
{
    (void)pthread_barrier_wait(arg);
    memory_exhausted();
}

static void end_in_threads(void)
{
    pthread_barrier_t barrier;
    pthread_t ids[8];
    (void)pthread_barrier_init(&barrier, NULL, 8);
    for (size_t i = 0; i < 8; i++) {
        if (pthread_create(&ids[i], NULL, thread_main, &barrier))
            _exit(98);
    }
    for (size_t i = 0; i < 8; i++)
        (void)pthread_join(ids[i], NULL);
}

static void test_of_several_threads_one_speaks(void **state)
{
    (void)state;
    check_end(end_in_threads, LINE);
}

static void test_what_there_is_memory_for(void **state)
{
    (void)state;
    AUTO_FREE char *text = NULL;
    AUTO_FREE char *copy = memory_strdup("copy");
    AUTO_FREE char *none = memory_realloc(memory_malloc(0), 0);
    AUTO_FREE void *zeros = memory_calloc(0, 8);
    size_t size = 0;
    FILE *stream = memory_stream(&text, &size);
    (void)fputs("some", stream);
    memory_stream_flush(stream);
    assert_int_equal(size, 4);
    (void)fputs(" text", stream);
    memory_stream_close(stream, &text);
    assert_string_equal(text, "some text");
    assert_int_equal(size, 9);
    assert_string_equal(copy, "copy");
    assert_non_null(none);
    assert_non_null(zeros);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_end_is_one_line_and_exit_1),
        cmocka_unit_test(test_what_is_left_behind_is_cleaned_up),
        cmocka_unit_test(test_of_several_threads_one_speaks),
        cmocka_unit_test(test_what_there_is_memory_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
