/* compare_load.c: reads a comparison (results/schema/compare.schema.json). Its tables are
 * written from the document itself, with accessors that accept anything; this file checks
 * what the page cannot do without. */
#include "report/page/compare.h"

#include "common/format.h"
#include "common/json.h"
#include "report/data/load_clean.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX 2000000

const json_t *compare_part(const struct comparison_page *page, const char *key)
{
    return json_object_get(page->json, key);
}

/* Names each run by a letter if the labels are too long for a chart. */
static void name_runs(struct comparison_page *page)
{
    bool fits = true;
    for (size_t i = 0; i < page->count; i++)
        fits = fits && strlen(page->runs[i].label) <= 16;
    for (size_t i = 0; i < page->count; i++) {
        struct compare_run *run = &page->runs[i];
        if (fits)
            run->in_chart = format_label(run->label, 16);
        else
            (void)snprintf(run->in_chart.s, sizeof run->in_chart.s, "%c",
                           (char)('A' + (int)i));
        palette_add_run(&page->palette, run->in_chart.s);
    }
}

static int load_runs(struct comparison_page *page, struct err *err)
{
    json_t *files = NULL, *file = NULL;
    size_t i = 0;
    if (json_need_array(page->json, "", "files", COMPARE_FILES_MAX, &files, err))
        return -1;
    if (json_array_size(files) < 2 && !page->is_hosts)
        return err_set(err, EXIT_CODE_USAGE, "files: expected two or more");
    json_array_foreach (files, i, file) {
        char at[32];
        (void)snprintf(at, sizeof at, "files[%zu]", i);
        if (!json_is_object(file))
            return err_set(err, EXIT_CODE_USAGE, "%s: expected an object", at);
        if (json_need_string(file, at, "label", 1, 1024, &page->runs[i].label, err))
            return -1;
    }
    page->count = i;
    return 0;
}

/* Of hosts only the first is asked for. */
static int check_parts(const json_t *json, bool is_hosts, struct err *err)
{
    static const char *const arrays[] = {"scenarios", "cells", "outcomes", "comparisons",
                                         "skipped"};
    uint64_t version = 0;
    json_t *part = NULL;
    if (json_need_uint(json, "", "schema_version", 1, 1, &version, err) ||
        json_need_object(json, "", "environment", &part, err))
        return -1;
    for (size_t i = 0; i < (is_hosts ? 1 : COUNT_OF(arrays)); i++) {
        if (json_need_array(json, "", arrays[i], ITEMS_MAX, &part, err))
            return -1;
    }
    return 0;
}

int compare_load(const char *path, struct comparison_page *page, struct err *err)
{
    json_t *raw = NULL;
    if (json_load_path(path, COMPARE_BYTES_MAX, &raw, err))
        return -1;
    page->json = raw;
    load_clean(raw);
    if (check_parts(page->json, page->is_hosts, err) || load_runs(page, err)) {
        err_prefix(err, "%.200s", path);
        return -1;
    }
    if (!page->is_hosts)
        name_runs(page);
    return 0;
}

void compare_done(struct comparison_page *page)
{
    for (size_t i = 0; i < page->chart_count; i++)
        chart_done(&page->charts[i]);
    free(page->charts);
    free(page->chart_scenario);
    free(page->drawings);
    json_decref(page->json);
}
