/* Tests of runtime/loop/stacks: an overflow must be noticed, by each of the guards. */
#include "runtime/loop/stacks.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Stands in for libc's, so that a kernel without guard pages can be had. */
static bool refuse_guards;

int madvise(void *address, size_t length, int advice)
{
    if (refuse_guards && advice == 102) {
        errno = EINVAL;
        return -1;
    }
    return (int)syscall(SYS_madvise, address, length, advice);
}

/* The signal that kills a child which writes one byte there; 0: none. */
static int signal_of_write(char *address)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit no_core = {0};
        struct sigaction fatal = {.sa_handler = SIG_DFL}; /* not a sanitizer's handler */
        (void)setrlimit(RLIMIT_CORE, &no_core);
        (void)sigaction(SIGSEGV, &fatal, NULL);
        *(volatile char *)address = 1;
        _exit(0);
    }
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void check_guards(const struct stacks *stacks)
{
    size_t bytes = 0;
    for (size_t i = 0; i < stacks->count; i++) {
        char *base = stacks_base(stacks, i, &bytes);
        assert_int_equal(signal_of_write(base), 0);
        assert_int_equal(signal_of_write(base + bytes - 1), 0);
        assert_int_equal(signal_of_write(base - 1), SIGSEGV);
        base[0] = 1; /* using all of it is no overflow */
        assert_true(stacks_intact(stacks, i));
    }
}

static void test_the_kernels_guard_kills(void **state)
{
    (void)state;
    struct stacks stacks = {0};
    struct err err = {0};
    assert_int_equal(stacks_init(&stacks, 3, 65536, NULL, &err), 0);
    if (!strcmp(stacks.guard, "madvise"))
        check_guards(&stacks);
    else
        assert_string_equal(stacks.guard, "mprotect"); /* before Linux 6.13 */
    stacks_done(&stacks);
}

static void test_an_older_kernels_guard_kills(void **state)
{
    (void)state;
    struct stacks stacks = {0};
    struct err err = {0};
    refuse_guards = true;
    assert_int_equal(stacks_init(&stacks, 3, 16384, NULL, &err), 0);
    assert_string_equal(stacks.guard, "mprotect");
    check_guards(&stacks);
    stacks_done(&stacks);
    refuse_guards = false;
}

static void test_beyond_the_budget_a_canary_tells(void **state)
{
    (void)state;
    struct stacks stacks = {0};
    struct err err = {0};
    refuse_guards = true;
    assert_int_equal(stacks_init(&stacks, 20000, 16384, NULL, &err), 0);
    refuse_guards = false;
    assert_string_equal(stacks.guard, "canary");
    size_t bytes = 0;
    char *base = stacks_base(&stacks, 19999, &bytes);
    base[bytes - 1] = 1;
    assert_true(stacks_intact(&stacks, 19999));
    base[0] = 1;
    assert_false(stacks_intact(&stacks, 19999));
    assert_true(stacks_intact(&stacks, 19998));
    assert_true(stacks_intact(&stacks, 0));
    stacks_done(&stacks);
}

static void test_a_guard_can_be_chosen(void **state)
{
    (void)state;
    const char *const guards[] = {"mprotect", "canary"};
    for (size_t i = 0; i < 2; i++) {
        struct stacks stacks = {0};
        struct err err = {0};
        assert_int_equal(stacks_init(&stacks, 3, 16384, guards[i], &err), 0);
        assert_string_equal(stacks.guard, guards[i]);
        if (i == 0)
            check_guards(&stacks);
        stacks_done(&stacks);
    }
}

static void test_an_impossible_guard_is_an_error(void **state)
{
    (void)state;
    struct stacks stacks = {0};
    struct err err = {0};
    refuse_guards = true;
    assert_int_equal(stacks_init(&stacks, 3, 16384, "madvise", &err), -EXIT_CODE_UNFIT);
    refuse_guards = false;
    assert_non_null(strstr(err.text, "--guard madvise"));
    assert_null(stacks.slab);
    struct err second = {0};
    assert_int_equal(stacks_init(&stacks, 20000, 16384, "mprotect", &second),
                     -EXIT_CODE_UNFIT);
    assert_null(stacks.slab);
}

static void test_sizes_are_rounded_up_to_pages(void **state)
{
    (void)state;
    struct stacks stacks = {0};
    struct err err = {0};
    size_t first_bytes = 0;
    size_t second_bytes = 0;
    assert_int_equal(stacks_init(&stacks, 2, 16385, NULL, &err), 0);
    char *first = stacks_base(&stacks, 0, &first_bytes);
    char *second = stacks_base(&stacks, 1, &second_bytes);
    assert_int_equal(first_bytes, 20480);
    assert_int_equal(second_bytes, 20480);
    assert_true(second - first >= 20480);
    assert_int_equal((uintptr_t)first % 4096, 0);
    stacks_done(&stacks);
    stacks_done(&stacks); /* again, and of a zeroed one: no harm */
}

static void test_small_stacks_are_packed(void **state)
{
    (void)state;
    const size_t sizes[][2] = {{1024, 1024}, {1025, 1088}, {4095, 4096}};
    for (size_t i = 0; i < 3; i++) {
        struct stacks stacks = {0};
        struct err err = {0};
        size_t bytes = 0;
        assert_int_equal(stacks_init(&stacks, 100000, sizes[i][0], NULL, &err), 0);
        assert_string_equal(stacks.guard, "canary");
        char *first = stacks_base(&stacks, 0, &bytes);
        assert_int_equal(bytes, sizes[i][1]);
        assert_true(stacks_base(&stacks, 99999, &bytes) == first + 99999 * bytes);
        assert_int_equal((uintptr_t)first % 64, 0);
        assert_int_equal(signal_of_write(first), 0);
        assert_int_equal(signal_of_write(first - 1), 0); /* the lowest has a spare part */
        assert_int_equal(signal_of_write(stacks.slab), SIGSEGV);
        stacks_done(&stacks);
    }
}

/* Every word of the canary tells, of this stack and of no neighbour. */
static void test_an_overflow_of_a_packed_stack_is_seen(void **state)
{
    (void)state;
    struct stacks stacks = {0};
    struct err err = {0};
    size_t bytes = 0;
    assert_int_equal(stacks_init(&stacks, 3, 1024, "canary", &err), 0);
    assert_true(stacks.has_canary);
    char *base = stacks_base(&stacks, 1, &bytes);
    base[STACKS_CANARY_BYTES] = 1; /* the last that may be used */
    base[-1] = 1;                  /* the neighbour's first */
    for (size_t at = 0; at < STACKS_CANARY_BYTES; at++) {
        assert_true(stacks_intact(&stacks, 1));
        base[at] = 1;
        assert_false(stacks_intact(&stacks, 1));
        assert_true(stacks_intact(&stacks, 0) && stacks_intact(&stacks, 2));
        base[at] = 0;
    }
    stacks_done(&stacks);
}

/* Of packed ones and of those with guards; what was never touched stays untouched. */
static void test_the_deepest_use_is_found(void **state)
{
    (void)state;
    const size_t sizes[] = {1024, 16384, (size_t)64 << 20};
    for (size_t i = 0; i < 3; i++) {
        struct stacks stacks = {0};
        struct err err = {0};
        size_t bytes = 0;
        assert_int_equal(stacks_init(&stacks, 3, sizes[i], NULL, &err), 0);
        char *base = stacks_base(&stacks, 1, &bytes);
        assert_int_equal(stacks_used(&stacks, 1), 0);
        base[bytes - 1] = 1;
        assert_int_equal(stacks_used(&stacks, 1), 8);
        base[bytes - 600] = 1;
        assert_int_equal(stacks_used(&stacks, 1), 600);
        base[0] = 1;
        assert_int_equal(stacks_used(&stacks, 1), bytes);
        assert_int_equal(stacks_used(&stacks, 0), 0);
        assert_int_equal(stacks_used(&stacks, 2), 0);
        stacks_done(&stacks);
    }
}

static void test_small_stacks_have_no_guard_pages(void **state)
{
    (void)state;
    const char *const guards[] = {"mprotect", "madvise"};
    for (size_t i = 0; i < 2; i++) {
        struct stacks stacks = {0};
        struct err err = {0};
        assert_int_equal(stacks_init(&stacks, 3, 2048, guards[i], &err),
                         -EXIT_CODE_UNFIT);
        assert_non_null(strstr(err.text, guards[i]));
        assert_non_null(strstr(err.text, "--guard canary"));
        assert_null(stacks.slab);
    }
}

static void test_too_much_is_refused(void **state)
{
    (void)state;
    const size_t counts[] = {(size_t)1 << 24, SIZE_MAX / 2};
    for (size_t i = 0; i < 2; i++) {
        struct stacks stacks = {0};
        struct err err = {0};
        assert_int_equal(stacks_init(&stacks, counts[i], (size_t)1 << 30, NULL, &err),
                         -EXIT_CODE_UNFIT);
        assert_non_null(strstr(err.text, "--stack-bytes"));
        assert_null(stacks.slab);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_kernels_guard_kills),
        cmocka_unit_test(test_an_older_kernels_guard_kills),
        cmocka_unit_test(test_beyond_the_budget_a_canary_tells),
        cmocka_unit_test(test_a_guard_can_be_chosen),
        cmocka_unit_test(test_an_impossible_guard_is_an_error),
        cmocka_unit_test(test_sizes_are_rounded_up_to_pages),
        cmocka_unit_test(test_small_stacks_are_packed),
        cmocka_unit_test(test_an_overflow_of_a_packed_stack_is_seen),
        cmocka_unit_test(test_the_deepest_use_is_found),
        cmocka_unit_test(test_small_stacks_have_no_guard_pages),
        cmocka_unit_test(test_too_much_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
