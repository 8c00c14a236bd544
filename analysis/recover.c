/* recover.c: see recover.h. */
#include "analysis/recover.h"

#include "analysis/aggregate.h"
#include "common/cleanup.h"
#include "common/journal.h"
#include "common/json.h"
#include "common/paths.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool recover_is_journal(const char *path)
{
    static const char ending[] = ".jsonl";
    const size_t length = strlen(path);
    return length >= sizeof ending && !strcmp(path + length - sizeof ending + 1, ending);
}

static json_int_t trials_of(const json_t *results)
{
    return json_integer_value(
        json_object_get(json_object_get(results, "run"), "trials_run"));
}

static bool is_complete(const json_t *results)
{
    return json_is_true(json_object_get(json_object_get(results, "run"), "complete"));
}

int recover_journal(const char *path, size_t max_weight, json_t **out_results,
                    struct err *err)
{
    json_auto_t *lines = NULL, *results = NULL;
    if (journal_read_within(path, max_weight, &lines, err))
        return -1;
    if (json_array_size(lines) == 0)
        return err_set(err, EXIT_CODE_USAGE,
                       "%.300s: the journal has no complete line; nothing was measured",
                       path);
    if (aggregate(lines, &results, err)) {
        err_prefix(err, "%.300s", path);
        return -1;
    }
    if (trials_of(results) == 0)
        return err_set(err, EXIT_CODE_USAGE,
                       "%.300s: no timed trial was finished, so there is nothing to "
                       "report; `concbench run --resume` goes on from there",
                       path);
    *out_results = json_incref(results);
    return 0;
}

/* Whether the journal holds more of the same run than the document does. */
static bool has_more(const json_t *from_journal, const json_t *document)
{
    const json_t *id = json_object_get(json_object_get(document, "run"), "id");
    if (!id ||
        !json_equal(id, json_object_get(json_object_get(from_journal, "run"), "id")))
        return false;
    return trials_of(from_journal) > trials_of(document) ||
           (is_complete(from_journal) && !is_complete(document));
}

static bool is_document(const json_t *json)
{
    return json_object_get(json, "cells") || json_object_get(json, "merged");
}

static int join(char *out_path, const char *folder, const char *name, struct err *err)
{
    int length = snprintf(out_path, PATH_MAX, "%s/%s", folder, name);
    return length < 0 || length >= PATH_MAX
               ? err_set(err, EXIT_CODE_USAGE, "%.100s...: path too long", folder)
               : 0;
}

/* The journal named by the user; results.json beside it is looked at only to see whether
 * it has as much. */
static int load_named_journal(struct recovered *found, size_t max_bytes, struct err *err)
{
    char beside[PATH_MAX];
    json_auto_t *document = NULL;
    const char *slash = strrchr(found->journal, '/');
    (void)snprintf(found->folder, sizeof found->folder, "%.*s",
                   !slash                    ? 1
                   : slash == found->journal ? 1
                                             : (int)(slash - found->journal),
                   slash ? found->journal : ".");
    if (join(beside, found->folder, "results.json", err) ||
        recover_journal(found->journal, JOURNAL_WEIGHT_LIMIT, &found->results, err))
        return -1;
    found->is_from_journal = true;
    found->is_to_write = access(beside, F_OK) != 0;
    if (!found->is_to_write && !json_load_path(beside, max_bytes, &document, NULL))
        found->is_to_write = has_more(found->results, document);
    return 0;
}

static int load_folder(const char *folder, size_t max_bytes, struct recovered *found,
                       struct err *err)
{
    char file[PATH_MAX];
    struct err document_err = {0};
    json_auto_t *document = NULL, *results = NULL;
    if (join(file, folder, "results.json", err) ||
        join(found->journal, folder, "trials.jsonl", err))
        return -1;
    (void)snprintf(found->folder, sizeof found->folder, "%s", folder);
    const bool is_missing = access(file, F_OK) != 0;
    const bool has_journal = !access(found->journal, F_OK);
    const int status = json_load_path(file, max_bytes, &document, &document_err);
    const bool is_sound = !status && is_document(document);
    if (!has_journal || (is_sound && is_complete(document))) {
        found->results = json_incref(document);
        return status ? err_set(err, document_err.code, "%s", document_err.text) : 0;
    }
    if (recover_journal(found->journal, JOURNAL_WEIGHT_LIMIT, &results,
                        is_sound ? NULL : err)) {
        found->results = json_incref(document);
        return is_sound ? 0 : -EXIT_CODE_USAGE;
    }
    found->is_from_journal = !is_sound || has_more(results, document);
    found->is_to_write = is_missing || (is_sound && found->is_from_journal);
    found->results = json_incref(found->is_from_journal ? results : document);
    return 0;
}

int recover_load(const char *given, size_t max_bytes, struct recovered *out_recovered,
                 struct err *err)
{
    struct stat st;
    struct recovered found = {.results = NULL};
    int status = 0;
    given = paths_results(given);
    if (!stat(given, &st) && S_ISDIR(st.st_mode)) {
        status = load_folder(given, max_bytes, &found, err);
    } else if (recover_is_journal(given)) {
        (void)snprintf(found.journal, sizeof found.journal, "%s", given);
        status = load_named_journal(&found, max_bytes, err);
    } else {
        status = json_load_path(given, max_bytes, &found.results, err);
    }
    if (status) {
        json_decref(found.results);
        return status;
    }
    *out_recovered = found;
    return 0;
}
