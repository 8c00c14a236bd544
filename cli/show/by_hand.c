/* by_hand.c: see by_hand.h. */
#include "cli/show/by_hand.h"

#include "common/memory.h"

#include <string.h>

char *by_hand(const json_t *words)
{
    char *line = NULL;
    size_t size = 0;
    if (json_array_size(words) == 0)
        return NULL;
    FILE *out = memory_stream(&line, &size);
    for (size_t i = 0; i < json_array_size(words); i++) {
        const char *word = json_string_value(json_array_get(words, i));
        if (!word || !strcmp(word, "--trace"))
            continue;
        if (!strcmp(word, "--result-fd")) {
            i++;
            continue;
        }
        const char *quote = word[strcspn(word, " ?&;'\"$()|<>*\\")] ? "'" : "";
        (void)fprintf(out, "%s%s%s%s", i > 0 ? " " : "", quote, word, quote);
    }
    memory_stream_close(out, &line);
    return line;
}
