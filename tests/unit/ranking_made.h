/* ranking_made: journals in which coroutines win over threads, and what is done to them.
 * Header only, on top of verdict_made.h. */
#ifndef TESTS_UNIT_RANKING_MADE_H
#define TESTS_UNIT_RANKING_MADE_H

#include "verdict_made.h"

#define BLOCKS 12

/* What is done to a journal before it is judged. */
struct change {
    const char *model;
    long long concurrency, from, to; /* blocks from .. to */
    bool invalid, disturbed;
    double origin_ratio; /* 0: left as it is */
};

static inline json_t *scenario_of(const json_t *document)
{
    return json_array_get(json_object_get(document, "scenarios"), 0);
}

static inline json_int_t int_at(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static inline void apply(json_t *journal, const struct change *change)
{
    size_t i = 0;
    json_t *line = NULL;
    json_array_foreach (journal, i, line) {
        const char *type = json_string_value(json_object_get(line, "type"));
        const char *model = json_string_value(json_object_get(line, "model"));
        if (strcmp(type, "trial") != 0 || strcmp(model, change->model) != 0 ||
            int_at(line, "concurrency") != change->concurrency ||
            int_at(line, "block") < change->from || int_at(line, "block") > change->to)
            continue;
        if (change->invalid)
            json_put(line, "valid", json_false());
        if (change->disturbed)
            json_put(line, "disturbed",
                     json_pack("[{s:s,s:f,s:f}]", "reason", "steal", "value", .5, "limit",
                               .02));
        if (change->origin_ratio > 0)
            json_put(json_object_get(line, "origin"), "cpu_ns",
                     json_integer(
                         (json_int_t)(change->origin_ratio *
                                      (double)int_at(json_object_get(line, "document"),
                                                     "measured_ns"))));
    }
}

/* A journal of cells at 4 and 8 (and sequential at 1); models are listed once each. */
static inline json_t *journal_of(const struct made_model *models, size_t count,
                                 long long blocks)
{
    const struct made made = {blocks, models, count, true};
    json_t *journal = made_journal(&made), *names = json_array();
    json_t *scenario = scenario_of(json_array_get(journal, 0));
    for (size_t i = 0; i < count; i++) {
        bool is_new = true;
        for (size_t k = 0; k < i; k++)
            is_new = is_new && strcmp(models[i].name, models[k].name) != 0;
        if (is_new)
            json_push(names, json_string(models[i].name));
    }
    json_put(scenario, "models", names);
    json_put(json_object_get(scenario, "load"), "concurrency", json_pack("[i,i]", 4, 8));
    return journal;
}

static inline json_t *judged(const struct made_model *models, size_t count,
                             long long blocks, const struct change *change)
{
    json_t *journal = journal_of(models, count, blocks);
    if (change)
        apply(journal, change);
    return made_results(journal);
}

/* Coroutines win over threads; sequential, with its one cell at 1, is slower. */
#define THREADS(at)                                                                      \
    {                                                                                    \
        "threads", at, 40000, 40, 20000000, .2                                           \
    }
#define COROUTINES(at)                                                                   \
    {                                                                                    \
        "coroutines", at, 20000, 20, 10000000, .2                                        \
    }
#define SEQUENTIAL(latency, cpu)                                                         \
    {                                                                                    \
        "sequential", 1, latency, cpu, 5000000, .1                                       \
    }

#define WINNER "{'form': 'winner', 'leaders': ['coroutines'], 'subject': 'coroutines'}"

#endif
