/* list: a word in a text that lists some. */
#ifndef COMMON_LIST_H
#define COMMON_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Whether word is one of those that the first length bytes of list have between
 * separators, each a byte. list may be NULL when length is 0. */
static inline bool list_has(const char *list, size_t length, const char *separators,
                            const char *word)
{
    for (size_t at = 0; at < length;) {
        size_t size = strcspn(list + at, separators);
        size = size < length - at ? size : length - at;
        if (size == strlen(word) && !memcmp(list + at, word, size))
            return true;
        at += size + 1;
    }
    return false;
}

#endif
