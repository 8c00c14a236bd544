/* Tests of runtime/loop/co, each with both switch backends. */
#include "runtime/loop/co.h"

#include "runtime/loop/stacks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STACK_BYTES ((size_t)256 * 1024) /* a sanitizer's frames are large */

#if defined(__SANITIZE_THREAD__)
#define MANY 1000 /* its shadow of each is large, and their number limited */
#else
#define MANY 10000
#endif

/* A coroutine and where it writes down what it did. */
struct actor {
    struct co co;
    struct actor *other;
    char *log; /* shared: one letter per step */
    char letter;
    int steps;
};

static const struct co_backend *backend_of(void **state)
{
    const struct co_backend *backend = co_backend_find(*state);
    if (!backend)
        skip(); /* fcontext, in a build without Boost.Context */
    return backend;
}

static struct stacks stacks_of(size_t count, size_t stack_bytes)
{
    struct stacks stacks = {0};
    struct err err = {0};
    assert_int_equal(stacks_init(&stacks, count, stack_bytes, NULL, &err), 0);
    return stacks;
}

static void start(struct co *co, const struct co_backend *backend,
                  const struct stacks *stacks, size_t index, void (*function)(void *arg),
                  void *arg)
{
    size_t bytes = 0;
    char *stack = stacks_base(stacks, index, &bytes);
    co_init(co, backend, stack, bytes, function, arg);
}

static void write_down(struct actor *actor, char letter)
{
    size_t length = strlen(actor->log);
    actor->log[length] = letter;
    actor->log[length + 1] = '\0';
}

static void step_body(void *arg)
{
    struct actor *self = arg;
    for (int i = 0; i < self->steps; i++) {
        write_down(self, self->letter);
        co_suspend(&self->co);
    }
    write_down(self, '.');
}

static void test_it_runs_when_resumed_and_only_then(void **state)
{
    const struct co_backend *backend = backend_of(state);
    struct stacks stacks = stacks_of(2, STACK_BYTES);
    char log[32] = "";
    struct actor a = {.log = log, .letter = 'a', .steps = 2};
    struct actor b = {.log = log, .letter = 'b', .steps = 1};
    start(&a.co, backend, &stacks, 0, step_body, &a);
    start(&b.co, backend, &stacks, 1, step_body, &b);
    assert_string_equal(log, "");
    co_resume(&a.co);
    assert_string_equal(log, "a");
    co_resume(&b.co);
    co_resume(&a.co);
    assert_string_equal(log, "aba");
    assert_false(b.co.is_done);
    co_resume(&b.co);
    assert_true(b.co.is_done);
    assert_false(a.co.is_done);
    co_resume(&a.co);
    assert_true(a.co.is_done);
    assert_string_equal(log, "aba..");
    co_done(&a.co);
    co_done(&b.co);
    stacks_done(&stacks);
}

static void leader_body(void *arg)
{
    struct actor *self = arg;
    while (!self->other->co.is_done) {
        write_down(self, self->letter);
        co_resume(&self->other->co);
    }
    co_suspend(&self->co);
}

static void test_a_coroutine_may_resume_another(void **state)
{
    const struct co_backend *backend = backend_of(state);
    struct stacks stacks = stacks_of(2, STACK_BYTES);
    char log[32] = "";
    struct actor inner = {.log = log, .letter = 'i', .steps = 2};
    struct actor outer = {.log = log, .letter = 'o', .other = &inner};
    start(&inner.co, backend, &stacks, 0, step_body, &inner);
    start(&outer.co, backend, &stacks, 1, leader_body, &outer);
    co_resume(&inner.co); /* first from here, then from the other coroutine */
    co_resume(&outer.co);
    assert_string_equal(log, "ioio.");
    assert_false(outer.co.is_done);
    co_resume(&outer.co);
    assert_true(outer.co.is_done);
    co_done(&outer.co);
    co_done(&inner.co);
    stacks_done(&stacks);
}

struct number {
    struct co co;
    uint64_t seed, result;
};

/* More values alive across each switch than there are callee-saved registers. */
static uint64_t mix(uint64_t seed, struct co *co)
{
    register uint64_t a = seed;
    register uint64_t b = seed * 3;
    register uint64_t c = seed * 5;
    register uint64_t d = seed * 7;
    register uint64_t e = seed * 11;
    register uint64_t f = seed * 13;
    double x = (double)seed + 0.5;
    long double y = (long double)seed / 3;
    for (int i = 0; i < 3; i++) {
        if (co)
            co_suspend(co);
        a += b ^ c;
        b += c ^ d;
        c += d ^ e;
        d += e ^ f;
        e += f ^ a;
        f += a ^ b;
        x = x * 1.25 + 1;
        y = y * 1.5L + 1;
    }
    return a ^ b ^ c ^ d ^ e ^ f ^ (uint64_t)x ^ (uint64_t)(y * 1000);
}

static void mix_body(void *arg)
{
    struct number *self = arg;
    self->result = mix(self->seed, &self->co);
}

static void test_many_keep_their_values(void **state)
{
    const struct co_backend *backend = backend_of(state);
    struct stacks stacks = stacks_of(MANY, 32768);
    struct number *numbers = calloc(MANY, sizeof *numbers);
    assert_non_null(numbers);
    for (size_t i = 0; i < MANY; i++) {
        numbers[i].seed = i + 1;
        start(&numbers[i].co, backend, &stacks, i, mix_body, &numbers[i]);
    }
    register uint64_t own = mix(99, NULL); /* the resumer's values survive as well */
    double real = 0.1;
    for (int round = 0; round < 4; round++) {
        for (size_t i = 0; i < MANY; i++) {
            assert_false(numbers[i].co.is_done);
            co_resume(&numbers[i].co);
        }
        real *= 2;
    }
    assert_true(own == mix(99, NULL));
    assert_true(real > 1.59 && real < 1.61);
    for (size_t i = 0; i < MANY; i++) {
        assert_true(numbers[i].co.is_done);
        assert_true(numbers[i].result == mix(i + 1, NULL));
        assert_true(stacks_intact(&stacks, i));
        co_done(&numbers[i].co);
    }
    free(numbers);
    stacks_done(&stacks);
}

/* Fills a frame at each depth, yields at the bottom, and looks again on the way back. */
static uint64_t descend(struct co *co, unsigned int depth) /* NOLINT(misc-no-recursion) */
{
    volatile unsigned char frame[512];
    for (size_t i = 0; i < sizeof frame; i++)
        frame[i] = (unsigned char)(depth + i);
    uint64_t wrong = 0;
    if (depth == 0)
        co_suspend(co);
    else
        wrong = descend(co, depth - 1);
    for (size_t i = 0; i < sizeof frame; i++)
        wrong += frame[i] != (unsigned char)(depth + i);
    return wrong;
}

static void deep_body(void *arg)
{
    struct number *self = arg;
    self->result = descend(&self->co, 200); /* 100 KiB and more */
}

static void test_a_yield_deep_in_the_stack(void **state)
{
    const struct co_backend *backend = backend_of(state);
    struct stacks stacks = stacks_of(2, STACK_BYTES);
    struct number numbers[2] = {{.result = 1}, {.result = 1}};
    for (size_t i = 0; i < 2; i++)
        start(&numbers[i].co, backend, &stacks, i, deep_body, &numbers[i]);
    for (int round = 0; round < 2; round++) {
        co_resume(&numbers[0].co);
        co_resume(&numbers[1].co);
    }
    for (size_t i = 0; i < 2; i++) {
        assert_true(numbers[i].co.is_done);
        assert_int_equal(numbers[i].result, 0);
        co_done(&numbers[i].co);
    }
    stacks_done(&stacks);
}

static void test_a_stack_is_used_again(void **state)
{
    const struct co_backend *backend = backend_of(state);
    struct stacks stacks = stacks_of(1, STACK_BYTES);
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct number number = {.seed = seed};
        start(&number.co, backend, &stacks, 0, mix_body, &number);
        while (!number.co.is_done)
            co_resume(&number.co);
        assert_true(number.result == mix(seed, NULL));
        co_done(&number.co);
    }
    stacks_done(&stacks);
}

static void test_backends_are_found_by_name(void **state)
{
    (void)state;
    assert_ptr_equal(co_backend_find("ucontext"), &co_backend_ucontext);
    assert_string_equal(co_backend_find("ucontext")->name, "ucontext");
    assert_null(co_backend_find("longjmp"));
    assert_non_null(co_backend_find(NULL));
#if defined(CO_HAVE_FCONTEXT)
    assert_string_equal(co_backend_find("fcontext")->name, "fcontext");
    assert_ptr_equal(co_backend_find(NULL), co_backend_find("fcontext"));
#endif
}

#define WITH(backend, test)                                                              \
    {                                                                                    \
#test " (" backend ")", test, NULL, NULL, (void *)(uintptr_t)(backend)           \
    }
#define WITH_BOTH(test) WITH("ucontext", test), WITH("fcontext", test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BOTH(test_it_runs_when_resumed_and_only_then),
        WITH_BOTH(test_a_coroutine_may_resume_another),
        WITH_BOTH(test_many_keep_their_values),
        WITH_BOTH(test_a_yield_deep_in_the_stack),
        WITH_BOTH(test_a_stack_is_used_again),
        cmocka_unit_test(test_backends_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
