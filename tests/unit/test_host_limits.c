/* Limits of the system: from files made here, of both versions of control groups, and of
 * this very machine. */
#include "harness/host/limits.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char top[] = "/tmp/test_host_limits.XXXXXX";

/* Writes a file below top, with the directories above it. */
static void put(const char *path, const char *text)
{
    char full[300];
    (void)snprintf(full, sizeof full, "%s%s", top, path);
    for (char *slash = full + strlen(top) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        (void)mkdir(full, 0700);
        *slash = '/';
    }
    FILE *file = fopen(full, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int make_top(void **state)
{
    (void)state;
    return !mkdtemp(top);
}

static int remove_one(const char *path, const struct stat *status, int type,
                      struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static int remove_top(void **state)
{
    (void)state;
    return nftw(top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void put_system(void)
{
    put("/proc/loadavg", "1.54 2.12 1.76 4/105 18174\n");
    put("/proc/sys/kernel/threads-max", "192730\n");
    put("/proc/sys/kernel/pid_max", "32768\n");
    put("/proc/sys/vm/max_map_count", "65530\n");
    put("/proc/meminfo", "MemTotal:  24683520 kB\nMemAvailable:  24000000 kB\n");
    put("/proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n");
    put("/proc/self/cgroup", "0::/\n");
}

static void test_the_system(void **state)
{
    (void)state;
    put_system();
    struct host_limits limits = limits_read_files(top);
    assert_int_equal(limits.tasks.value, 32768 - 105);
    assert_string_equal(limits.tasks.what, "kernel.pid_max");
    assert_int_equal(limits.maps.value, 65530);
    assert_string_equal(limits.maps.what, "vm.max_map_count");
    assert_int_equal(limits.memory.value, UINT64_C(24000000) << 10);
    assert_string_equal(limits.memory.what, "this machine");
    assert_int_equal(limits.ports, 28232);
    assert_true(limits.open_files == UINT64_MAX);
}

/* Of our group and those above it the tightest counts. */
static void test_groups_of_version_2(void **state)
{
    (void)state;
    put_system();
    put("/proc/self/cgroup", "0::/a/b\n");
    put("/sys/fs/cgroup/a/pids.max", "600\n");
    put("/sys/fs/cgroup/a/pids.current", "90\n");
    put("/sys/fs/cgroup/a/b/pids.max", "max\n");
    put("/sys/fs/cgroup/a/b/pids.current", "10\n");
    put("/sys/fs/cgroup/a/b/memory.max", "1073741824\n");
    put("/sys/fs/cgroup/a/b/memory.current", "536870912\n");
    put("/sys/fs/cgroup/a/b/memory.stat", "anon 1\nfile 268435456\nfile_mapped 7\n");
    struct host_limits limits = limits_read_files(top);
    assert_int_equal(limits.tasks.value, 510);
    assert_string_equal(limits.tasks.what, "the control group's pids.max");
    assert_int_equal(limits.memory.value, 3U << 28); /* a file's cache gives way */
    assert_string_equal(limits.memory.what, "the control group's limit");
    put("/sys/fs/cgroup/a/pids.current", "700\n");
    assert_int_equal(limits_read_files(top).tasks.value, 0);
}

/* In a container the path is that of the host and is not there; the top is ours. */
static void test_groups_of_version_1(void **state)
{
    (void)state;
    put_system();
    put("/proc/self/cgroup", "8:pids:/docker/x\n4:memory:/docker/x\n0::/\n");
    put("/sys/fs/cgroup/pids/pids.max", "128\n");
    put("/sys/fs/cgroup/pids/pids.current", "28\n");
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "2097152\n");
    put("/sys/fs/cgroup/memory/memory.usage_in_bytes", "1048576\n");
    put("/sys/fs/cgroup/memory/memory.stat", "cache 9\ntotal_cache 4096\n");
    struct host_limits limits = limits_read_files(top);
    assert_int_equal(limits.tasks.value, 100);
    assert_int_equal(limits.memory.value, 1048576 + 4096);
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    assert_string_equal(limits_read_files(top).memory.what, "this machine");
}

static void test_a_system_that_says_nothing_limits_nothing(void **state)
{
    (void)state;
    struct host_limits limits = limits_read_files("/nonexistent");
    assert_true(limits.tasks.value == UINT64_MAX && limits.maps.value == UINT64_MAX);
    assert_true(limits.memory.value == UINT64_MAX && limits.ports == UINT64_MAX);
}

static void test_this_machine(void **state)
{
    struct rlimit files;
    (void)state;
    const struct host_limits limits = limits_read(NULL);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
    assert_int_equal(limits.open_files, files.rlim_cur);
    assert_true(limits.tasks.value > 0 && limits.memory.value > 0);
    assert_true(limits.maps.value > 1000 && limits.ports > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_system),
        cmocka_unit_test(test_groups_of_version_2),
        cmocka_unit_test(test_groups_of_version_1),
        cmocka_unit_test(test_a_system_that_says_nothing_limits_nothing),
        cmocka_unit_test(test_this_machine),
    };
    return cmocka_run_group_tests(tests, make_top, remove_top);
}
