/* test_placement: halves are disjoint and complete; one CPU is shared. */
#include "harness/host/placement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_halves(void **state)
{
    (void)state;
    for (size_t count = 2; count <= 65; count++) {
        cpu_set_t all, both;
        struct placement p;
        CPU_ZERO(&all);
        for (size_t i = 0; i < count; i++)
            CPU_SET(3 * i, &all); /* with holes, as in a container */
        placement_split(&all, &p);
        CPU_AND(&both, &p.origin, &p.runner);
        assert_int_equal(CPU_COUNT(&both), 0);
        CPU_OR(&both, &p.origin, &p.runner);
        assert_true(CPU_EQUAL(&both, &all));
        assert_int_equal(CPU_COUNT(&p.origin), count / 2);
        assert_true(CPU_ISSET(0, &p.origin));
        assert_false(p.shared);
        assert_int_equal(p.count, count);
    }
}

static void test_one_cpu_is_shared(void **state)
{
    (void)state;
    cpu_set_t all;
    struct placement p;
    CPU_ZERO(&all);
    CPU_SET(5, &all);
    placement_split(&all, &p);
    assert_true(p.shared);
    assert_true(CPU_EQUAL(&p.origin, &all) && CPU_EQUAL(&p.runner, &all));
}

static void test_of_this_process(void **state)
{
    (void)state;
    struct placement p;
    assert_int_equal(placement_make(&p, NULL), 0);
    assert_true(p.count >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_halves),
        cmocka_unit_test(test_one_cpu_is_shared),
        cmocka_unit_test(test_of_this_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
