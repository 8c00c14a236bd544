/* index_load.c: reads catalogue.json and the results it speaks of. */
#include "report/page/index.h"

#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"
#include "report/data/load_clean.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CATALOGUE_BYTES_MAX (4U << 20)
#define TEXT_MAX            65536

const struct index_file index_files[INDEX_FILES] = {
    {"report.html", "report"},
    {"results.json", "results.json"},
    {"summary.csv", "summary.csv"},
    {"charts", "charts"},
};

/* As catalogue.json spells it, and for people. */
static const struct {
    const char *word, *name;
} statuses[INDEX_STATUSES] = {
    [INDEX_DONE] = {"done", "done"},
    [INDEX_INTERRUPTED] = {"interrupted", "interrupted"},
    [INDEX_FAILED] = {"failed", "failed"},
    [INDEX_SKIPPED] = {"skipped", "skipped"},
    [INDEX_NOT_RUN] = {"not-run", "not run"},
};

const char *index_status_name(enum index_status status)
{
    return statuses[status].name;
}

static int read_status(const json_t *item, const char *at, struct index_entry *entry,
                       struct err *err)
{
    const char *word = NULL;
    if (json_need_string(item, at, "status", 1, 64, &word, err))
        return -1;
    for (size_t i = 0; i < INDEX_STATUSES; i++) {
        if (!strcmp(statuses[i].word, word)) {
            entry->status = (enum index_status)i;
            return 0;
        }
    }
    return err_set(err, EXIT_CODE_USAGE,
                   "%s.status: '%.32s' is not one of done, interrupted, failed, skipped, "
                   "not-run",
                   at, word);
}

/* A number, or null: NaN. */
static int read_seconds(const json_t *object, const char *at, const char *key,
                        double *out_s, struct err *err)
{
    *out_s = (double)NAN;
    if (json_is_null(json_object_get(object, key)))
        return 0;
    return json_get_real(object, at, key, out_s, err);
}

/* A string, or null: "". */
static int read_text(const json_t *object, const char *at, const char *key,
                     const char **out_text, struct err *err)
{
    *out_text = "";
    if (json_is_null(json_object_get(object, key)))
        return 0;
    return json_get_string(object, at, key, 0, TEXT_MAX, out_text, err);
}

static int read_entry(const json_t *item, const char *at, struct index_entry *entry,
                      struct err *err)
{
    if (!json_is_object(item))
        return err_set(err, EXIT_CODE_USAGE, "%s: expected an object", at);
    if (json_need_string(item, at, "name", 1, 64, &entry->name, err) ||
        read_text(item, at, "title", &entry->title, err) ||
        read_text(item, at, "question", &entry->question, err) ||
        read_text(item, at, "family", &entry->family, err) ||
        read_text(item, at, "reason", &entry->reason, err) ||
        read_seconds(item, at, "wall_s", &entry->wall_s, err) ||
        read_status(item, at, entry, err))
        return -1;
    if (!json_name_is_safe(entry->name)) /* it is the name of a folder */
        return err_set(err, EXIT_CODE_USAGE,
                       "%s.name: expected 1 to 64 of A-Z a-z 0-9 . _ -", at);
    return 0;
}

static bool appears_before(const struct index_page *page, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (!strcmp(page->entries[i].name, page->entries[index].name))
            return true;
    return false;
}

static int read_catalogue(struct index_page *page, struct err *err)
{
    uint64_t version = 0;
    json_t *list = NULL;
    if (json_need_uint(page->json, "", "catalogue_version", 1, 1, &version, err) ||
        read_text(page->json, "", "started", &page->started, err) ||
        read_text(page->json, "", "preset", &page->preset, err) ||
        json_get_bool(page->json, "", "complete", &page->is_complete, err) ||
        read_seconds(page->json, "", "wall_s", &page->wall_s, err) ||
        read_seconds(page->json, "", "limit_s", &page->limit_s, err) ||
        json_need_array(page->json, "", "scenarios", INDEX_ENTRIES_MAX, &list, err))
        return -1;
    page->entries = memory_calloc(json_array_size(list) + 1, sizeof *page->entries);
    for (size_t i = 0; i < json_array_size(list); i++) {
        char at[64];
        (void)snprintf(at, sizeof at, "scenarios[%zu]", i);
        page->count++;
        if (read_entry(json_array_get(list, i), at, &page->entries[i], err))
            return -1;
        if (appears_before(page, i))
            return err_set(err, EXIT_CODE_USAGE, "%s.name: appears twice", at);
    }
    return 0;
}

static void count_what_became(struct index_entry *entry)
{
    for (size_t i = 0; i < entry->results->expectation_count; i++)
        entry->outcomes[entry->results->expectations[i].outcome]++;
    for (size_t i = 0; i < entry->results->cell_count; i++) {
        const char *status = entry->results->cells[i].status;
        entry->cells_skipped += !strcmp(status, "skipped");
        entry->cells_invalid += !strcmp(status, "invalid");
    }
}

static void keep_problem(struct index_entry *entry, const char *text)
{
    entry->problem = memory_strdup(text);
}

static void look_for_files(const char *folder, struct index_entry *entry)
{
    for (size_t i = 0; i < INDEX_FILES; i++) {
        char path[PATH_MAX];
        int length = snprintf(path, sizeof path, "%s/%s/%s", folder, entry->name,
                              index_files[i].path);
        entry->has_file[i] =
            length > 0 && (size_t)length < sizeof path && !access(path, R_OK);
    }
}

/* What load_results reports, without the folder, so that the page does not depend on
 * where it is. */
static const char *without_folder(const char *text, const char *folder)
{
    size_t length = strlen(folder);
    bool begins_with_it = !strncmp(text, folder, length) && text[length] == '/';
    return begins_with_it ? text + length + 1 : text;
}

/* Takes the entry's results, or keeps what is wrong with them. */
static void load_entry(const char *folder, struct index_entry *entry)
{
    char path[PATH_MAX];
    struct err err = {0};
    int length = snprintf(path, sizeof path, "%s/%s/results.json", folder, entry->name);
    if (length < 0 || (size_t)length >= sizeof path || access(path, F_OK)) {
        if (entry->status == INDEX_DONE)
            keep_problem(entry, "results.json is not there");
        return;
    }
    if (load_results(path, &entry->results, &err)) {
        keep_problem(entry, without_folder(err.text, folder));
        return;
    }
    for (size_t i = 0; i < entry->results->scenario_count && !entry->scenario; i++)
        if (!strcmp(entry->results->scenarios[i].name, entry->name))
            entry->scenario = &entry->results->scenarios[i];
    if (entry->scenario) {
        count_what_became(entry);
        return;
    }
    keep_problem(entry, "results.json does not hold this scenario");
    load_free(entry->results);
    entry->results = NULL;
}

int index_load(const char *folder, struct index_page *page, struct err *err)
{
    char path[PATH_MAX];
    json_t *raw = NULL;
    int length = snprintf(path, sizeof path, "%s/catalogue.json", folder);
    if (length < 0 || (size_t)length >= sizeof path)
        return err_set(err, EXIT_CODE_USAGE, "%.100s...: path too long", folder);
    if (json_load_path(path, CATALOGUE_BYTES_MAX, &raw, err))
        return -1;
    page->json = raw;
    load_clean(raw);
    if (read_catalogue(page, err)) {
        err_prefix(err, "%.200s", path);
        return -1;
    }
    for (size_t i = 0; i < page->count; i++) {
        enum index_status status = page->entries[i].status;
        look_for_files(folder, &page->entries[i]);
        if (status == INDEX_DONE || status == INDEX_INTERRUPTED)
            load_entry(folder, &page->entries[i]);
    }
    return 0;
}

void index_done(struct index_page *page)
{
    if (page->drawings)
        render_done(page->drawings, page->count);
    for (size_t i = 0; i < page->count; i++) {
        if (page->charts)
            chart_done(&page->charts[i]);
        load_free(page->entries[i].results);
        free(page->entries[i].problem);
    }
    free(page->drawings);
    free(page->charts);
    free(page->entries);
    json_decref(page->json);
}
