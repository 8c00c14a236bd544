/* merge.c: see merge.h. Results go in as they are and nothing is computed, so the merged
 * file has all that the single files have. */
#include "analysis/compare/merge.h"

#include "analysis/compare/compare_file.h"
#include "analysis/compare/compare_text.h"
#include "common/json.h"
#include "common/schema.h"

#include <stdio.h>
#include <string.h>

static const char *run_id_of(const json_t *entry)
{
    return json_text_of(json_object_get(json_object_get(entry, "results"), "run"), "id");
}

static const char *host_of(const json_t *entry)
{
    const json_t *environment =
        json_object_get(json_object_get(entry, "results"), "environment");
    return json_text_of(json_object_get(environment, "host"), "name");
}

static int add_results(json_t *list, json_t *results, const char *label, struct err *err)
{
    const json_t *run = json_object_get(results, "run");
    json_t *entry = json_object();
    size_t i = 0;
    json_t *other = NULL;
    json_array_foreach (list, i, other) {
        if (!strcmp(run_id_of(other), json_text_of(run, "id"))) {
            json_decref(entry);
            return err_set(err, EXIT_CODE_USAGE,
                           "run.id: %.64s is already in the merged file",
                           json_text_of(run, "id"));
        }
    }
    json_put(entry, "label", json_string(label));
    json_put(entry, "results", json_incref(results));
    json_push(list, entry);
    if (json_array_size(list) > COMPARE_FILES_MAX)
        return err_set(err, EXIT_CODE_USAGE, "more than %d runs in one file",
                       COMPARE_FILES_MAX);
    if (!json_is_true(json_object_get(run, "complete")))
        return err_set(err, EXIT_CODE_USAGE,
                       "run.complete: the run was interrupted; finish it with `concbench "
                       "run --resume`");
    return 0;
}

static int add_merged(json_t *list, const json_t *document, struct err *err)
{
    size_t i = 0;
    json_t *entry = NULL;
    if (merge_check(document, err))
        return -1;
    json_array_foreach (json_object_get(document, "merged"), i, entry) {
        if (add_results(list, json_object_get(entry, "results"),
                        json_text_of(entry, "label"), err)) {
            err_prefix(err, "merged[%zu].results", i);
            return -1;
        }
    }
    return 0;
}

static int add_file(json_t *list, const char *path, size_t *weight, struct err *err)
{
    json_auto_t *document = NULL;
    if (compare_read(path, weight, &document, err))
        return -1;
    int status = 0;
    if (json_object_get(document, "merged"))
        status = add_merged(list, document, err);
    else if (schema_check("results", NULL, document, err))
        status = -1;
    else
        status = add_results(list, document, "", err);
    if (status)
        err_prefix(err, "%.200s", path);
    return status;
}

/* The number of entries that would have this label or, for NULL, that have no host. */
static size_t count_host(const json_t *list, const char *host)
{
    size_t i = 0, count = 0;
    json_t *entry = NULL;
    json_array_foreach (list, i, entry)
        count += !strcmp(host_of(entry), host);
    return count;
}

/* A merged file usually compares hosts, so the hosts are the labels where they tell the
 * runs apart. Otherwise the run ids are. */
static void put_labels(json_t *list)
{
    size_t i = 0;
    json_t *entry = NULL;
    json_array_foreach (list, i, entry) {
        struct compare_text host = compare_text_clean(host_of(entry), 64);
        bool is_telling = *host.s && count_host(list, host_of(entry)) == 1;
        json_put(entry, "label", json_string(is_telling ? host.s : run_id_of(entry)));
    }
}

int merge_files(const char *const *paths, size_t count, json_t **out_merged,
                struct err *err)
{
    json_t *merged = json_object(), *list = json_array();
    json_put(merged, "schema_version", json_integer(1));
    json_put(merged, "merged", list);
    int status = 0;
    size_t weight = 0;
    for (size_t i = 0; i < count && !status; i++)
        status = add_file(list, paths[i], &weight, err);
    if (!status) {
        put_labels(list);
        status = merge_check(merged, err);
    }
    if (status) {
        json_decref(merged);
        return status;
    }
    *out_merged = merged;
    return 0;
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
            if (j < i && !strcmp(run_id_of(one), run_id_of(other)))
                return err_set(err, EXIT_CODE_USAGE,
                               "merged[%zu].results.run.id: listed twice", i);
        }
    }
    return 0;
}
