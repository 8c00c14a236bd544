/* merge_label.c: see merge_label.h. */
#include "analysis/compare/merge_label.h"

#include "common/array.h"
#include "common/json.h"
#include "common/paths.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *run_id_of(const json_t *results)
{
    return json_text_of(json_object_get(results, "run"), "id");
}

const json_t *merge_job(const json_t *results)
{
    return json_object_get(json_object_get(results, "environment"), "job");
}

/* The last part of path, which is cut off; "" when there is none. */
static const char *take_last(char *path)
{
    char *slash = strrchr(path, '/');
    if (!slash)
        return "";
    *slash = '\0';
    return slash + 1;
}

/* The folder that the results came in, and not the one that the run itself made. */
static struct compare_text folder_of(const char *path, const json_t *results)
{
    char whole[PATH_MAX];
    struct stat st;
    path = paths_results(path);
    if (!realpath(path, whole) || stat(path, &st))
        return (struct compare_text){""};
    const char *last = take_last(whole);
    if (!S_ISDIR(st.st_mode))
        last = strchr(path, '/') ? take_last(whole) : "";
    if (!strcmp(last, run_id_of(results)))
        last = take_last(whole);
    return compare_text_clean(last, 64);
}

struct merge_entry merge_entry(const char *name, const char *path, const json_t *results)
{
    struct merge_entry entry = {.path = path, .results = results};
    entry.given = compare_text_clean(name, 64);
    entry.folder = folder_of(path, results);
    return entry;
}

static struct compare_text by_given(const struct merge_entry *entry)
{
    return entry->given;
}

static struct compare_text by_node(const struct merge_entry *entry)
{
    return compare_text_clean(json_text_of(merge_job(entry->results), "node"), 64);
}

static struct compare_text by_folder(const struct merge_entry *entry)
{
    return entry->folder;
}

static struct compare_text by_host(const struct merge_entry *entry)
{
    const json_t *environment = json_object_get(entry->results, "environment");
    return compare_text_clean(json_text_of(json_object_get(environment, "host"), "name"),
                              64);
}

static struct compare_text by_run(const struct merge_entry *entry)
{
    return compare_text_clean(run_id_of(entry->results), 64);
}

static struct compare_text (*const kinds[])(const struct merge_entry *) = {
    by_given, by_node, by_folder, by_host, by_run};

/* Whether the name tells entry `index` from all others, and none of them has taken it. */
static bool is_telling(const struct merge_entry *entries, size_t count, size_t index,
                       size_t kind)
{
    const struct compare_text name = kinds[kind](&entries[index]);
    bool is_own = *name.s != '\0';
    for (size_t i = 0; i < count && is_own; i++)
        is_own = i == index || (strcmp(kinds[kind](&entries[i]).s, name.s) != 0 &&
                                strcmp(entries[i].label.s, name.s) != 0);
    return is_own;
}

/* What was given is labelled first, so that no other takes it. A folder tells nothing of
 * a run that is alone. */
int merge_label(struct merge_entry *entries, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (*entries[i].given.s && !is_telling(entries, count, i, 0))
            return err_set(err, EXIT_CODE_USAGE,
                           "two runs are to be called '%s'; give one of them another "
                           "name with --name NAME=FILE",
                           entries[i].given.s);
        entries[i].label = entries[i].given;
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t kind = 1; kind < COUNT_OF(kinds) && !*entries[i].label.s; kind++) {
            if ((kinds[kind] != by_folder || count > 1) &&
                is_telling(entries, count, i, kind))
                entries[i].label = kinds[kind](&entries[i]);
        }
    }
    return 0;
}
