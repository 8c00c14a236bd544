/* The CPU quota of made-up control groups of both versions, and what it leaves of the
 * CPUs. */
#include "common/quota.h"

#include "common/array.h"

#include <ftw.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define V1 "/sys/fs/cgroup/cpu"
#define V2 "/sys/fs/cgroup"

/* Paths and what stands in the files; NAN is "not known". */
static const struct {
    const char *files[4][2];
    double quota;
} rows[] = {
    {{{"/proc/self/cgroup", "0::/\n"}}, (double)NAN},
    {{{"/proc/self/cgroup", "0::/\n"}, {V2 "/cpu.max", "150000 100000\n"}}, 1.5},
    {{{"/proc/self/cgroup", "0::/a\n"}, {V2 "/a/cpu.max", "max 100000\n"}},
     (double)INFINITY},
    {{{"/proc/self/cgroup", "0::/a/b\n"},
      {V2 "/a/b/cpu.max", "300000 100000\n"},
      {V2 "/a/cpu.max", "50000 100000\n"}},
     0.5},
    {{{"/proc/self/cgroup", "0::/of/the/host\n"}, {V2 "/cpu.max", "200000 100000\n"}}, 2},
    {{{"/proc/self/cgroup", "4:cpu,cpuacct:/x\n0::/\n"},
      {V1 "/x/cpu.cfs_quota_us", "25000\n"},
      {V1 "/x/cpu.cfs_period_us", "100000\n"}},
     0.25},
    {{{"/proc/self/cgroup", "4:cpuset:/x\n1:cpu:/\n"},
      {V1 "/cpu.cfs_quota_us", "-1\n"},
      {V1 "/cpu.cfs_period_us", "100000\n"}},
     (double)INFINITY},
    {{{"/proc/self/cgroup", "nonsense\n"}, {V2 "/cpu.max", "1 1\n"}}, (double)NAN},
    {{{"/proc/self/cgroup", "0::/\n"}, {V2 "/cpu.max", "\n"}}, (double)NAN},
};

static void put(const char *root, const char *path, const char *text)
{
    char name[300];
    (void)snprintf(name, sizeof name, "%s%s", root, path);
    for (char *at = strchr(name + strlen(root) + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        (void)mkdir(name, 0700); /* it may be there */
        *at = '/';
    }
    FILE *file = fopen(name, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int remove_one(const char *path, const struct stat *status, int kind,
                      struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static void test_groups(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char root[] = "/tmp/quota-XXXXXX";
        assert_non_null(mkdtemp(root));
        for (size_t j = 0; j < COUNT_OF(rows[i].files) && rows[i].files[j][0]; j++)
            put(root, rows[i].files[j][0], rows[i].files[j][1]);
        const double quota = quota_read(root);
        const double wanted = rows[i].quota;
        assert_int_equal(nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
        assert_int_equal(isnan(quota), isnan(wanted));
        assert_int_equal(isinf(quota), isinf(wanted));
        if (isfinite(wanted))
            assert_float_equal(quota, wanted, 1e-9);
    }
}

static void test_what_it_leaves(void **state)
{
    (void)state;
    assert_int_equal(quota_limit((double)NAN, 4), 4);
    assert_int_equal(quota_limit((double)INFINITY, 4), 4);
    assert_int_equal(quota_limit(0.1, 4), 1);
    assert_int_equal(quota_limit(1, 4), 1);
    assert_int_equal(quota_limit(1.5, 4), 2);
    assert_int_equal(quota_limit(4.5, 4), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_groups),
                                       cmocka_unit_test(test_what_it_leaves)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
