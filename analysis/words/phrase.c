/* phrase.c: see phrase.h. */
#include "analysis/words/phrase.h"

#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define TEXT "text"

/* Appends a piece; text after text becomes one piece. */
static void append(json_t *phrase, const char *kind, const char *text)
{
    const size_t count = json_array_size(phrase);
    json_t *last = json_array_get(phrase, count - 1);
    const char *before = json_string_value(json_object_get(last, TEXT));
    if (!*text)
        return;
    if (before && !strcmp(kind, TEXT)) {
        json_put(last, TEXT, memory_must(json_sprintf("%s%s", before, text)));
        return;
    }
    json_t *piece = json_object();
    json_put(piece, kind, json_text(text));
    json_push(phrase, piece);
}

static void append_all(json_t *phrase, const json_t *more)
{
    size_t i = 0;
    json_t *piece = NULL;
    json_array_foreach (more, i, piece) {
        const char *kind = json_object_iter_key(json_object_iter(piece));
        append(phrase, kind, json_text_of(piece, kind));
    }
}

json_t *phrase_piece(const char *kind, const char *text)
{
    json_t *phrase = json_array();
    append(phrase, kind, text);
    return phrase;
}

json_t *phrase_text(const char *format, ...)
{
    char text[600];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return phrase_piece(TEXT, text);
}

json_t *phrase_count(double count, const char *thing)
{
    return phrase_text("%.0f %s%s", count, thing, count > 1 || count < 1 ? "s" : "");
}

void phrase_slot(json_t *slots, const char *name, json_t *phrase)
{
    if (phrase)
        json_put(slots, name, phrase);
}

void phrase_add(json_t *phrases, json_t *phrase)
{
    if (phrase)
        json_push(phrases, phrase);
}

json_t *phrase_fill(const char *template, const json_t *slots)
{
    json_t *phrase = json_array();
    for (const char *at = template; *at;) {
        const size_t plain = strcspn(at, "{"), name = strcspn(at + plain, "}");
        AUTO_FREE char *text = memory_strndup(at, plain);
        append(phrase, TEXT, text);
        at += plain;
        if (!*at)
            break;
        const json_t *slot = json_object_getn(slots, at + 1, name - 1);
        if (!slot) {
            json_decref(phrase);
            return NULL;
        }
        append_all(phrase, slot);
        at += name + 1;
    }
    return phrase;
}

json_t *phrase_list(json_t *phrases, const char *between, const char *last)
{
    json_t *list = json_array(), *one = NULL;
    size_t i = 0;
    json_array_foreach (phrases, i, one) {
        append(list, TEXT,
               i == 0                              ? ""
               : i + 1 == json_array_size(phrases) ? last
                                                   : between);
        append_all(list, one);
    }
    json_decref(phrases);
    return list;
}

json_t *phrase_plain(const json_t *phrase)
{
    json_auto_t *all = json_array();
    size_t i = 0;
    json_t *piece = NULL;
    json_array_foreach (phrase, i, piece)
        append(all, TEXT,
               json_text_of(piece, json_object_iter_key(json_object_iter(piece))));
    return json_text(json_text_of(json_array_get(all, 0), TEXT));
}

json_t *phrase_capital(json_t *phrase)
{
    json_t *first = json_array_get(phrase, 0);
    const char *kind = json_object_iter_key(json_object_iter(first));
    const char *text = json_text_of(first, kind ? kind : "text");
    const bool is_plain = !strcmp(kind ? kind : "", "text") ||
                          strspn(text, "abcdefghijklmnopqrstuvwxyz") == strlen(text);
    char copy[600];
    if (!*text || !is_plain)
        return phrase;
    (void)snprintf(copy, sizeof copy, "%c%s", toupper((unsigned char)*text), text + 1);
    json_put(first, kind, json_text(copy));
    return phrase;
}
