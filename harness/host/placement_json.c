/* placement_json.c: the machine with who got what, for results.json; see placement.h. */
#include "harness/host/placement.h"

#include "common/json.h"

#include <stdio.h>

/* Who has the core: the words of docs/results.md. */
static const char *use_of(const struct placement *p, const struct machine_core *core)
{
    const bool is_origin = cpus_overlap(&core->cpus, &p->origin);
    const bool is_runner = cpus_overlap(&core->cpus, &p->runner);
    return is_origin && is_runner ? "both"
           : is_origin            ? "origin"
           : is_runner            ? "runner"
                                  : "unused";
}

/* "fast" and "slow" where there are two kinds that the machine ranks. */
static void put_kind(json_t *entry, const struct machine *machine, size_t kind)
{
    static const char *const two[] = {"slow", "fast"};
    if (machine->kinds == 2 && machine->has_ranks)
        json_put(entry, "kind", json_string(two[kind]));
    else if (machine->kinds > 1)
        json_put(entry, "kind", json_sprintf("kind %d", (int)kind));
}

static bool is_alike(const struct placement *p, const struct machine_core *a,
                     const struct machine_core *b)
{
    return a->package == b->package && a->node == b->node && a->cache == b->cache &&
           a->kind == b->kind && a->threads == b->threads && use_of(p, a) == use_of(p, b);
}

/* The last-level caches are numbered in the order of the list. */
json_t *placement_json(const struct machine *machine, const struct placement *placement)
{
    json_t *list = json_array();
    char text[CPUS_TEXT_SIZE];
    size_t cache = 0;
    for (size_t i = 0; i < machine->count;) {
        const struct machine_core *core = &machine->cores[i];
        struct cpus cpus = {0};
        const size_t begin = i;
        cache += i > 0 && core->cache != core[-1].cache;
        for (; i < machine->count && is_alike(placement, core, &machine->cores[i]); i++)
            cpus_add_all(&cpus, &machine->cores[i].cpus);
        json_t *entry = json_object();
        cpus_format(&cpus, text, sizeof text);
        json_put(entry, "package", json_uint(core->package));
        json_put(entry, "node", json_uint(core->node));
        json_put(entry, "cache", core->cache ? json_uint(cache) : json_null());
        json_put(entry, "cache_bytes",
                 core->cache_bytes ? json_uint(core->cache_bytes) : json_null());
        json_put(entry, "cores", json_uint(i - begin));
        json_put(entry, "threads", json_uint(core->threads));
        put_kind(entry, machine, core->kind);
        json_put(entry, "cpus", json_string(text));
        json_put(entry, "use", json_string(use_of(placement, core)));
        json_push(list, entry);
    }
    return list;
}
