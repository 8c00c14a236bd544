/* Tests of common/hist: the layout is a bijection of edges, quantiles keep their promise.
 */
#include "common/hist.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* splitmix64: the same values on every machine */
static uint64_t next_random(uint64_t *seed)
{
    uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static void assert_value_lies_in_its_bucket(uint64_t value_ns)
{
    size_t index = hist_index(value_ns);
    assert_true(index < HIST_BUCKETS);
    uint64_t low = hist_lower_edge_ns(index);
    uint64_t high = hist_lower_edge_ns(index + 1);
    assert_true(low <= value_ns && value_ns < high);
    assert_true(high - low == 1 || (high - low) * 64 <= low);
}

static void test_edges_ascend_and_invert(void **state)
{
    (void)state;
    for (size_t i = 0; i < HIST_BUCKETS; i++) {
        assert_int_equal(hist_index(hist_lower_edge_ns(i)), i);
        assert_true(hist_lower_edge_ns(i) < hist_lower_edge_ns(i + 1));
        assert_int_equal(hist_index(hist_lower_edge_ns(i + 1) - 1), i);
    }
    assert_int_equal(hist_lower_edge_ns(0), 0);
    assert_int_equal(hist_lower_edge_ns(HIST_BUCKETS), HIST_LIMIT_NS);
}

static void test_documented_edges(void **state)
{
    (void)state;
    assert_int_equal(hist_lower_edge_ns(127), 127);
    assert_int_equal(hist_lower_edge_ns(128), 128);
    assert_int_equal(hist_lower_edge_ns(129), 130);
    assert_int_equal(hist_lower_edge_ns(192), 256);
    assert_int_equal(hist_lower_edge_ns(193), 260);
}

static void test_boundary_values_lie_in_their_buckets(void **state)
{
    (void)state;
    for (unsigned int bit = 0; bit < 37; bit++) {
        uint64_t power = UINT64_C(1) << bit;
        assert_value_lies_in_its_bucket(power - 1);
        assert_value_lies_in_its_bucket(power);
        assert_value_lies_in_its_bucket(power + 1);
    }
    assert_value_lies_in_its_bucket(HIST_LIMIT_NS - 1);
}

static void test_random_values_lie_in_their_buckets(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 100000; i++)
        assert_value_lies_in_its_bucket((next_random(&seed) % HIST_LIMIT_NS) >>
                                        (next_random(&seed) % 37));
}

static void test_empty(void **state)
{
    (void)state;
    static const struct hist hist = {0};
    assert_int_equal(hist_count(&hist), 0);
    assert_int_equal(hist_quantile_ns(&hist, 0.5), 0);
}

static void test_overflow(void **state)
{
    (void)state;
    static struct hist hist;
    hist_add(&hist, HIST_LIMIT_NS - 1);
    assert_int_equal(hist.overflow, 0);
    hist_add(&hist, HIST_LIMIT_NS);
    hist_add(&hist, UINT64_MAX);
    hist_add_many(&hist, HIST_LIMIT_NS, 3);
    assert_int_equal(hist.overflow, 5);
    assert_int_equal(hist_count(&hist), 6);
    assert_int_equal(hist_quantile_ns(&hist, 0.5), HIST_LIMIT_NS);
    assert_true(hist_quantile_ns(&hist, 0.1) < HIST_LIMIT_NS);
}

static void test_add_many_equals_add(void **state)
{
    (void)state;
    static struct hist one;
    static struct hist many;
    for (int i = 0; i < 7; i++)
        hist_add(&one, 123456);
    hist_add_many(&many, 123456, 7);
    assert_memory_equal(&one, &many, sizeof one);
}

static void test_merge_adds_everything(void **state)
{
    (void)state;
    static struct hist all;
    static struct hist into;
    static struct hist from;
    uint64_t seed = 2;
    for (int i = 0; i < 10000; i++) {
        uint64_t value = next_random(&seed) >> (next_random(&seed) % 40 + 20);
        hist_add(&all, value);
        hist_add(i % 3 ? &into : &from, value);
    }
    hist_merge(&into, &from);
    assert_memory_equal(&all, &into, sizeof all);
    assert_int_equal(hist_count(&into), 10000);
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void test_quantiles_within_their_promise(void **state)
{
    (void)state;
    enum { COUNT = 20011 };
    static struct hist hist;
    static uint64_t sorted[COUNT];
    uint64_t seed = 3;
    for (size_t i = 0; i < COUNT; i++) {
        sorted[i] = (next_random(&seed) % HIST_LIMIT_NS) >> (next_random(&seed) % 30);
        hist_add(&hist, sorted[i]);
    }
    qsort(sorted, COUNT, sizeof sorted[0], compare);
    for (int permille = 1; permille <= 1000; permille++) {
        size_t rank = ((size_t)permille * COUNT + 999) / 1000;
        double exact = (double)sorted[rank - 1];
        double found = (double)hist_quantile_ns(&hist, permille / 1000.0);
        assert_true(found >= exact * 0.992 && found <= exact * 1.008);
    }
    assert_int_equal(hist_quantile_ns(&hist, 0), hist_quantile_ns(&hist, 1.0 / COUNT));
}

static void test_quantiles_of_few_values(void **state)
{
    (void)state;
    static struct hist hist;
    for (uint64_t value = 1; value <= 4; value++)
        hist_add(&hist, value * 10);
    assert_int_equal(hist_quantile_ns(&hist, 0.25), 10);
    assert_int_equal(hist_quantile_ns(&hist, 0.5), 20);
    assert_int_equal(hist_quantile_ns(&hist, 0.51), 30);
    assert_int_equal(hist_quantile_ns(&hist, 1), 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edges_ascend_and_invert),
        cmocka_unit_test(test_documented_edges),
        cmocka_unit_test(test_boundary_values_lie_in_their_buckets),
        cmocka_unit_test(test_random_values_lie_in_their_buckets),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_add_many_equals_add),
        cmocka_unit_test(test_merge_adds_everything),
        cmocka_unit_test(test_quantiles_within_their_promise),
        cmocka_unit_test(test_quantiles_of_few_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
