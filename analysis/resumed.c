/* resumed.c: see resumed.h. */
#include "analysis/resumed.h"

#include "common/json.h"
#include "common/memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool is_text(const json_t *line, const char *key, const char *wanted)
{
    const char *text = json_string_value(json_object_get(line, key));
    return text && !strcmp(text, wanted);
}

json_t *resumed_kept(const json_t *journal)
{
    const size_t count = json_array_size(journal);
    json_int_t begun_again = INT64_MAX; /* by the lines after the one looked at */
    bool is_resumed = false;
    for (size_t i = 0; i < count && !is_resumed; i++)
        is_resumed = is_text(json_array_get(journal, i), "type", "resumed");
    if (!is_resumed)
        return json_incref((json_t *)(uintptr_t)journal);
    bool *drops = memory_calloc(count + 1, sizeof *drops);
    for (size_t i = count; i > 0; i--) {
        const json_t *line = json_array_get(journal, i - 1);
        const json_int_t block = json_integer_value(json_object_get(line, "block"));
        if (is_text(line, "type", "resumed") && block < begun_again)
            begun_again = block;
        drops[i - 1] = is_text(line, "type", "trial") && is_text(line, "pass", "timed") &&
                       block >= begun_again;
    }
    json_t *kept = json_array();
    for (size_t i = 0; i < count; i++) {
        if (!drops[i])
            json_push(kept, json_incref(json_array_get(journal, i)));
    }
    free(drops);
    return kept;
}
