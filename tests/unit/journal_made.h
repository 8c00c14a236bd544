/* journal_made: a small journal with known numbers, for the tests of everything that is
 * computed from one. Two models at concurrency 8 and sequential at 1, no machine needed.
 * Header only: each test program has its own. */
#ifndef TESTS_UNIT_JOURNAL_MADE_H
#define TESTS_UNIT_JOURNAL_MADE_H

#include "analysis/aggregate.h"
#include "common/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* What a model's trials look like; block b adds b to the latencies, in microseconds, so
 * that both models drift alike. */
struct made_model {
    const char *name;
    long long concurrency, latency_us, cpu_us, memory_bytes;
    double origin_ratio;
};

#define MADE_SEQUENTIAL                                                                  \
    {                                                                                    \
        "sequential", 1, 20000, 30, 5000000, .1                                          \
    }

struct made {
    long long blocks;
    const struct made_model *models;
    size_t count;
    bool footer;
};

static inline json_t *made_document(const struct made_model *m, long long block)
{
    long long requests = 80, ns = (m->latency_us + block) * 1000;
    long long measured_ns = requests / m->concurrency * ns;
    return json_pack("{s:i,s:s,s:s,s:I,s:I,s:I,s:{},s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:[["
                     "I,I]],s:i,s:I,s:I,"
                     "s:I,s:{s:n,s:I,s:n,s:I},s:{s:s,s:b}}",
                     "contract", 1, "model", m->name, "task", "http", "requests",
                     requests, "concurrency", m->concurrency, "ok", requests, "failed",
                     "bytes_received", 80LL, "connections_opened", m->concurrency,
                     "units_created", m->concurrency, "peak_in_flight", m->concurrency,
                     "setup_ns", 1000000LL, "measured_ns", measured_ns, "teardown_ns",
                     100000LL, "cpu_measured_ns", requests * (m->cpu_us * 1000 + block),
                     "latency_ns", ns, requests, "overflow", 0, "latency_sum_ns",
                     requests * ns, "latency_min_ns", ns, "latency_max_ns", ns,
                     "phases_ns", "dns", "connect", 50000LL, "tls", "first_byte", ns,
                     "knobs", "libcurl", "7.88.1", "keepalive", 1);
}

static inline json_t *made_trial(const struct made_model *m, const char *pass,
                                 long long block, long long attempt, bool valid)
{
    json_t *document = made_document(m, block);
    double measured = json_number_value(json_object_get(document, "measured_ns"));
    json_t *trial = json_pack(
        "{s:s,s:s,s:s,s:I,s:i,s:I,s:i,s:I,s:f,s:[s],s:b,s:i,s:n,s:n,s:{s:s,s:s},s:I,s:I,"
        "s:I,"
        "s:I,s:I,s:I,s:n,s:n,s:i,s:i,s:i,s:i,s:{s:i,s:I,s:I,s:I},s:{s:i,s:f,s:i},s:o}",
        "pass", pass, "scenario", "made", "model", m->name, "concurrency", m->concurrency,
        "requests", 80, "block", block, "position", 0, "attempt", attempt, "started_s",
        (double)block, "command", "runner", "valid", valid, "exit_code", 0, "signal",
        "stderr", "placement", "runner_cpus", "1", "origin_cpus", "0", "wall_ns",
        (long long)measured + 5000000, "cpu_total_ns", 20000000LL, "cpu_user_ns",
        10000000LL, "cpu_system_ns", 10000000LL, "max_rss_bytes", m->memory_bytes,
        "launcher_rss_bytes", 700000LL, "tree_memory_bytes", "tree_memory_source",
        "voluntary_switches", 160, "involuntary_switches", 8, "minor_faults", 800,
        "major_faults", 0, "origin", "requests", 80, "peak_in_flight", m->concurrency,
        "connections", m->concurrency, "cpu_ns", (long long)(measured * m->origin_ratio),
        "health", "steal_ticks", 0, "load1", 0.1, "swapped_pages", 0, "document",
        document);
    json_put(trial, "invalid_reason",
             valid ? json_null()
                   : json_pack("{s:s,s:s}", "class", "exit", "text", "it exited with 1"));
    return trial;
}

static inline void made_push(json_t *journal, const char *type, json_t *line)
{
    json_put(line, "type", json_string(type));
    json_push(journal, line);
}

static inline json_t *made_header(const struct made *made)
{
    json_t *models = json_array(), *plan = json_array();
    for (size_t i = 0; i < made->count; i++) {
        const struct made_model *m = &made->models[i];
        json_push(models, json_string(m->name));
        json_push(plan, json_pack("{s:s,s:s,s:I,s:i,s:n}", "scenario", "made", "model",
                                  m->name, "concurrency", m->concurrency, "requests", 80,
                                  "skip_reason"));
    }
    json_t *scenario = json_pack(
        "{s:s,s:s,s:s,s:s,s:o,s:s,s:s,s:{s:i,s:i,s:i,s:i,s:i},s:{s:[i],s:i,s:i,s:b,s:i},"
        "s:{s:"
        "i}}",
        "name", "made", "title", "Made up", "question", "What comes out?", "task", "http",
        "models", models, "baseline", made->models[0].name, "placement", "split",
        "origin", "bytes", 1, "delay_ms", 20, "jitter_ms", 0, "tail_ppm", 0, "tail_ms", 0,
        "load", "concurrency", 8, "requests", 80, "requests_per_worker", 1, "keepalive",
        1, "timeout_ms", 1000, "limits", "trial_seconds", 10);
    json_t *run = json_pack("{s:s,s:s,s:i,s:s,s:I,s:[s,s],s:s,s:s,s:n,s:n,s:n,s:I}", "id",
                            "20260131T120000Z-0001", "started", "2026-01-31T12:00:00Z",
                            "seed", 7, "preset", "default", "blocks", made->blocks,
                            "command", "concbench", "run", "suite_version", "0.1.0",
                            "build_type", "Release", "git_commit", "git_dirty", "url",
                            "trials_planned", made->blocks * (long long)made->count);
    return json_pack(
        "{s:i,s:o,s:{s:{s:i},s:{s:s,s:n},s:{s:s,s:s,s:i,s:b}},s:[o],s:o,s:[]}",
        "schema_version", 1, "run", run, "environment", "cpu", "count", 2, "libraries",
        "libc", "2.36", "libcurl", "placement", "runner_cpus", "1", "origin_cpus", "0",
        "origin_threads", 1, "shared", 0, "scenarios", scenario, "plan", plan,
        "warnings");
}

/* A journal as docs/results.md has it. New. */
static inline json_t *made_journal(const struct made *made)
{
    json_t *journal = json_array();
    made_push(journal, "header", made_header(made));
    for (long long b = 0; b < made->blocks; b++) {
        for (size_t i = 0; i < made->count; i++)
            made_push(journal, "trial",
                      made_trial(&made->models[i], "timed", b, 0, true));
    }
    for (size_t i = 0; i < made->count; i++) {
        const struct made_model *m = &made->models[i];
        json_t *trial = made_trial(m, "memory", 0, 0, true);
        made_push(journal, "memory",
                  json_pack("{s:s,s:s,s:I,s:{s:I,s:s,s:n,s:i,s:i,s:i,s:i,s:o}}",
                            "scenario", "made", "model", m->name, "concurrency",
                            m->concurrency, "memory", "tree_memory_bytes",
                            m->memory_bytes, "source", "pss-sampled", "reason",
                            "plateau_samples", 20, "samples", 25, "delay_ms", 300,
                            "processes", 1, "trial", trial));
    }
    if (made->footer)
        made_push(journal, "footer",
                  json_pack("{s:s,s:f,s:b}", "finished", "2026-01-31T12:01:00Z", "wall_s",
                            60.0, "complete", 1));
    return journal;
}

/* Makes the journal one of an open loop at 200/s: of 1,000 responses 980 take 20 ms and
 * 20 half a second, with the slow model a whole one; block b adds b microseconds. */
static inline void made_open_loop(json_t *journal, const char *slow)
{
    size_t i = 0;
    json_t *line = NULL;
    json_t *header = json_array_get(journal, 0);
    json_t *scenario = json_array_get(json_object_get(header, "scenarios"), 0);
    json_put(json_object_get(scenario, "load"), "rate_per_s", json_integer(200));
    json_array_foreach (journal, i, line) {
        json_t *document = json_object_get(line, "document");
        const char *model = json_string_value(json_object_get(line, "model"));
        long long block_ns = 1000 * json_integer_value(json_object_get(line, "block"));
        long long tail_ns = (!strcmp(model ? model : "", slow) ? 2 : 1) * 500000000LL;
        if (!document)
            continue;
        json_t *open =
            json_pack("{s:i,s:s,s:[[I,i],[I,i]],s:i,s:I,s:[[i,i]],s:i}", "rate_per_s",
                      200, "arrivals", "poisson", "response_ns", 20000000 + block_ns, 980,
                      tail_ns + block_ns, 20, "response_overflow", 0, "response_max_ns",
                      tail_ns + block_ns, "lag_ns", 10000, 1000, "lag_overflow", 0);
        (void)json_object_update(document, open);
        json_decref(open);
    }
}

/* The results of a journal, which is taken. New. */
static inline json_t *made_results(json_t *journal)
{
    json_t *results = NULL;
    struct err err = {0};
    if (aggregate(journal, &results, &err))
        fail_msg("%s", err.text);
    json_decref(journal);
    return results;
}

/* The text of the first warning with that id, or NULL. Borrowed. */
static inline const char *made_warning(const json_t *results, const char *id)
{
    size_t i = 0;
    json_t *warning = NULL;
    json_array_foreach (json_object_get(results, "warnings"), i, warning) {
        if (!strcmp(json_string_value(json_object_get(warning, "id")), id))
            return json_string_value(json_object_get(warning, "text"));
    }
    return NULL;
}

#endif
