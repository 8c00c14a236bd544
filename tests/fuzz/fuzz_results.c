/* fuzz_results.c: a results file from anywhere, loaded and summarised by the report. */
#include "fuzz.h"

#include "common/cleanup.h"
#include "report/page/summary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    char path[64];
    AUTO_FD int fd = fuzz_file(data, size, path);
    struct results *results = NULL;
    AUTO_FREE char *markdown = NULL;
    AUTO_FREE char *csv = NULL;
    size_t length = 0;
    (void)fd;
    if (load_results(path, &results, &err))
        return 0;
    summary_md(results, &markdown, &length);
    summary_csv(results, &csv, &length);
    load_free(results);
    return 0;
}
