/* fuzz_document.c: a runner's result document, the word of a stranger. */
#include "fuzz.h"

#include "harness/trial/collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct collect_document document;
    struct err err = {0};
    if (!collect_document((const char *)data, size, "threads", NULL, &document, &err))
        collect_done(&document);
    return 0;
}
