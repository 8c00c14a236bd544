/* Which cells fit made-up limits, and what is said of those that do not. */
#include "harness/plan/feasible.h"
#include "single_quotes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct scenario scenario = {.name = "test", .bytes = 1};

static void expect(const char *model, uint64_t concurrency, struct host_limits limits,
                   const char *reason)
{
    struct plan_cell cell = {
        .scenario = &scenario, .model = model, .concurrency = concurrency, .requests = 1};
    feasible_check(&cell, &limits);
    assert_string_equal(cell.skip_reason, reason);
}

static struct host_limits with_tasks(uint64_t value)
{
    struct host_limits limits = HOST_NO_LIMITS;
    limits.tasks = (struct host_limit){value, "`ulimit -u`"};
    return limits;
}

static void test_threads_and_processes(void **state)
{
    static const char *const blocking[] = {"threads", "processes", "thread-per-request",
                                           "process-per-request", "executor"};
    static const char *const loops[] = {"coroutines",    "stackless", "coroutine-threads",
                                        "process-loops", "epoll",     "sequential"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(blocking); i++) {
        expect(blocking[i], 1000, with_tasks(1032), "");
        expect(blocking[i], 1000, with_tasks(1031),
               "needs 1032 threads or processes, `ulimit -u` leaves room for 1031; raise "
               "it");
    }
    for (size_t i = 0; i < COUNT_OF(loops); i++)
        expect(loops[i], 100000, with_tasks(40), "");
}

static void test_mappings_of_threads(void **state)
{
    struct host_limits limits = HOST_NO_LIMITS;
    (void)state;
    limits.maps = (struct host_limit){65530, "vm.max_map_count"};
    expect("threads", 32509, limits, "");
    expect("threads", 32510, limits,
           "needs 65532 memory mappings, a thread's stack and its guard, "
           "vm.max_map_count is 65530; raise it");
    expect("processes", 40000, limits, ""); /* each has its own */
    expect("coroutines", 40000, limits, "");
}

static void test_memory(void **state)
{
    struct host_limits limits = HOST_NO_LIMITS;
    (void)state;
    limits.memory = (struct host_limit){UINT64_C(1) << 30, "this machine"};
    expect("coroutines", 10000, limits, "");
    expect("threads", 10000, limits, "");
    expect("processes", 10000, limits,
           "needs about 3931 MiB of memory, this machine leaves 1024; lower the "
           "concurrency");
    expect("somebody-elses", 1000000, limits, ""); /* nobody knows */
}

/* Stacks below a page are packed, so that a task without connections needs less. */
static void test_memory_of_small_stacks(void **state)
{
    json_auto_t *json = json_quoted(
        "{'title': 't', 'question': 'q', 'task': 'sleep', 'models': ['coroutines'],"
        " 'runners': [{'name': 'coroutines.1-KiB', 'model': 'coroutines', 'flags':"
        "  ['--stack-bytes', '1024']}], 'options': {'sleep_ms': 1},"
        " 'load': {'concurrency': [1000000], 'requests': 1000000}}");
    struct host_limits limits = HOST_NO_LIMITS;
    struct scenario *s = NULL;
    (void)state;
    assert_int_equal(scenario_from_json("s", json, &s, NULL), 0);
    limits.memory = (struct host_limit){UINT64_C(3) << 30, "this machine"};
    struct plan_cell small = {
        .scenario = s, .model = "coroutines.1-KiB", .concurrency = 1000000};
    struct plan_cell large = {
        .scenario = s, .model = "coroutines", .concurrency = 1000000};
    feasible_check(&small, &limits);
    feasible_check(&large, &limits);
    assert_string_equal(small.skip_reason, "");
    assert_string_equal(large.skip_reason,
                        "needs about 4946 MiB of memory, this machine leaves 3072; lower "
                        "the concurrency");
    scenario_free(s);
}

static void test_files_and_ports(void **state)
{
    struct host_limits limits = HOST_NO_LIMITS;
    (void)state;
    limits.open_files = 1024;
    expect("threads", 320, limits, "");
    expect("threads", 321, limits,
           "needs 1027 open files, the limit is 1024; raise it with `ulimit -n 1027`");
    expect("coroutines", 960, limits, "");
    expect("somebody-elses", 321, limits,
           "needs 1027 open files, the limit is 1024; raise it with `ulimit -n 1027`");
    limits.ports = 500;
    expect("coroutines", 436, limits, "");
    expect("coroutines", 437, limits,
           "needs 501 local ports, there are 500; widen net.ipv4.ip_local_port_range or "
           "raise load.addresses");
}

/* A local port may be used once for each address at the other end. */
static void test_addresses_multiply_the_ports(void **state)
{
    struct scenario spread = {.name = "test", .addresses = 16};
    struct host_limits limits = HOST_NO_LIMITS;
    struct plan_cell cell = {
        .scenario = &spread, .model = "coroutines", .concurrency = 6976};
    (void)state;
    limits.ports = 500;
    feasible_check(&cell, &limits);
    assert_string_equal(cell.skip_reason, "");
    cell.concurrency++;
    feasible_check(&cell, &limits);
    assert_non_null(strstr(cell.skip_reason, "needs 501 local ports"));
    limits.open_files = 7000; /* the origin's listening sockets count */
    cell.skip_reason[0] = '\0';
    feasible_check(&cell, &limits);
    assert_non_null(strstr(cell.skip_reason, "needs 7161 open files"));
}

/* A scenario may ask for CPUs, and a runner of it by its flags. */
static struct plan_cell cell_of_cpus(const char *options, const char *flags)
{
    char text[400];
    struct scenario *s = NULL;
    (void)snprintf(text, sizeof text,
                   "{'title':'t','question':'q','task':'cpu','models':['x'],"
                   "'load':{'concurrency':[1],'requests':1},'options':{%s},"
                   "'runners':[{'name':'x','model':'threads','flags':[%s]}]}",
                   options, flags);
    json_auto_t *json = json_quoted(text);
    assert_int_equal(scenario_from_json("s", json, &s, NULL), 0);
    return (struct plan_cell){.scenario = s, .model = "x", .concurrency = 1};
}

static void expect_cpus(const char *options, const char *flags, bool is_shared,
                        const char *reason)
{
    struct host_limits limits = HOST_NO_LIMITS;
    struct plan_cell cell = cell_of_cpus(options, flags);
    struct scenario *s = (struct scenario *)(uintptr_t)cell.scenario;
    limits.cpus = 4;
    limits.runner_cpus = 2;
    s->has_split_placement = !is_shared;
    feasible_check(&cell, &limits);
    assert_string_equal(cell.skip_reason, reason);
    scenario_free(s);
}

static void test_a_heap_has_to_fit(void **state)
{
    struct host_limits limits = HOST_NO_LIMITS;
    struct plan_cell cell = cell_of_cpus("", "'--heap-bytes', '536870912'");
    (void)state;
    limits.memory = (struct host_limit){UINT64_C(512) << 20, "this machine"};
    feasible_check(&cell, &limits);
    assert_string_equal(cell.skip_reason, "needs about 576 MiB of memory, this machine "
                                          "leaves 512; lower the heap");
    scenario_free((struct scenario *)(uintptr_t)cell.scenario);
}

static void test_a_thread_cannot_have_a_coroutines_stack(void **state)
{
    (void)state;
    expect_cpus("'stack_bytes':16384", "'--cpus', '1'", true, "");
    expect_cpus("'stack_bytes':1024", "'--cpus', '1'", true,
                "takes stacks from 16384 bytes, not of 1024");
    expect_cpus("", "'--stack-bytes', '4096'", true,
                "takes stacks from 16384 bytes, not of 4096");
}

static void test_cpus(void **state)
{
    (void)state;
    expect_cpus("", "'--stack-bytes', '65536'", false, "");
    expect_cpus("", "'--cpus', '2'", false, "");
    expect_cpus("", "'--cpus', '3'", false,
                "needs 3 CPUs, a runner has 2 of the 4 here; \"placement\": \"shared\" "
                "gives it all");
    expect_cpus("", "'--cpus', '3'", true, "");
    expect_cpus("", "'--cpus', '5'", true, "needs 5 CPUs, a runner may use 4 here");
    expect_cpus("", "'--cpus', '5'", false, "needs 5 CPUs, a runner may use 2 here");
    expect_cpus("'cpus': 1", "'--cpus', '5'", false, ""); /* the last one holds */
    expect_cpus("'cpus': 5", "'--json'", true, "needs 5 CPUs, a runner may use 4 here");
}

static void test_no_reason_is_cut(void **state)
{
    struct host_limits limits = HOST_NO_LIMITS;
    struct plan_cell cell = {.scenario = &scenario,
                             .model = "threads",
                             .concurrency = 1000000,
                             .requests = 4000000000};
    (void)state;
    limits.maps = (struct host_limit){1, "vm.max_map_count"};
    feasible_check(&cell, &limits);
    assert_true(strlen(cell.skip_reason) + 1 < sizeof cell.skip_reason);
    limits = with_tasks(UINT64_C(1000031));
    (void)memset(limits.tasks.what, 'x', sizeof limits.tasks.what - 1);
    feasible_check(&cell, &limits);
    assert_true(strlen(cell.skip_reason) + 1 < sizeof cell.skip_reason);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_and_processes),
        cmocka_unit_test(test_mappings_of_threads),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_memory_of_small_stacks),
        cmocka_unit_test(test_a_heap_has_to_fit),
        cmocka_unit_test(test_files_and_ports),
        cmocka_unit_test(test_addresses_multiply_the_ports),
        cmocka_unit_test(test_a_thread_cannot_have_a_coroutines_stack),
        cmocka_unit_test(test_cpus),
        cmocka_unit_test(test_no_reason_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
