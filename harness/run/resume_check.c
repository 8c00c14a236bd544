/* resume_check.c: checks that the resumed run is the one that was begun; see resume.h. */
#include "harness/run/resume.h"

#include "common/cleanup.h"
#include "common/json.h"
#include "common/redact.h"
#include "harness/run/programs.h"
#include "harness/trial/command.h"

#include <stdlib.h>
#include <string.h>

/* A fact that distinguishes one machine from another, or from the same with other
 * parts. */
int resume_check_machine(const json_t *then, const json_t *now, struct err *err)
{
    static const char *const facts[][2] = {
        {"host", "name"},          {"cpu", "model"},
        {"cpu", "count"},          {"cpu", "online"},
        {"cpu", "microcode"},      {"kernel", "release"},
        {"kernel", "version"},     {"kernel", "machine"},
        {"memory", "total_bytes"}, {"memory", "swap_total_bytes"},
        {"host", "cgroup_cpus"},   {"host", "cgroup_memory_bytes"},
        {"cpu", "governor"},       {"placement", "runner_cpus"},
        {"libraries", "libc"},     {"placement", "origin_cpus"},
        {"build", "type"},         {"placement", "origin_threads"}};
    for (size_t i = 0; i < COUNT_OF(facts); i++) {
        const json_t *old =
            json_object_get(json_object_get(then, facts[i][0]), facts[i][1]);
        const json_t *new =
            json_object_get(json_object_get(now, facts[i][0]), facts[i][1]);
        if (json_equal(old, new) || (!old && !new))
            continue;
        AUTO_FREE char *was = json_dumps(old, JSON_ENCODE_ANY);
        AUTO_FREE char *is = json_dumps(new, JSON_ENCODE_ANY);
        return err_set(err, EXIT_CODE_USAGE,
                       "this is another machine: %s.%s was %.100s and is now %.100s; "
                       "start a new run",
                       facts[i][0], facts[i][1], was ? was : "unknown",
                       is ? is : "unknown");
    }
    return 0;
}

int resume_check_programs(const json_t *then, const json_t *now, struct err *err)
{
    const char *name = NULL;
    json_t *hash = NULL;
    json_object_foreach ((json_t *)(uintptr_t)now, name, hash) {
        if (json_equal(json_object_get(then, name), hash))
            continue;
        const bool is_model = !strncmp(name, "model ", 6);
        return err_set(
            err, EXIT_CODE_USAGE,
            "the programs have changed: %.100s is not the one that was measured; %s",
            name,
            is_model ? "give its command again with --runner, or start a new run"
                     : "start a new run");
    }
    json_object_foreach ((json_t *)(uintptr_t)then, name, hash) {
        if (!json_object_get(now, name))
            return err_set(
                err, EXIT_CODE_USAGE,
                "the programs have changed: %.100s is no longer used; start a new run",
                name);
    }
    return 0;
}

/* Cells are compared by what they are and by whether they can run, not by the wording of
 * a reason. */
int resume_check_plan(const struct plan *plan, const json_t *then, struct err *err)
{
    static const char *const keys[] = {"scenario", "model", "concurrency", "requests",
                                       "arm"};
    json_auto_t *now = plan_json(plan);
    if (json_array_size(now) != json_array_size(then))
        return err_set(err, EXIT_CODE_USAGE,
                       "the plan has changed: it had %zu cells and now has %zu",
                       json_array_size(then), json_array_size(now));
    for (size_t i = 0; i < json_array_size(now); i++) {
        const json_t *a = json_array_get(then, i), *b = json_array_get(now, i);
        bool is_same = json_is_null(json_object_get(a, "skip_reason")) ==
                       json_is_null(json_object_get(b, "skip_reason"));
        for (size_t k = 0; k < COUNT_OF(keys); k++) {
            const json_t *old = json_object_get(a, keys[k]);
            const json_t *new = json_object_get(b, keys[k]);
            is_same = is_same && (json_equal(old, new) || (!old && !new));
        }
        if (!is_same)
            return err_set(
                err, EXIT_CODE_USAGE,
                "the plan has changed: the cell %.64s/%.64s/%" JSON_INTEGER_FORMAT
                " differs%s%.150s",
                json_text_of(b, "scenario"), json_text_of(b, "model"),
                json_integer_value(json_object_get(b, "concurrency")),
                *json_text_of(b, "skip_reason") ? ": " : "",
                json_text_of(b, "skip_reason"));
    }
    return 0;
}

static bool has_cell(const json_t *cells, const json_t *entry)
{
    static const char *const keys[] = {"model", "concurrency", "requests", "scenario"};
    const json_t *cell = NULL;
    size_t i = 0;
    json_array_foreach (cells, i, cell) {
        size_t same = 0;
        while (same < COUNT_OF(keys) && json_equal(json_object_get(cell, keys[same]),
                                                   json_object_get(entry, keys[same])))
            same++;
        if (same == COUNT_OF(keys))
            return true;
    }
    return false;
}

int rerun_check_plan(const struct plan *plan, const json_t *cells, struct err *err)
{
    json_auto_t *now = plan_json(plan);
    size_t i = 0, found = 0;
    json_t *entry = NULL;
    json_array_foreach (now, i, entry) {
        if (json_object_get(entry, "arm"))
            continue;
        if (!has_cell(cells, entry))
            return err_set(err, EXIT_CODE_USAGE,
                           "this suite plans a cell %.64s/%.64s/%" JSON_INTEGER_FORMAT
                           " of %" JSON_INTEGER_FORMAT
                           " requests, which is not among its cells; start a new run",
                           json_text_of(entry, "scenario"), json_text_of(entry, "model"),
                           json_integer_value(json_object_get(entry, "concurrency")),
                           json_integer_value(json_object_get(entry, "requests")));
        found++;
    }
    return found == json_array_size(cells)
               ? 0
               : err_set(err, EXIT_CODE_USAGE,
                         "it has %zu cells, of which this suite plans %zu; start a new "
                         "run",
                         json_array_size(cells), found);
}

/* The address in the header is masked. Where that removed something, the address has to
 * be given again. */
int resume_choose_url(const json_t *facts, const char *given, const char **out_url,
                      struct err *err)
{
    const char *stored = json_string_value(json_object_get(facts, "url"));
    if (!stored && given)
        return err_set(err, EXIT_CODE_USAGE, "--url: the run has none");
    if (!given && stored && strstr(stored, "***"))
        return err_set(err, EXIT_CODE_USAGE,
                       "the address is stored only as %.200s; give it again with "
                       "--url",
                       stored);
    *out_url = given ? given : stored;
    AUTO_FREE char *masked = given ? redact_url(given) : NULL;
    if (masked && strcmp(masked, stored) != 0)
        return err_set(err, EXIT_CODE_USAGE,
                       "--url: %.150s is not the address of the run, %.150s", masked,
                       stored);
    return 0;
}

int resume_check_trust(const json_t *facts, const struct run_options *options,
                       struct err *err)
{
    const char *stored = json_text_of(facts, "ca_file");
    AUTO_FREE char *given = redact_paths(options->ca_file ? options->ca_file : "");
    if (strcmp(given, stored) != 0)
        return err_set(err, EXIT_CODE_USAGE, "--cacert: the run trusted %.200s; %s",
                       *stored ? stored : "the system's certificates",
                       *stored ? "give it again" : "leave the option out");
    if (json_is_true(json_object_get(facts, "insecure")) != options->is_insecure)
        return err_set(err, EXIT_CODE_USAGE, "--insecure: the run %s certificates; %s",
                       options->is_insecure ? "verified" : "did not verify",
                       options->is_insecure ? "leave the option out"
                                            : "give the option again");
    return 0;
}
