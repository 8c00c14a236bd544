/* merge.c: see merge.h. Results go in as they are and nothing is computed, so the merged
 * file has all that the single files have. */
#include "analysis/compare/merge.h"

#include "analysis/compare/compare_file.h"
#include "analysis/compare/compare_text.h"
#include "analysis/compare/merge_label.h"
#include "common/json.h"
#include "common/schema.h"

#include <stdio.h>
#include <string.h>

/* What has been read. */
struct merging {
    json_t *list; /* [{label, results}, ...] */
    struct merge_entry entries[COMPARE_FILES_MAX];
    size_t weight;
};

static const char *run_id_of(const json_t *results)
{
    return json_text_of(json_object_get(results, "run"), "id");
}

/* "0.1.0 (9ea61dd)" */
static struct compare_text version_of(const json_t *results)
{
    const json_t *run = json_object_get(results, "run");
    const char *commit = json_text_of(run, "git_commit");
    struct compare_text text;
    (void)snprintf(text.s, sizeof text.s, "%.60s%s%.7s%s",
                   json_text_of(run, "suite_version"), *commit ? " (" : "", commit,
                   *commit ? ")" : "");
    return text;
}

/* A commit that is not known is no difference. */
static bool has_other_version(const json_t *one, const json_t *other)
{
    const json_t *a = json_object_get(one, "run"), *b = json_object_get(other, "run");
    const char *left = json_text_of(a, "git_commit"),
               *right = json_text_of(b, "git_commit");
    return strcmp(json_text_of(a, "suite_version"), json_text_of(b, "suite_version")) !=
               0 ||
           (*left && *right && strcmp(left, right) != 0);
}

/* Compares the new results with some that are in the file already. */
static int check_pair(const struct merge_entry *old, const struct merge_entry *new,
                      struct err *err)
{
    const json_t *job = merge_job(new->results);
    const char *id = json_text_of(job, "id"), *node = json_text_of(job, "node");
    if (!strcmp(run_id_of(old->results), run_id_of(new->results)))
        return err_set(err, EXIT_CODE_USAGE,
                       "run.id: %.64s is already in the merged file",
                       run_id_of(new->results));
    if (*id && !strcmp(id, json_text_of(merge_job(old->results), "id")) &&
        !strcmp(node, json_text_of(merge_job(old->results), "node")))
        return err_set(err, EXIT_CODE_USAGE,
                       "job %.64s on node '%.64s' is in %.200s as well; take its last "
                       "attempt only",
                       id, node, old->path);
    if (has_other_version(old->results, new->results))
        return err_set(err, EXIT_CODE_USAGE,
                       "measured by concbench %s, but %.200s by %s; measure with one "
                       "version, or compare the files with `concbench compare`",
                       version_of(new->results).s, old->path, version_of(old->results).s);
    return 0;
}

static int add_results(struct merging *merging, const struct merge_source *source,
                       json_t *results, struct err *err)
{
    const size_t count = json_array_size(merging->list);
    if (count == COMPARE_FILES_MAX)
        return err_set(err, EXIT_CODE_USAGE, "more than %d runs in one file",
                       COMPARE_FILES_MAX);
    struct merge_entry *new = &merging->entries[count];
    *new = merge_entry(source->name, source->path, results);
    for (size_t i = 0; i < count; i++) {
        if (check_pair(&merging->entries[i], new, err))
            return -1;
    }
    json_t *entry = json_object();
    json_put(entry, "results", json_incref(results));
    json_push(merging->list, entry);
    if (!json_is_true(json_object_get(json_object_get(results, "run"), "complete")))
        return err_set(err, EXIT_CODE_USAGE,
                       "run.complete: the run was interrupted; finish it with `concbench "
                       "run --resume`");
    return 0;
}

static int add_merged(struct merging *merging, const struct merge_source *source,
                      const json_t *document, json_t *missing, struct err *err)
{
    size_t i = 0;
    json_t *entry = NULL;
    if (merge_check(document, err))
        return -1;
    if (source->name)
        return err_set(err, EXIT_CODE_USAGE,
                       "--name takes results of one run, and this is a merged file");
    json_array_foreach (json_object_get(document, "merged"), i, entry) {
        const struct merge_source kept = {json_text_of(entry, "label"), source->path};
        if (add_results(merging, &kept, json_object_get(entry, "results"), err)) {
            err_prefix(err, "merged[%zu].results", i);
            return -1;
        }
    }
    json_array_foreach (json_object_get(document, "missing"), i, entry)
        json_push(missing, json_incref(entry));
    return 0;
}

static int add_file(struct merging *merging, const struct merge_source *source,
                    json_t *missing, struct err *err)
{
    json_auto_t *document = NULL;
    if (compare_read(source->path, &merging->weight, &document, err))
        return -1;
    int status = 0;
    if (json_object_get(document, "merged"))
        status = add_merged(merging, source, document, missing, err);
    else if (schema_check("results", NULL, document, err))
        status = -1;
    else
        status = add_results(merging, source, document, err);
    if (status)
        err_prefix(err, "%.200s", source->path);
    return status;
}

static int put_labels(struct merging *merging, struct err *err)
{
    size_t i = 0;
    json_t *entry = NULL;
    if (merge_label(merging->entries, json_array_size(merging->list), err))
        return -1;
    json_array_foreach (merging->list, i, entry)
        json_put(entry, "label", json_string(merging->entries[i].label.s));
    return 0;
}

int merge_files(const struct merge_source *sources, size_t count, json_t **out_merged,
                struct err *err)
{
    json_auto_t *merged = json_object(), *missing = json_array();
    struct merging merging = {.list = json_array()};
    size_t i = 0;
    json_t *name = NULL;
    json_put(merged, "schema_version", json_integer(1));
    json_put(merged, "merged", merging.list);
    for (i = 0; i < count; i++) {
        if (add_file(&merging, &sources[i], missing, err))
            return -1;
    }
    if (put_labels(&merging, err))
        return -1;
    json_array_foreach (missing, i, name)
        merge_add_missing(merged, json_string_value(name));
    if (merge_check(merged, err))
        return -1;
    *out_merged = json_incref(merged);
    return 0;
}

static bool has_text(const json_t *list, const char *key, const char *text)
{
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach (list, i, item) {
        const json_t *value = key ? json_object_get(item, key) : item;
        if (json_is_string(value) && !strcmp(json_string_value(value), text))
            return true;
    }
    return false;
}

void merge_add_missing(json_t *merged, const char *name)
{
    const struct compare_text clean = compare_text_clean(name, 64);
    if (!*clean.s || has_text(json_object_get(merged, "merged"), "label", clean.s) ||
        has_text(json_object_get(merged, "missing"), NULL, clean.s))
        return;
    if (!json_object_get(merged, "missing"))
        json_put(merged, "missing", json_array());
    json_push(json_object_get(merged, "missing"), json_string(clean.s));
}

int merge_check(const json_t *merged, struct err *err)
{
    const json_t *list = json_object_get(merged, "merged");
    size_t i = 0, j = 0;
    json_t *one = NULL, *other = NULL;
    if (schema_check("merged", NULL, merged, err))
        return -1;
    json_array_foreach (list, i, one) {
        json_array_foreach (list, j, other) {
            if (j < i &&
                !strcmp(json_text_of(one, "label"), json_text_of(other, "label")))
                return err_set(err, EXIT_CODE_USAGE, "merged[%zu].label: listed twice",
                               i);
            if (j < i && !strcmp(run_id_of(json_object_get(one, "results")),
                                 run_id_of(json_object_get(other, "results"))))
                return err_set(err, EXIT_CODE_USAGE,
                               "merged[%zu].results.run.id: listed twice", i);
        }
    }
    return 0;
}
