/* fuzz_compare.c: results or merged results from anywhere, compared with themselves and
 * written out in every way. */
#include "fuzz.h"

#include "analysis/compare/compare.h"
#include "analysis/compare/hosts.h"
#include "analysis/export/export.h"
#include "common/cleanup.h"

static void write_out(const struct compare_set *set)
{
    static const char *const formats[] = {"csv-long",    "benchmark-action", "junit",
                                          "openmetrics", "benchstat",        "hyperfine"};
    const struct compare_print how = {.is_colored = true, .has_all_rows = true};
    char *text = NULL;
    char names[64] = "";
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    json_t *comparison = compare_make(set);
    if (!out)
        abort();
    json_object_set_new(comparison, "hosts", hosts_sentences(set));
    compare_print(comparison, &how, out);
    compare_markdown(comparison, out);
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        export_find(formats[i])->write(&(struct export_job){set, comparison, i % 2}, out);
    (void)compare_is_worse(comparison);
    (void)compare_environment_differs(comparison, names, sizeof names);
    (void)fclose(out);
    free(text);
    json_decref(comparison);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    struct compare_set set = {.count = 0};
    char path[64];
    AUTO_FD int fd = fuzz_file(data, size, path);
    (void)fd;
    if (!compare_set_add(&set, path, &err) && !compare_set_add(&set, path, &err)) {
        compare_set_label(&set);
        if (set.count >= 2)
            write_out(&set);
    }
    compare_set_done(&set);
    return 0;
}
