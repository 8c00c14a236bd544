/* Who gets which CPUs, on machines that are described: each row of the table says it in
 * full, and for all of them no core is shared unless there is one, and both sides have
 * cores of one kind. */
#include "harness/host/placement.h"

#include "common/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define KINDS_MAX 3

/* The CPUs of a kind, from the slowest to the fastest. */
struct described {
    const char *name, *synthetic;
    const char *kinds[KINDS_MAX]; /* none: all are of one */
    const char *allowed;          /* NULL: all */
    const char *origin, *runner, *warning;
};

/* Numbers of hardware threads follow the order of `indexes`: Intel's servers number the
 * first threads of all cores before the second ones. */
static const struct described rows[] = {
    {"one CPU",
     "core:1 pu:1",
     {0},
     NULL,
     "0",
     "0",
     "shared: there is one core, "
     "origin and runner share it"},
    {"one core of two threads",
     "core:1 pu:2",
     {0},
     NULL,
     "0-1",
     "0-1",
     "shared: there is one core, origin and runner share it"},
    {"two CPUs", "core:2 pu:1", {0}, NULL, "0", "1", ""},
    {"three CPUs", "core:3 pu:1", {0}, NULL, "0", "1-2", ""},
    {"siblings i and i + 4",
     "l3:1 core:4 pu:2(indexes=2*4:1*2)",
     {0},
     NULL,
     "0-1,4-5",
     "2-3,6-7",
     ""},
    {"siblings beside each other", "l3:1 core:4 pu:2", {0}, NULL, "0-3", "4-7", ""},
    {"two sockets", "pack:2 numa:1 l3:1 core:16 pu:2", {0}, NULL, "0-7", "8-31", ""},
    {"two sockets, Intel's numbers",
     "pack:2 numa:1 l3:1 core:16 pu:2(indexes=package:core)",
     {0},
     NULL,
     "0,2,4,6,32,34,36,38",
     "8,10,12,14,16,18,20,22,24,26,28,30,40,42,44,46,48,50,52,54,56,58,60,62",
     ""},
    /* a description has cores of one width: the slow ones lose a thread by `allowed` */
    {"hybrid laptop, 6 fast cores with SMT, 8 slow ones",
     "l3:1 core:14 pu:2",
     {"12-27", "0-11"},
     "0-12,14,16,18,20,22,24,26",
     "0-5",
     "6-11",
     ""},
    {"one fast core is not enough",
     "core:8 pu:1",
     {"0-3", "4-6", "7"},
     NULL,
     "4",
     "5-6",
     ""},
    {"no kind has two",
     "core:2 pu:1",
     {"0", "1"},
     NULL,
     "0",
     "1",
     "unequal: origin and runner have cores of different kinds"},
    {"little ones first", "core:8 pu:1", {"0-3", "4-7"}, NULL, "4-5", "6-7", ""},
    {"eight NUMA nodes", "pack:2 numa:4 core:12 pu:1", {0}, NULL, "0-5", "6-11", ""},
    {"eight caches of a node", "pack:1 l3:8 core:8 pu:1", {0}, NULL, "0-3", "4-7", ""},
    {"caches of two cores", "pack:1 l2:4 core:2 pu:1", {0}, NULL, "0-3", "4-7", ""},
    {"a CPU to each socket",
     "pack:2 numa:1 core:1 pu:1",
     {0},
     NULL,
     "0",
     "1",
     "remote: the cores are of several NUMA nodes or packages"},
    {"a package to each CPU, as virtual machines have it",
     "pack:4 core:1 pu:1",
     {0},
     NULL,
     "0-1",
     "2-3",
     ""},
    {"odd CPUs, beside each other",
     "l3:1 core:8 pu:2",
     {0},
     "1,3,5,7,9,11,13,15",
     "1,3,5,7",
     "9,11,13,15",
     ""},
    {"most are allowed in the second node",
     "numa:2 core:8 pu:1",
     {0},
     "0-1,9-14",
     "9-11",
     "12-14",
     ""},
    {"half a core is allowed",
     "core:2 pu:2",
     {0},
     "0-2",
     "0-1",
     "2",
     "unequal: the cores of one side have more hardware threads"},
    {"2,048 CPUs", "pack:4 numa:1 core:256 pu:2", {0}, NULL, "0-7", "8-511", ""},
    {"only CPUs above 1,024",
     "pack:4 numa:1 core:256 pu:2",
     {0},
     "1536-2047",
     "1536-1543",
     "1544-2047",
     ""},
};

static struct cpus parsed(const char *text)
{
    struct cpus cpus;
    assert_int_equal(cpus_parse(text, &cpus), 0);
    return cpus;
}

static struct machine made(const struct described *row)
{
    hwloc_topology_t topology = NULL;
    struct machine machine;
    assert_int_equal(hwloc_topology_init(&topology), 0);
    assert_int_equal(hwloc_topology_set_synthetic(topology, row->synthetic), 0);
    assert_int_equal(hwloc_topology_load(topology), 0);
    for (int kind = 0; kind < KINDS_MAX && row->kinds[kind]; kind++) {
        hwloc_bitmap_t bits = hwloc_bitmap_alloc();
        assert_int_equal(hwloc_bitmap_list_sscanf(bits, row->kinds[kind]), 0);
        assert_int_equal(hwloc_cpukinds_register(topology, bits, kind, 0, NULL, 0), 0);
        hwloc_bitmap_free(bits);
    }
    const struct cpus allowed = row->allowed ? parsed(row->allowed) : (struct cpus){0};
    assert_int_equal(machine_of(topology, row->allowed ? &allowed : NULL, &machine, NULL),
                     0);
    hwloc_topology_destroy(topology);
    return machine;
}

static size_t kind_of(const struct machine *machine, const struct cpus *side)
{
    size_t i = 0;
    while (!cpus_overlap(&machine->cores[i].cpus, side))
        i++;
    return machine->cores[i].kind;
}

/* What holds on every machine. */
static void check_rules(const struct machine *machine, const struct placement *p)
{
    struct cpus outside = p->origin;
    cpus_add_all(&outside, &p->runner);
    cpus_remove_all(&outside, &machine->all);
    assert_int_equal(cpus_count(&outside), 0);
    assert_true(cpus_count(&p->origin) > 0 && cpus_count(&p->runner) > 0);
    assert_int_equal(p->is_shared, machine->count == 1);
    for (size_t i = 0; i < machine->count; i++) {
        const struct cpus *core = &machine->cores[i].cpus;
        struct cpus left = *core;
        assert_true(p->is_shared ||
                    !(cpus_overlap(core, &p->origin) && cpus_overlap(core, &p->runner)));
        cpus_remove_all(&left, &p->origin);
        cpus_remove_all(&left, &p->runner);
        assert_true(!cpus_count(&left) || cpus_is_equal(&left, core)); /* whole cores */
    }
    if (!strstr(p->warning, "unequal"))
        assert_int_equal(kind_of(machine, &p->origin), kind_of(machine, &p->runner));
    assert_false(cpus_has(&p->runner, 0) && !p->is_shared);
}

static void test_who_gets_what(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct machine machine = made(&rows[i]);
        struct placement p;
        char origin[CPUS_TEXT_SIZE], runner[CPUS_TEXT_SIZE];
        assert_int_equal(placement_on(&machine, NULL, &p, NULL), 0);
        cpus_format(&p.origin, origin, sizeof origin);
        cpus_format(&p.runner, runner, sizeof runner);
        if (strcmp(origin, rows[i].origin) != 0 || strcmp(runner, rows[i].runner) != 0 ||
            strcmp(p.warning, rows[i].warning) != 0)
            print_error("%s: origin %s, runner %s, '%s'\n", rows[i].name, origin, runner,
                        p.warning);
        assert_string_equal(origin, rows[i].origin);
        assert_string_equal(runner, rows[i].runner);
        assert_string_equal(p.warning, rows[i].warning);
        check_rules(&machine, &p);
        machine_done(&machine);
    }
}

/* Each list given, and what becomes of the other side. */
static void test_lists(void **state)
{
    static const struct {
        const char *runner, *origin, *gets_runner, *gets_origin, *says;
    } lists[] = {
        {"4-7", "0-1", "4-7", "0-1", ""},
        {"4-7", NULL, "4-7", "0-3,8-15", "remote: "},
        {NULL, "6", "0-5,8-15", "6", "remote: "},
        {"0-7", "4-11", "0-7", "4-11", "shared: "},
        {"0", "1", "0", "1", "shared: "},
        {"0-15", NULL, "0-15", "0-15", "shared: "},
        {"8-9", "0-1", "8-9", "0-1", "remote: "},
        {"16", NULL, NULL, NULL, "--cpus-runner: there is no CPU 16; there are 0-15"},
        {NULL, "3-", NULL, NULL, "--cpus-origin: '3-' is no list of CPUs, as 0,2-3"},
        {"", NULL, NULL, NULL, "--cpus-runner: '' is no list of CPUs, as 0,2-3"},
    };
    static const struct described row = {.synthetic = "numa:2 core:4 pu:2"};
    struct machine machine = made(&row);
    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const struct placement_lists given = {lists[i].runner, lists[i].origin, false};
        struct placement p = {.count = 0};
        struct err err = {0};
        char text[CPUS_TEXT_SIZE];
        if (placement_on(&machine, &given, &p, &err)) {
            assert_null(lists[i].gets_runner);
            assert_string_equal(err.text, lists[i].says);
            continue;
        }
        cpus_format(&p.runner, text, sizeof text);
        assert_string_equal(text, lists[i].gets_runner);
        cpus_format(&p.origin, text, sizeof text);
        assert_string_equal(text, lists[i].gets_origin);
        assert_int_equal(strncmp(p.warning, lists[i].says, strlen(lists[i].says)), 0);
    }
    machine_done(&machine);
}

static void test_a_forbidden_cpu(void **state)
{
    static const struct described row = {.synthetic = "core:4 pu:1", .allowed = "1-2"};
    const struct placement_lists given = {.runner = "3"};
    struct machine machine = made(&row);
    struct placement p;
    struct err err = {0};
    (void)state;
    assert_int_not_equal(placement_on(&machine, &given, &p, &err), 0);
    assert_int_equal(err.code, EXIT_CODE_USAGE);
    assert_string_equal(err.text,
                        "--cpus-runner: this process may not use CPU 3; it may use 1-2");
    machine_done(&machine);
}

/* A quota of so many CPUs on a socket of 16 cores of two threads. */
static void test_a_quota(void **state)
{
    static const struct {
        double quota;
        const char *origin, *runner, *warning;
    } quotas[] = {
        {100, "0-7", "8-31", ""},
        {8, "0-3", "4-7", ""},
        {5, "0-1", "2-5", "quota: the control group allows 5 of these CPUs"},
        {0.5, "0-1", "2-3", "quota: the control group allows 0.5 of these CPUs"},
    };
    static const struct described row = {.synthetic = "l3:1 core:16 pu:2"};
    struct machine machine = made(&row);
    (void)state;
    for (size_t i = 0; i < sizeof quotas / sizeof *quotas; i++) {
        struct placement p;
        char text[CPUS_TEXT_SIZE];
        machine.quota = quotas[i].quota;
        assert_int_equal(placement_on(&machine, NULL, &p, NULL), 0);
        cpus_format(&p.origin, text, sizeof text);
        assert_string_equal(text, quotas[i].origin);
        cpus_format(&p.runner, text, sizeof text);
        assert_string_equal(text, quotas[i].runner);
        assert_string_equal(p.warning, quotas[i].warning);
    }
    machine_done(&machine);
}

static void test_a_server_of_the_users_has_half(void **state)
{
    static const struct described row = {.synthetic = "core:40 pu:1"};
    static const char *const ends[] = {"8-39", "20-39"};
    struct machine machine = made(&row);
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct placement_lists rules = {.is_for_url = i == 1};
        char runner[CPUS_TEXT_SIZE];
        struct placement p;
        assert_int_equal(placement_on(&machine, &rules, &p, NULL), 0);
        cpus_format(&p.runner, runner, sizeof runner);
        assert_string_equal(runner, ends[i]);
    }
    machine_done(&machine);
}

/* 96 cores become two entries of the node in use and one of each other one. */
static void test_the_picture_folds(void **state)
{
    static const struct described row = {.synthetic = "pack:2 numa:4 core:12 pu:1"};
    struct machine machine = made(&row);
    struct placement p;
    (void)state;
    assert_int_equal(placement_on(&machine, NULL, &p, NULL), 0);
    json_auto_t *list = placement_json(&machine, &p);
    assert_int_equal(json_array_size(list), 9);
    assert_string_equal(json_text_of(json_array_get(list, 0), "use"), "origin");
    assert_string_equal(json_text_of(json_array_get(list, 1), "cpus"), "6-11");
    assert_string_equal(json_text_of(json_array_get(list, 2), "use"), "unused");
    assert_int_equal(
        json_integer_value(json_object_get(json_array_get(list, 8), "package")), 1);
    machine_done(&machine);
}

static void test_of_this_process(void **state)
{
    struct placement p;
    (void)state;
    assert_int_equal(placement_make(NULL, &p, NULL), 0);
    assert_true(p.count >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_gets_what),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_a_forbidden_cpu),
        cmocka_unit_test(test_a_quota),
        cmocka_unit_test(test_a_server_of_the_users_has_half),
        cmocka_unit_test(test_the_picture_folds),
        cmocka_unit_test(test_of_this_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
