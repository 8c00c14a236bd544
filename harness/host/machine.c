/* machine.c: from hwloc's tree to a list of cores; see machine.h. Who gets which is
 * placement.c's. */
#include "harness/host/machine.h"

#include "common/file.h"
#include "common/memory.h"
#include "common/quota.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void add_bits(struct cpus *set, hwloc_const_bitmap_t bits)
{
    int cpu = -1;
    while ((cpu = hwloc_bitmap_next(bits, cpu)) >= 0 && cpu < CPUS_MAX)
        cpus_add(set, (size_t)cpu);
}

/* The last cache, if other cores have it too; else NULL. */
static hwloc_obj_t shared_cache(hwloc_obj_t core)
{
    hwloc_obj_t last = NULL;
    for (hwloc_obj_t at = core; at; at = at->parent)
        last = hwloc_obj_type_is_dcache(at->type) ? at : last;
    return last && !hwloc_bitmap_isequal(last->cpuset, core->cpuset) ? last : NULL;
}

/* Where hwloc knows no cores, each CPU is one. */
static hwloc_obj_t core_of(hwloc_topology_t topology, hwloc_obj_t cpu)
{
    hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_CORE, cpu);
    return core ? core : cpu;
}

static struct machine_core describe(hwloc_topology_t topology, hwloc_obj_t core)
{
    const hwloc_obj_t cache = shared_cache(core);
    const hwloc_obj_t package =
        hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_PACKAGE, core);
    const int node = hwloc_bitmap_first(core->nodeset);
    const int kind = hwloc_cpukinds_get_by_cpuset(topology, core->cpuset, 0);
    struct machine_core it = {.package = package ? package->logical_index : 0,
                              .node = node < 0 ? 0 : (size_t)node,
                              .cache = cache ? (size_t)cache->gp_index : 0,
                              .cache_bytes = cache ? cache->attr->cache.size : 0,
                              .kind = kind < 0 ? 0 : (size_t)kind};
    add_bits(&it.cpus, core->cpuset);
    it.threads = cpus_count(&it.cpus);
    return it;
}

/* hwloc sorts kinds by efficiency, the fastest last; -1: it cannot tell. */
static bool knows_ranks(hwloc_topology_t topology, size_t kinds)
{
    int efficiency = -1;
    return kinds > 1 &&
           !hwloc_cpukinds_get_info(topology, 0, NULL, &efficiency, NULL, NULL, 0) &&
           efficiency >= 0;
}

static int restrict_to(hwloc_topology_t topology, const struct cpus *allowed)
{
    hwloc_bitmap_t bits = hwloc_bitmap_alloc();
    for (unsigned cpu = 0; cpu < CPUS_MAX; cpu++) {
        if (cpus_has(allowed, cpu))
            (void)hwloc_bitmap_set(bits, cpu);
    }
    const int status = hwloc_topology_restrict(topology, bits, 0);
    hwloc_bitmap_free(bits);
    return status;
}

int machine_of(hwloc_topology_t topology, const struct cpus *allowed,
               struct machine *out_machine, struct err *err)
{
    struct machine m = {.is_foreign = !hwloc_topology_is_thissystem(topology),
                        .quota = (double)NAN};
    add_bits(&m.existing, hwloc_topology_get_complete_cpuset(topology));
    /* some firmware and many virtual machines make a package of each core */
    const bool has_packages = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PACKAGE) <
                              hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_CORE);
    if (allowed && restrict_to(topology, allowed))
        return err_set(err, EXIT_CODE_UNFIT,
                       "hwloc knows none of the CPUs of this process; is /sys mounted?");
    const int kinds = hwloc_cpukinds_get_nr(topology, 0);
    m.kinds = kinds > 1 ? (size_t)kinds : 1;
    m.has_ranks = knows_ranks(topology, m.kinds);
    const int cpus = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PU);
    m.cores = memory_calloc((size_t)cpus + 1, sizeof *m.cores);
    hwloc_obj_t last = NULL;
    for (int i = 0; i < cpus; i++) {
        hwloc_obj_t cpu = hwloc_get_obj_by_type(topology, HWLOC_OBJ_PU, (unsigned)i);
        hwloc_obj_t core = cpu ? core_of(topology, cpu) : last;
        if (core == last)
            continue;
        m.cores[m.count] = describe(topology, core);
        m.cores[m.count].package *= has_packages;
        cpus_add_all(&m.all, &m.cores[m.count].cpus);
        m.count++;
        last = core;
    }
    *out_machine = m;
    return 0;
}

static int read_here(struct machine *out_machine, struct err *err)
{
    hwloc_topology_t topology = NULL;
    struct cpus allowed;
    int status = cpus_read(0, &allowed);
    if (status)
        return err_set(err, EXIT_CODE_UNFIT, "cannot read the CPUs of this process: %s",
                       strerror(-status));
    if (hwloc_topology_init(&topology))
        return err_set(err, EXIT_CODE_UNFIT, "hwloc does not start");
    if (hwloc_topology_load(topology))
        status = err_set(err, EXIT_CODE_UNFIT,
                         "hwloc cannot read this machine; see `lstopo-no-graphics`");
    else
        status =
            machine_of(topology, hwloc_topology_is_thissystem(topology) ? &allowed : NULL,
                       out_machine, err);
    hwloc_topology_destroy(topology);
    return status;
}

/* What the process that reads tells, before the cores. */
struct reading {
    int status;
    struct err err;
    struct machine machine;
};

static _Noreturn void tell(int fd)
{
    struct reading reading = {.status = 0};
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    (void)dup2(nowhere, STDERR_FILENO); /* an assertion of hwloc's is not for people */
    reading.status = read_here(&reading.machine, &reading.err);
    const struct machine *m = &reading.machine;
    if (file_write_all(fd, &reading, sizeof reading) ||
        file_write_all(fd, m->cores, m->count * sizeof *m->cores))
        _exit(EXIT_CODE_INTERNAL);
    _exit(EXIT_CODE_OK);
}

static int hear(FILE *from, struct machine *out_machine, struct err *err)
{
    struct reading reading;
    if (fread(&reading, sizeof reading, 1, from) != 1)
        return err_set(err, EXIT_CODE_INTERNAL,
                       "hwloc could not read this machine; is there enough memory?");
    if (reading.status) {
        *err = reading.err;
        return -1;
    }
    struct machine m = reading.machine;
    m.cores = memory_calloc(m.count + 1, sizeof *m.cores);
    if (fread(m.cores, sizeof *m.cores, m.count, from) != m.count) {
        machine_done(&m);
        return err_set(err, EXIT_CODE_INTERNAL, "hwloc told only a part of this machine");
    }
    *out_machine = m;
    return 0;
}

/* hwloc crashes where it gets no memory, so it reads in a process of its own. */
static int read_apart(struct machine *out_machine, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
        return err_set(err, EXIT_CODE_UNFIT, "cannot make a pipe: %s", strerror(errno));
    const pid_t reader = fork();
    if (reader == 0)
        tell(ends[1]);
    const int refused = errno;
    (void)close(ends[1]);
    FILE *from = fdopen(ends[0], "r");
    int status = -1;
    if (reader < 0)
        (void)err_set(err, EXIT_CODE_UNFIT, "cannot start a process: %s",
                      strerror(refused));
    else if (!from)
        (void)err_set(err, EXIT_CODE_INTERNAL, "out of memory");
    else
        status = hear(from, out_machine, err);
    if (from)
        (void)fclose(from);
    else
        (void)close(ends[0]);
    while (reader > 0 && waitpid(reader, NULL, 0) < 0 && errno == EINTR)
        ;
    return status;
}

int machine_here(const struct machine **out_machine, struct err *err)
{
    static struct machine here; /* it takes hwloc some milliseconds */
    if (!here.count) {
        if (read_apart(&here, err))
            return -1;
        here.quota = here.is_foreign ? (double)NAN : quota_read("");
    }
    *out_machine = &here;
    return 0;
}

void machine_done(struct machine *machine)
{
    free(machine->cores);
    *machine = (struct machine){0};
}
