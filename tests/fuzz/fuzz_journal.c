/* fuzz_journal.c: a journal, torn or edited, all the way to the results document. */
#include "fuzz.h"

#include "analysis/aggregate.h"
#include "common/cleanup.h"
#include "common/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    char path[64];
    AUTO_FD int fd = fuzz_file(data, size, path);
    json_t *lines = NULL;
    json_t *results = NULL;
    (void)fd;
    if (journal_read(path, &lines, &err))
        return 0;
    if (!aggregate(lines, &results, &err))
        json_decref(results);
    json_decref(lines);
    return 0;
}
