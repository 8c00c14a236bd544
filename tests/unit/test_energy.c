/* Energy: a made powercap tree, and counters that start again. */
#include "harness/trial/energy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void make_domain(const char *root, const char *folder, const char *name,
                        const char *used)
{
    static const char *const files[] = {"name", "energy_uj", "max_energy_range_uj"};
    const char *const texts[] = {name, used, "262143328850"};
    char path[300];
    (void)snprintf(path, sizeof path, "%s/%s", root, folder);
    assert_int_equal(mkdir(path, 0700), 0);
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/%s/%s", root, folder, files[i]);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        assert_true(fprintf(file, "%s\n", texts[i]) > 0);
        assert_int_equal(fclose(file), 0);
    }
}

static void remove_domain(const char *root, const char *folder)
{
    static const char *const files[] = {"/name", "/energy_uj", "/max_energy_range_uj",
                                        ""};
    for (size_t i = 0; i < 4; i++) {
        char path[300];
        (void)snprintf(path, sizeof path, "%s/%s%s", root, folder, files[i]);
        assert_int_equal(remove(path), 0);
    }
}

static void test_packages_only_and_each_once(void **state)
{
    char root[] = "/tmp/test_energy.XXXXXX";
    struct energy energy;
    (void)state;
    assert_non_null(mkdtemp(root));
    make_domain(root, "intel-rapl:0", "package-0", "1000");
    make_domain(root, "intel-rapl:0:0", "core", "400");
    make_domain(root, "intel-rapl:1", "package-1", "2000");
    make_domain(root, "intel-rapl-mmio:0", "package-0", "1000");
    make_domain(root, "intel-rapl:2", "psys", "9000");
    energy_read(root, &energy);
    assert_int_equal(energy.count, 2);
    assert_int_equal(energy.domains[0].used_uj + energy.domains[1].used_uj, 3000);
    assert_int_equal(energy.domains[0].max_range_uj, UINT64_C(262143328850));
    remove_domain(root, "intel-rapl:0");
    remove_domain(root, "intel-rapl:0:0");
    remove_domain(root, "intel-rapl:1");
    remove_domain(root, "intel-rapl-mmio:0");
    remove_domain(root, "intel-rapl:2");
    assert_int_equal(rmdir(root), 0);
}

static struct energy two_packages(uint64_t first, uint64_t second)
{
    return (struct energy){
        .count = 2,
        .domains = {{"package-0", first, 10000}, {"package-1", second, 10000}}};
}

static void test_sums_and_wraps(void **state)
{
    const struct energy before = two_packages(100, 9900);
    const struct energy after = two_packages(150, 30); /* the second starts again */
    json_auto_t *trial = json_object();
    (void)state;
    energy_put(&before, &after, trial);
    assert_int_equal(json_integer_value(json_object_get(trial, "energy_uj")),
                     50 + 100 + 30);
    assert_true(json_is_null(json_object_get(trial, "energy_reason")));
}

static void test_what_is_missing_has_a_reason(void **state)
{
    struct energy none;
    const struct energy two = two_packages(1, 1);
    const struct energy one = {.count = 1, .domains = {{"package-0", 5, 10000}}};
    json_auto_t *trial = json_object();
    (void)state;
    energy_read("/nonexistent", &none);
    energy_put(&none, &none, trial);
    assert_true(json_is_null(json_object_get(trial, "energy_uj")));
    assert_non_null(strstr(json_string_value(json_object_get(trial, "energy_reason")),
                           "no power meter"));
    energy_put(&two, &one, trial);
    assert_true(json_is_null(json_object_get(trial, "energy_uj")));
    assert_non_null(
        strstr(json_string_value(json_object_get(trial, "energy_reason")), "vanished"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packages_only_and_each_once),
        cmocka_unit_test(test_sums_and_wraps),
        cmocka_unit_test(test_what_is_missing_has_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
