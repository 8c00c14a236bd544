/* The texts of several machines: an Intel desktop with SMT, an AMD virtual machine, two
 * ARM servers, containers of both cgroup versions. */
#include "common/array.h"
#include "harness/host/environment_parse.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char intel[] =
    "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 151\n"
    "model name\t: 12th Gen Intel(R) Core(TM) i9-12900K\nstepping\t: 2\n"
    "microcode\t: 0x2c\ncpu MHz\t\t: 3187.200\nphysical id\t: 0\nsiblings\t: 24\n"
    "core id\t\t: 0\ncpu cores\t: 16\nflags\t\t: fpu vme sse2 ht hypervisor_like vmx\n"
    "bugs\t\t: spectre_v1\n\nprocessor\t: 1\nvendor_id\t: GenuineIntel\n"
    "model name\t: 12th Gen Intel(R) Core(TM) i9-12900K\ncore id\t\t: 0\n"
    "flags\t\t: fpu vme\n";
static const char amd_guest[] =
    "processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD EPYC\n"
    "microcode\t: 0x1000065\ncpu MHz\t\t: 2596.120\n"
    "flags\t\t: fpu rdrand hypervisor lahf_lm\npower management:\n";
static const char graviton[] =
    "processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: fp asimd evtstrm aes\n"
    "CPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x3\n"
    "CPU part\t: 0xd0c\nCPU revision\t: 1\n\nprocessor\t: 1\n"
    "CPU implementer\t: 0x41\nCPU part\t: 0xd0c\n";
static const char strange_arm[] = "processor\t: 0\nCPU implementer\t: 0x99\n"
                                  "CPU part\t: 0x001\n";
static const char riscv[] = "processor\t: 0\nhart\t\t: 2\nisa\t\t: rv64imafdc\n";

static void cpuinfo_of_intel(void **state)
{
    const struct environment_cpu cpu = environment_parse_cpuinfo(intel);
    (void)state;
    assert_string_equal(cpu.vendor, "GenuineIntel");
    assert_string_equal(cpu.model, "12th Gen Intel(R) Core(TM) i9-12900K");
    assert_string_equal(cpu.microcode, "0x2c");
    assert_int_equal(cpu.threads, 2);
    assert_true(fabs(cpu.frequency_hz - 3187.2e6) < 1);
    assert_true(cpu.has_flags && !cpu.has_hypervisor);
}

static void cpuinfo_of_a_guest(void **state)
{
    const struct environment_cpu cpu = environment_parse_cpuinfo(amd_guest);
    (void)state;
    assert_string_equal(cpu.model, "AMD EPYC");
    assert_true(cpu.has_flags && cpu.has_hypervisor);
}

static void cpuinfo_of_arm(void **state)
{
    struct environment_cpu cpu = environment_parse_cpuinfo(graviton);
    (void)state;
    assert_string_equal(cpu.vendor, "ARM");
    assert_string_equal(cpu.model, "Neoverse-N1");
    assert_string_equal(cpu.microcode, "");
    assert_int_equal(cpu.threads, 2);
    assert_true(isnan(cpu.frequency_hz) && !cpu.has_flags);
    cpu = environment_parse_cpuinfo(strange_arm);
    assert_string_equal(cpu.vendor, "implementer 0x99");
    assert_string_equal(cpu.model, "implementer 0x99 part 0x001");
}

static void cpuinfo_of_others(void **state)
{
    struct environment_cpu cpu = environment_parse_cpuinfo(riscv);
    (void)state;
    assert_string_equal(cpu.model, "");
    assert_int_equal(cpu.threads, 1);
    cpu = environment_parse_cpuinfo("");
    assert_int_equal(cpu.threads, 0);
    assert_true(isnan(cpu.frequency_hz));
}

static void fields(void **state)
{
    static const char meminfo[] = "MemTotal:       16252928 kB\nMemFree: 12 kB\n"
                                  "SwapTotal:             0 kB\nEmpty:\n";
    char value[32] = "old";
    (void)state;
    assert_true(environment_parse_field(meminfo, "MemTotal", value, sizeof value));
    assert_string_equal(value, "16252928 kB");
    assert_true(environment_parse_field(meminfo, "SwapTotal", value, sizeof value));
    assert_string_equal(value, "0 kB");
    assert_false(environment_parse_field(meminfo, "Mem", value, sizeof value));
    assert_false(environment_parse_field(meminfo, "Empty", value, sizeof value));
    assert_false(environment_parse_field("", "MemTotal", value, sizeof value));
    char small[5];
    assert_true(environment_parse_field(meminfo, "MemTotal", small, sizeof small));
    assert_string_equal(small, "1625");
}

static void topology(void **state)
{
    static const struct {
        const char *text;
        uint64_t sockets, cores;
    } cases[] = {{"0 0\n0 0\n0 1\n0 1\n", 1, 2}, /* SMT */
                 {"0 0\n0 1\n1 0\n1 1\n", 2, 4}, /* two sockets */
                 {"0 0\n", 1, 1},
                 {"0 0\n0 4\n0 8\n0 8", 1, 3}};
    uint64_t sockets = 7, cores = 7;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_true(environment_parse_topology(cases[i].text, &sockets, &cores));
        assert_int_equal(sockets, cases[i].sockets);
        assert_int_equal(cores, cases[i].cores);
    }
    assert_false(environment_parse_topology("", &sockets, &cores));
    assert_false(environment_parse_topology("-1 0\n-1 1\n", &sockets, &cores));
}

static void sizes_choices_and_lists(void **state)
{
    uint64_t number = 0;
    char word[16];
    (void)state;
    assert_true(environment_parse_size("48K\n", &number));
    assert_int_equal(number, 49152);
    assert_true(environment_parse_size("2M\n", &number));
    assert_int_equal(number, 2097152);
    assert_false(environment_parse_size("\n", &number));
    assert_false(environment_parse_size("-1", &number));
    assert_true(environment_parse_choice("always [madvise] never\n", word, sizeof word));
    assert_string_equal(word, "madvise");
    assert_false(environment_parse_choice("always madvise", word, sizeof word));
    assert_false(environment_parse_choice("always [madvise", word, sizeof word));
    assert_true(environment_parse_list_count("0\n", &number));
    assert_int_equal(number, 1);
    assert_true(environment_parse_list_count("0-3,8,10-11\n", &number));
    assert_int_equal(number, 7);
    assert_false(environment_parse_list_count("\n", &number));
    assert_false(environment_parse_list_count("3-1", &number));
}

static void preemption(void **state)
{
    static const char debian[] = "# CONFIG_PREEMPT_NONE is not set\n"
                                 "CONFIG_PREEMPT_VOLUNTARY=y\nCONFIG_HZ=250\n"
                                 "CONFIG_DEFAULT_HOSTNAME=\"(none)\"\n";
    static const char desktop[] = "CONFIG_PREEMPT_BUILD=y\nCONFIG_PREEMPT=y\n";
    char made[64], value[16];
    (void)state;
    assert_string_equal(environment_parse_preemption("#1 SMP PREEMPT_DYNAMIC Debian",
                                                     debian, NULL, made, sizeof made),
                        "dynamic, voluntary");
    assert_string_equal(environment_parse_preemption("#1 SMP PREEMPT_DYNAMIC", debian,
                                                     "full", made, sizeof made),
                        "dynamic, full");
    assert_string_equal(environment_parse_preemption("#1 SMP PREEMPT_RT Debian", NULL,
                                                     NULL, made, sizeof made),
                        "rt");
    assert_string_equal(
        environment_parse_preemption("#1 SMP PREEMPT", desktop, NULL, made, sizeof made),
        "full");
    assert_string_equal(
        environment_parse_preemption("#1 SMP", debian, NULL, made, sizeof made),
        "voluntary");
    assert_null(environment_parse_preemption("#1 SMP", NULL, NULL, made, sizeof made));
    assert_true(environment_parse_config(debian, "CONFIG_HZ", value, sizeof value));
    assert_string_equal(value, "250");
    assert_true(
        environment_parse_config(debian, "CONFIG_DEFAULT_HOSTNAME", value, sizeof value));
    assert_string_equal(value, "(none)");
    assert_false(
        environment_parse_config(debian, "CONFIG_PREEMPT_NONE", value, sizeof value));
}

static void cgroups(void **state)
{
    static const char v1[] = "9:name=systemd:/\n4:memory:/docker/0123abc\n"
                             "2:cpu,cpuacct:/docker/0123abc\n";
    static const char both[] = "4:memory:/a\n0::/system.slice/ssh.service\n";
    char path[64];
    (void)state;
    assert_true(environment_parse_cgroup_path(v1, "memory", path, sizeof path));
    assert_string_equal(path, "/docker/0123abc");
    assert_true(environment_parse_cgroup_path(v1, "cpu", path, sizeof path));
    assert_false(environment_parse_cgroup_path(v1, "cpus", path, sizeof path));
    assert_false(environment_parse_cgroup_path(v1, "", path, sizeof path));
    assert_true(environment_parse_cgroup_path(both, "", path, sizeof path));
    assert_string_equal(path, "/system.slice/ssh.service");
    assert_false(environment_parse_cgroup_path("", "", path, sizeof path));
    assert_string_equal(environment_parse_container(v1), "docker");
    assert_string_equal(
        environment_parse_container("0::/kubepods.slice/cri-containerd-1.scope\n"),
        "kubernetes");
    assert_string_equal(environment_parse_container("12:pids:/lxc/web\n"), "lxc");
    assert_null(environment_parse_container(both));
}

static void limits(void **state)
{
    double value = 0;
    (void)state;
    assert_int_equal(environment_parse_limit("max\n", &value), ENVIRONMENT_LIMIT_NONE);
    assert_int_equal(environment_parse_limit("9223372036854771712\n", &value),
                     ENVIRONMENT_LIMIT_NONE);
    assert_int_equal(environment_parse_limit("536870912\n", &value),
                     ENVIRONMENT_LIMIT_SET);
    assert_true(fabs(value - 536870912) < 1);
    assert_int_equal(environment_parse_limit("x", &value), ENVIRONMENT_LIMIT_UNKNOWN);
}

static void power(void **state)
{
    (void)state;
    assert_null(environment_parse_power(""));
    assert_string_equal(environment_parse_power("Mains 1 -\nBattery - Charging\n"),
                        "mains");
    assert_string_equal(environment_parse_power("Mains 0 -\nBattery - Discharging\n"),
                        "battery");
    assert_string_equal(environment_parse_power("Battery - Full\n"), "mains");
    assert_string_equal(
        environment_parse_power("Battery - Full\nBattery - Discharging\n"), "battery");
    assert_null(environment_parse_power("Wireless 1 -\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cpuinfo_of_intel),
                                       cmocka_unit_test(cpuinfo_of_a_guest),
                                       cmocka_unit_test(cpuinfo_of_arm),
                                       cmocka_unit_test(cpuinfo_of_others),
                                       cmocka_unit_test(fields),
                                       cmocka_unit_test(topology),
                                       cmocka_unit_test(sizes_choices_and_lists),
                                       cmocka_unit_test(preemption),
                                       cmocka_unit_test(cgroups),
                                       cmocka_unit_test(limits),
                                       cmocka_unit_test(power)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
