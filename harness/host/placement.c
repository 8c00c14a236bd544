/* placement.c: the rules; see placement.h. The callers decide what is pinned where. */
#include "harness/host/placement.h"

#include "common/cleanup.h"
#include "common/format.h"
#include "common/memory.h"
#include "common/quota.h"

#include <stdio.h>
#include <string.h>

/* How near cores are, the nearest first. */
enum nearness { NEAR_CACHE, NEAR_NODE, NEAR_PACKAGE, NEAR_MACHINE };

static bool is_near(const struct machine_core *a, const struct machine_core *b,
                    enum nearness nearness)
{
    return (nearness > NEAR_PACKAGE || a->package == b->package) &&
           (nearness > NEAR_NODE || a->node == b->node) &&
           (nearness > NEAR_CACHE || a->cache == b->cache);
}

/* What the sides are chosen from: cores of one kind, or all where is_mixed. */
struct pool {
    const struct machine *machine;
    size_t kind;
    bool is_mixed;
};

static bool has_core(const struct pool *pool, const struct machine_core *core)
{
    return pool->is_mixed || core->kind == pool->kind;
}

static size_t count_near(const struct pool *pool, const struct machine_core *core,
                         enum nearness nearness)
{
    size_t count = 0;
    for (size_t i = 0; i < pool->machine->count; i++) {
        const struct machine_core *other = &pool->machine->cores[i];
        count += has_core(pool, other) && is_near(core, other, nearness);
    }
    return count;
}

/* The fastest kind that has two cores; where it is not known which is faster, the one
 * with most. */
static struct pool choose_kind(const struct machine *machine)
{
    struct pool best = {machine, 0, true};
    size_t most = 1;
    for (size_t kind = machine->kinds; kind-- > 0;) {
        const struct pool pool = {machine, kind, false};
        const struct machine_core any = {0};
        const size_t count = count_near(&pool, &any, NEAR_MACHINE);
        if (count < 2 || (machine->has_ranks ? !best.is_mixed : count < most))
            continue;
        best = pool;
        most = count;
    }
    return best;
}

/* A core of the place with most cores, of equal ones with the lowest CPU; NULL: no place
 * has enough. */
static const struct machine_core *find_place(const struct pool *pool,
                                             enum nearness nearness, size_t enough)
{
    const struct machine_core *best = NULL;
    size_t most = enough - 1;
    for (size_t i = 0; i < pool->machine->count; i++) {
        const struct machine_core *core = &pool->machine->cores[i];
        const size_t count = has_core(pool, core) ? count_near(pool, core, nearness) : 0;
        if (count > most || (best && count == most &&
                             cpus_first(&core->cpus) < cpus_first(&best->cpus))) {
            best = core;
            most = count;
        }
    }
    return best;
}

/* The cores to be used, from the one with the lowest CPU on; a new list of *out_count. */
static const struct machine_core **choose_cores(const struct machine *machine,
                                                size_t *out_count)
{
    static const struct {
        enum nearness nearness;
        size_t enough;
    } steps[] = {{NEAR_CACHE, 4}, {NEAR_NODE, 4},    {NEAR_CACHE, 2},
                 {NEAR_NODE, 2},  {NEAR_PACKAGE, 2}, {NEAR_MACHINE, 1}};
    const struct pool pool = choose_kind(machine);
    const struct machine_core *at = NULL;
    size_t step = 0, count = 0, first = 0;
    while (!(at = find_place(&pool, steps[step].nearness, steps[step].enough)))
        step++;
    const struct machine_core **found = memory_calloc(machine->count, sizeof *found);
    for (size_t i = 0; i < machine->count; i++) {
        const struct machine_core *core = &machine->cores[i];
        if (!has_core(&pool, core) || !is_near(at, core, steps[step].nearness))
            continue;
        found[count] = core;
        first = cpus_first(&core->cpus) < cpus_first(&found[first]->cpus) ? count : first;
        count++;
    }
    const struct machine_core **cores = memory_calloc(machine->count, sizeof *cores);
    for (size_t i = 0; i < count; i++)
        cores[i] = found[(first + i) % count];
    free(found);
    const size_t paid =
        (size_t)quota_limit(machine->quota / (double)at->threads, (uint64_t)count);
    *out_count = paid < 2 && count > 1 ? 2 : paid;
    return cores;
}

/* origin_cpus: where they are enough for the origin, it gets no more cores. */
static void split(const struct machine *machine, size_t origin_cpus, struct placement *p)
{
    if (machine->count < 2) {
        p->origin = p->runner = machine->all;
        return;
    }
    size_t count = 0;
    AUTO_FREE const struct machine_core **cores = choose_cores(machine, &count);
    for (size_t i = 0; i < count; i++) {
        const bool is_origins = i < count / 2 && cpus_count(&p->origin) < origin_cpus;
        cpus_add_all(is_origins ? &p->origin : &p->runner, &cores[i]->cpus);
    }
}

static int read_list(const struct machine *machine, const char *option, const char *text,
                     struct cpus *out_cpus, struct err *err)
{
    if (cpus_parse(text, out_cpus))
        return err_set(err, EXIT_CODE_USAGE, "%s: '%.60s' is no list of CPUs, as 0,2-3",
                       option, text);
    for (size_t cpu = 0; cpu < CPUS_MAX; cpu++) {
        AUTO_FREE char *all = NULL;
        if (!cpus_has(out_cpus, cpu) || cpus_has(&machine->all, cpu))
            continue;
        const bool exists = cpus_has(&machine->existing, cpu);
        all = memory_malloc(CPUS_TEXT_SIZE);
        cpus_format(exists ? &machine->all : &machine->existing, all, CPUS_TEXT_SIZE);
        return err_set(err, EXIT_CODE_USAGE, "%s: %s CPU %zu; %s %.200s", option,
                       exists ? "this process may not use" : "there is no", cpu,
                       exists ? "it may use" : "there are", all);
    }
    return 0;
}

/* The other side of a given one: the cores that it does not touch, else the CPUs that it
 * leaves, else the same. */
static struct cpus rest_of(const struct machine *machine, const struct cpus *given)
{
    struct cpus rest = {0};
    for (size_t i = 0; i < machine->count; i++) {
        if (!cpus_overlap(&machine->cores[i].cpus, given))
            cpus_add_all(&rest, &machine->cores[i].cpus);
    }
    if (!cpus_count(&rest)) {
        rest = machine->all;
        cpus_remove_all(&rest, given);
    }
    return cpus_count(&rest) ? rest : *given;
}

static void warn(struct placement *p, const char *text)
{
    const size_t used = strlen(p->warning);
    (void)snprintf(p->warning + used, sizeof p->warning - used, "%s%s", used ? "; " : "",
                   text);
}

/* Whether each core of one side has its like on the other. */
static bool
is_alike(const struct machine *machine, const struct cpus *side, const struct cpus *other,
         bool (*is_same)(const struct machine_core *, const struct machine_core *))
{
    for (size_t i = 0; i < machine->count; i++) {
        bool has_like = !cpus_overlap(&machine->cores[i].cpus, side);
        for (size_t j = 0; j < machine->count && !has_like; j++)
            has_like = cpus_overlap(&machine->cores[j].cpus, other) &&
                       is_same(&machine->cores[i], &machine->cores[j]);
        if (!has_like)
            return false;
    }
    return true;
}

static bool is_same_kind(const struct machine_core *a, const struct machine_core *b)
{
    return a->kind == b->kind;
}

static bool is_same_width(const struct machine_core *a, const struct machine_core *b)
{
    return a->threads == b->threads;
}

static bool is_one_node(const struct machine *machine, const struct placement *p)
{
    const struct machine_core *first = NULL;
    for (size_t i = 0; i < machine->count; i++) {
        const struct machine_core *core = &machine->cores[i];
        if (!cpus_overlap(&core->cpus, &p->origin) &&
            !cpus_overlap(&core->cpus, &p->runner))
            continue;
        first = first ? first : core;
        if (!is_near(first, core, NEAR_NODE))
            return false;
    }
    return true;
}

static void judge(const struct machine *machine, struct placement *p)
{
    struct cpus used;
    for (size_t i = 0; i < machine->count; i++)
        p->is_shared =
            p->is_shared || (cpus_overlap(&machine->cores[i].cpus, &p->origin) &&
                             cpus_overlap(&machine->cores[i].cpus, &p->runner));
    if (machine->count < 2)
        warn(p, "shared: there is one core, origin and runner share it");
    else if (p->is_shared)
        warn(p, "shared: origin and runner have a core in common");
    if (!is_alike(machine, &p->runner, &p->origin, is_same_kind) ||
        !is_alike(machine, &p->origin, &p->runner, is_same_kind))
        warn(p, "unequal: origin and runner have cores of different kinds");
    else if (!is_alike(machine, &p->runner, &p->origin, is_same_width) ||
             !is_alike(machine, &p->origin, &p->runner, is_same_width))
        warn(p, "unequal: the cores of one side have more hardware threads");
    used = p->origin;
    cpus_add_all(&used, &p->runner);
    if (machine->quota < (double)cpus_count(&used)) {
        char text[128];
        (void)snprintf(text, sizeof text,
                       "quota: the control group allows %s of these CPUs",
                       format_exact(machine->quota, UNIT_COUNT).s);
        warn(p, text);
    }
    if (!is_one_node(machine, p))
        warn(p, "remote: the cores are of several NUMA nodes or packages");
}

int placement_on(const struct machine *machine, const struct placement_lists *lists,
                 struct placement *out_placement, struct err *err)
{
    struct placement p = {.all = machine->all, .count = cpus_count(&machine->all)};
    const char *runner = lists ? lists->runner : NULL;
    const char *origin = lists ? lists->origin : NULL;
    if ((runner && read_list(machine, "--cpus-runner", runner, &p.runner, err)) ||
        (origin && read_list(machine, "--cpus-origin", origin, &p.origin, err)))
        return -1;
    if (!runner && !origin)
        split(machine, lists && lists->is_for_url ? SIZE_MAX : PLACEMENT_ORIGIN_CPUS, &p);
    else if (!runner)
        p.runner = rest_of(machine, &p.origin);
    else if (!origin)
        p.origin = rest_of(machine, &p.runner);
    judge(machine, &p);
    *out_placement = p;
    return 0;
}

int placement_make(const struct placement_lists *lists, struct placement *out_placement,
                   struct err *err)
{
    const struct machine *machine = NULL;
    if (machine_here(&machine, err))
        return -1;
    return placement_on(machine, lists, out_placement, err);
}
