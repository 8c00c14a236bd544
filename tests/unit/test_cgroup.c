/* Control groups: both versions' files as text, and a real group where one can be made.
 */
#include "harness/host/cgroup.h"
#include "harness/host/environment_parse.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char hybrid_mounts[] =
    "proc /proc proc rw 0 0\n"
    "cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,nosuid,cpu,cpuacct 0 0\n"
    "cgroup /sys/fs/cgroup/memory cgroup rw,nosuid,memory 0 0\n"
    "cgroup2 /sys/fs/cgroup/unified cgroup2 rw,nsdelegate 0 0\n";

static const char hybrid_groups[] = "9:name=systemd:/init\n4:memory:/a/b\n"
                                    "2:cpu,cpuacct:/c\n0::/d.scope\n";

static void test_mounts_are_found(void **state)
{
    char path[64];
    (void)state;
    assert_int_equal(cgroup_find_mount(hybrid_mounts, "memory", path, sizeof path), 0);
    assert_string_equal(path, "/sys/fs/cgroup/memory");
    assert_int_equal(cgroup_find_mount(hybrid_mounts, "cpu", path, sizeof path), 0);
    assert_string_equal(path, "/sys/fs/cgroup/cpu,cpuacct");
    assert_int_equal(cgroup_find_mount(hybrid_mounts, "", path, sizeof path), 0);
    assert_string_equal(path, "/sys/fs/cgroup/unified");
    assert_int_equal(cgroup_find_mount(hybrid_mounts, "mem", path, sizeof path), -ENOENT);
    assert_int_equal(cgroup_find_mount("", "", path, sizeof path), -ENOENT);
    assert_int_equal(cgroup_find_mount("cgroup2", "", path, sizeof path), -ENOENT);
    assert_int_equal(cgroup_find_mount(hybrid_mounts, "memory", path, 8), -ENOENT);
}

static void test_own_groups_are_found(void **state)
{
    char path[64];
    (void)state;
    assert_true(
        environment_parse_cgroup_path(hybrid_groups, "memory", path, sizeof path));
    assert_string_equal(path, "/a/b");
    assert_true(
        environment_parse_cgroup_path(hybrid_groups, "cpuacct", path, sizeof path));
    assert_string_equal(path, "/c");
    assert_true(environment_parse_cgroup_path(hybrid_groups, "", path, sizeof path));
    assert_string_equal(path, "/d.scope");
    assert_false(environment_parse_cgroup_path("4:memory:/a\n", "", path, sizeof path));
    assert_false(environment_parse_cgroup_path("nonsense", "cpu", path, sizeof path));
}

static void test_a_group_comes_and_goes(void **state)
{
    struct cgroup group;
    uint64_t bytes = 0;
    (void)state;
    cgroup_make(&group);
    if (group.version == 0) {
        assert_true(group.reason_v1[0] && group.reason_v2[0]);
        return; /* this machine lets us make none, and says why */
    }
    assert_int_equal(cgroup_peak_bytes(&group, &bytes), 0);
    assert_int_equal(access(group.path, F_OK), 0);
    cgroup_remove(&group);
    assert_int_not_equal(access(group.path, F_OK), 0);
}

static void test_a_group_has_a_quota_while_it_is_there(void **state)
{
    struct cgroup group;
    char path[PATH_MAX + 32];
    char text[64];
    (void)state;
    cgroup_make_quota(3, &group);
    if (group.version == 0) {
        assert_true(group.reason_v1[0] && group.reason_v2[0]);
        return;
    }
    (void)snprintf(path, sizeof path, "%s/%s", group.path,
                   group.version == 2 ? "cpu.max" : "cpu.cfs_quota_us");
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    assert_int_equal(fclose(file), 0);
    assert_int_equal(strtoull(text, NULL, 10), 300000);
    cgroup_remove(&group);
    assert_int_not_equal(access(group.path, F_OK), 0);
}

/* A made-up group: its files are there to be written. */
static void check_files(int version, const char *quota_file, const char *quota,
                        const char *weight_file, const char *weight)
{
    struct cgroup group = {.version = version, .path = "/tmp/test_cgroup.XXXXXX"};
    const char *const files[][2] = {{quota_file, quota}, {weight_file, weight}};
    char path[PATH_MAX + 32], text[64];
    assert_non_null(mkdtemp(group.path));
    assert_int_equal(cgroup_write_quota(&group, 2), -ENOENT); /* no controller there */
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", group.path, files[i][0]);
        assert_int_equal(close(creat(path, 0600)), 0);
    }
    assert_int_equal(cgroup_write_quota(&group, 2), 0);
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", group.path, files[i][0]);
        FILE *file = fopen(path, "re");
        assert_non_null(file);
        assert_non_null(fgets(text, sizeof text, file));
        assert_int_equal(fclose(file), 0);
        assert_string_equal(text, files[i][1]);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(group.path), 0);
}

static void test_a_quota_in_the_files_of_each_version(void **state)
{
    (void)state;
    check_files(2, "cpu.max", "200000 100000", "cpu.weight", "10000");
    check_files(1, "cpu.cfs_quota_us", "200000", "cpu.shares", "262144");
}

/* A pid that is certainly dead: of a child that has been reaped. */
static pid_t dead_pid(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    return pid;
}

static void test_only_groups_of_the_dead_are_removed(void **state)
{
    char root[] = "/tmp/test_cgroup.XXXXXX";
    char stale[64], live[64], other[64];
    (void)state;
    assert_non_null(mkdtemp(root));
    (void)snprintf(stale, sizeof stale, "%s/concbench-%d-0", root, (int)dead_pid());
    (void)snprintf(live, sizeof live, "%s/concbench-%d-0", root, (int)getpid());
    (void)snprintf(other, sizeof other, "%s/concbench-x", root);
    assert_int_equal(mkdir(stale, 0700) | mkdir(live, 0700) | mkdir(other, 0700), 0);
    cgroup_remove_stale(root);
    assert_int_not_equal(access(stale, F_OK), 0);
    assert_int_equal(rmdir(live) | rmdir(other) | rmdir(root), 0);
    cgroup_remove_stale("/nonexistent");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mounts_are_found),
        cmocka_unit_test(test_own_groups_are_found),
        cmocka_unit_test(test_a_group_comes_and_goes),
        cmocka_unit_test(test_a_group_has_a_quota_while_it_is_there),
        cmocka_unit_test(test_a_quota_in_the_files_of_each_version),
        cmocka_unit_test(test_only_groups_of_the_dead_are_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
