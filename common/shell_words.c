/* shell_words.c: see shell_words.h. Not wordexp(3): it runs a shell for $(...). */
#include "common/shell_words.h"

#include "common/cleanup.h"
#include "common/memory.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLANKS " \t\r\n"

/* One word from *at on into out, which has room for all of text. NULL, or the quote that
 * has no end. */
static const char *read_word(const char **at, char *out)
{
    const char *p = *at;
    char quote = '\0';
    const char *opened = NULL;
    for (; *p && (quote || !strchr(BLANKS, *p)); p++) {
        const bool escapes = *p == '\\' && p[1] && quote != '\'' &&
                             (!quote || p[1] == '"' || p[1] == '\\');
        if (escapes) {
            *out++ = *++p;
        } else if (quote ? *p == quote : *p == '\'' || *p == '"') {
            opened = quote ? NULL : p;
            quote = quote ? '\0' : *p;
        } else {
            *out++ = *p;
        }
    }
    *out = '\0';
    *at = p;
    return opened;
}

int shell_words_split(const char *text, char ***out_words, size_t *out_count,
                      struct err *err)
{
    size_t count = 0;
    AUTO_FREE char *word = memory_malloc(strlen(text) + 1);
    char **words = memory_calloc(strlen(text) / 2 + 2, sizeof *words);
    for (const char *at = text + strspn(text, BLANKS); *at; at += strspn(at, BLANKS)) {
        const char *open_quote = read_word(&at, word);
        if (open_quote) {
            shell_words_free(words);
            return err_set(err, EXIT_CODE_USAGE, "the quote at byte %zu has no end",
                           (size_t)(open_quote - text) + 1);
        }
        words[count++] = memory_strdup(word);
    }
    *out_words = words;
    *out_count = count;
    return 0;
}

void shell_words_free(char **words)
{
    for (char **word = words; word && *word; word++)
        free(*word);
    free((void *)words);
}
